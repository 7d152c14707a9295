"""One title of the contract, with its products, made an observation, or the reasons why not."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from domain.common.identifiers import parse_identifier
from domain.common.text import clean_text
from domain.common.titles import split_title
from domain.runs.observation import ObservedEntry, ObservedOffer
from ingest.codes import PHYSICAL_MEDIA, UNKNOWN_WORD, Media
from ingest.contract import MAX_PRODUCTS, Product, Title, TitleIds
from ingest.products import STRANGE_PRICE, make_offer, read_product
from ingest.results import Fault, KeyHints, LineResult, Position, find_unknown_keys, get_editor_ref, list_faults
from ingest.values import is_blank

REJECTED_IDENTIFIER = "numéro écarté"
_KEYS, _ID_KEYS = Title.get_keys(), TitleIds.get_keys()
_SCHEME_BY_KEY = {name.lower(): name.removeprefix("id").lower() for name in _ID_KEYS}
_SCHEME_BY_KEY |= {scheme: scheme for scheme in _SCHEME_BY_KEY.values()} | {
    f"id{scheme}": scheme for scheme in _SCHEME_BY_KEY.values()
}


@dataclass(frozen=True, slots=True)
class RawTitle:
    """A title as it arrived, and where it stands.

    A spreadsheet tells where each product stands, and what is already known to be wrong with the title or its products.
    """

    given: Any
    position: Position
    product_positions: Sequence[Position] = ()
    fault: Fault | None = None
    product_faults: Mapping[int, Fault] | None = None


@dataclass(slots=True)
class TitleResult:
    """What became of a title and of its products; `observed` is None when it was rejected."""

    outcome: LineResult
    products: list[LineResult] = field(default_factory=list)
    observed: ObservedEntry | None = None

    @property
    def is_complete(self) -> bool:
        """Whether every product stands, so that what is missing from them was withdrawn."""
        return self.observed is not None and all(product.is_accepted for product in self.products)

    @property
    def is_only_physical(self) -> bool:
        """Whether it was rejected for nothing but discs."""
        return self.observed is None and PHYSICAL_MEDIA in self.fault_kinds and self.fault_kinds <= {"", PHYSICAL_MEDIA}

    @property
    def fault_kinds(self) -> set[str]:
        """The kinds of what is wrong in the title and in its products."""
        return {fault.kind for outcome in (self.outcome, *self.products) for fault in outcome.faults}

    @property
    def has_unknown_word(self) -> bool:
        """Whether a code was not understood."""
        return UNKNOWN_WORD in self.fault_kinds

    @property
    def has_strange_price(self) -> bool:
        """Whether a price is out of the usual."""
        return any(warning.kind == STRANGE_PRICE for product in self.products for warning in product.warnings)

    def reject_products(self) -> None:
        """Rejects what still stands: no product goes without its title."""
        for product in self.products:
            if product.is_accepted:
                product.faults.append(Fault("", "le titre est rejeté"))

    def to_dict(self) -> dict[str, Any]:
        """The title and its products as the report gives them."""
        facts = self.outcome.to_dict("idTitleEditor")
        return facts | {"products": [product.to_dict("idProductEditor") for product in self.products]}


def read_title(raw: RawTitle, hosts: Collection[str], now: datetime, hints: KeyHints) -> TitleResult:
    """Reads a title and its products; only links to `hosts` are kept."""
    given, place = raw.given, raw.position
    if raw.fault or not isinstance(given, dict):
        return TitleResult(LineResult(place, "", [raw.fault or Fault("", "objet attendu")]))
    result = TitleResult(
        LineResult(place, get_editor_ref(given, "idTitleEditor"), warnings=find_unknown_keys(given, _KEYS, hints))
    )
    title = _validate_title(given, result.outcome)
    edition = split_title(title.fr_title or title.original_title or "").edition if title else None
    read = _read_products(raw, hints)
    result.products = [outcome for _, outcome in read]
    offers = _build_offers(read, edition if edition and len(edition) <= 200 else None, hosts, now)
    if title is None:
        result.reject_products()
    elif not offers:
        result.outcome.faults.append(Fault("editorProduct", "aucun produit accepté"))
    else:
        result.observed = _build_observation(title, offers, dict(_read_identifiers(given.get("ids"), result.outcome, hints)))
    return result


def _read_products(raw: RawTitle, hints: KeyHints) -> list[tuple[Product | None, LineResult]]:
    listed = raw.given.get("editorProduct")
    found = listed[:MAX_PRODUCTS] if isinstance(listed, list) else []
    places = raw.product_positions or [raw.position.get_child("editorProduct", rank) for rank in range(len(found))]
    read = [read_product(product, place, hints) for product, place in zip(found, places, strict=False)]
    for rank, fault in (raw.product_faults or {}).items():
        if rank < len(read):
            read[rank][1].faults.append(fault)
    return read


def _validate_title(given: dict[str, Any], outcome: LineResult) -> Title | None:
    try:
        title = Title.model_validate(given)
    except ValidationError as error:
        outcome.faults.extend(list_faults(error))
        return None
    if not (title.fr_title or title.original_title):
        outcome.faults.append(Fault("frTitle", "frTitle ou originalTitle est obligatoire", "missing"))
        return None
    return title


def _build_offers(
    read: Sequence[tuple[Product | None, LineResult]], edition: str | None, hosts: Collection[str], now: datetime
) -> list[ObservedOffer]:
    """The offers of the products that stand, each identity once: a web page goes before a box."""
    found: dict[str, ObservedOffer] = {}
    named: dict[str, str] = {}
    numbers: set[str] = set()
    standing = [(product, outcome) for product, outcome in read if product is not None and outcome.is_accepted]
    for product, outcome in sorted(standing, key=lambda pair: pair[0].media is Media.BOX):
        offer = make_offer(product, edition, hosts, outcome, now)
        if product.id_product_editor in numbers:
            outcome.faults.append(Fault("idProductEditor", "numéro déjà donné pour ce titre"))
        elif (twin := named.get(offer.identity)) is not None:
            outcome.faults.append(Fault("", f"même offre que « {twin} » : mode, qualité, langues et édition identiques"))
        else:
            found[offer.identity], named[offer.identity] = offer, product.id_product_editor
        numbers.add(product.id_product_editor)
    return list(found.values())


def _read_identifiers(given: Any, outcome: LineResult, hints: KeyHints) -> Iterator[tuple[str, str]]:
    """The numbers that can be trusted, by scheme; the others are left out with a warning."""
    if is_blank(given):
        return
    if not isinstance(given, dict):
        outcome.warnings.append(Fault("ids", "objet attendu, numéros laissés de côté", REJECTED_IDENTIFIER))
        return
    outcome.warnings.extend(
        find_unknown_keys({key: 0 for key in given if key.lower() not in _SCHEME_BY_KEY}, _ID_KEYS, hints, "ids.")
    )
    for key, written in given.items():
        scheme = _SCHEME_BY_KEY.get(key.lower())
        if scheme is None or is_blank(written):
            continue
        text = clean_text(str(written)[:200]) if isinstance(written, str | int) and not isinstance(written, bool) else ""
        if number := parse_identifier(scheme, text):
            yield scheme, number
        else:
            outcome.warnings.append(Fault(f"ids.{clean_text(key)}", "numéro refusé, laissé de côté", REJECTED_IDENTIFIER))


def _build_observation(title: Title, offers: list[ObservedOffer], ids: dict[str, str]) -> ObservedEntry:
    return ObservedEntry(
        ref=title.id_title_editor,
        title=title.fr_title or title.original_title or "",
        original_title=title.original_title,
        year=title.production_year,
        directors=tuple(title.director),
        runtime_min=title.duration,
        countries=tuple(title.countries),
        kind=title.type,
        url=next((offer.url for offer in offers if offer.url), None),
        ids=ids,
        offers=tuple(offers),
    )
