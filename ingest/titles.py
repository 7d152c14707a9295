"""Read one title of the contract, with its products, as an observation, or say why it is rejected."""

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
_MAX_EDITION_LENGTH = 200
_MAX_IDENTIFIER_LENGTH = 200
_KEYS, _ID_KEYS = Title.get_keys(), TitleIds.get_keys()


def _build_scheme_by_key() -> dict[str, str]:
    """Return the scheme of each key of `ids`, in lower case: « idimdb » and « imdb », « isan » and « idisan »."""
    schemes = {}
    for key in _ID_KEYS:
        scheme = key.removeprefix("id").lower()
        schemes.update({key.lower(): scheme, scheme: scheme, f"id{scheme}": scheme})
    return schemes


_SCHEME_BY_KEY = _build_scheme_by_key()


@dataclass(frozen=True, slots=True)
class RawTitle:
    """A title as it arrived, and its position.

    A spreadsheet also gives the position of each product, and the faults of the title or of its products found so far.
    """

    content: Any
    position: Position
    product_positions: Sequence[Position] = ()
    fault: Fault | None = None
    product_faults: Mapping[int, Fault] | None = None


@dataclass(slots=True)
class TitleResult:
    """What became of a title and of its products; `observed` is None when the title was rejected."""

    outcome: LineResult
    products: list[LineResult] = field(default_factory=list)
    observed: ObservedEntry | None = None

    @property
    def is_complete(self) -> bool:
        """Return whether every product is accepted, so that a product that is missing was withdrawn."""
        return self.observed is not None and all(product.is_accepted for product in self.products)

    @property
    def is_only_physical(self) -> bool:
        """Return whether the title was rejected only because its products are discs."""
        return self.observed is None and PHYSICAL_MEDIA in self.fault_kinds and self.fault_kinds <= {"", PHYSICAL_MEDIA}

    @property
    def fault_kinds(self) -> set[str]:
        """Return the kinds of the faults of the title and of its products."""
        return {fault.kind for outcome in (self.outcome, *self.products) for fault in outcome.faults}

    @property
    def has_unknown_word(self) -> bool:
        """Return whether a coded word is unknown."""
        return UNKNOWN_WORD in self.fault_kinds

    @property
    def has_strange_price(self) -> bool:
        """Return whether a price is unusual."""
        return any(warning.kind == STRANGE_PRICE for product in self.products for warning in product.warnings)

    def reject_products(self) -> None:
        """Reject the products accepted so far: none is taken without its title."""
        for product in self.products:
            if product.is_accepted:
                product.faults.append(Fault("", "le titre est rejeté"))

    def to_dict(self) -> dict[str, Any]:
        """Return the title and its products as the report gives them."""
        payload = self.outcome.to_dict("idTitleEditor")
        return payload | {"products": [product.to_dict("idProductEditor") for product in self.products]}


@dataclass(frozen=True, slots=True)
class _ReadProduct:
    """A product, None when it is invalid, and its result."""

    product: Product | None
    outcome: LineResult


def read_title(raw: RawTitle, hosts: Collection[str], now: datetime, hints: KeyHints) -> TitleResult:
    """Read a title and its products; links to other hosts than `hosts` are left out."""
    content = raw.content
    if raw.fault or not isinstance(content, dict):
        return TitleResult(LineResult(raw.position, "", [raw.fault or Fault("", "objet attendu")]))
    warnings = find_unknown_keys(content, _KEYS, hints)
    result = TitleResult(LineResult(raw.position, get_editor_ref(content, "idTitleEditor"), warnings=warnings))
    title = _validate_title(content, result.outcome)
    read_products = _read_products(raw, hints)
    result.products = [read.outcome for read in read_products]
    offers = _build_offers(read_products, _get_edition(title), hosts, now)
    if title is None:
        result.reject_products()
    elif not offers:
        result.outcome.faults.append(Fault("editorProduct", "aucun produit accepté"))
    else:
        ids = dict(_read_identifiers(content.get("ids"), result.outcome, hints))
        result.observed = _build_observation(title, offers, ids)
    return result


def _get_edition(title: Title | None) -> str | None:
    """Return the edition written in a title, unless it is too long to be one."""
    if title is None:
        return None
    edition = split_title(title.fr_title or title.original_title or "").edition
    return edition if edition and len(edition) <= _MAX_EDITION_LENGTH else None


def _read_products(raw: RawTitle, hints: KeyHints) -> list[_ReadProduct]:
    products = raw.content.get("editorProduct")
    products = products[:MAX_PRODUCTS] if isinstance(products, list) else []
    positions = raw.product_positions or [raw.position.get_child("editorProduct", rank) for rank in range(len(products))]
    read_products = [
        _ReadProduct(*read_product(product, position, hints)) for product, position in zip(products, positions, strict=False)
    ]
    for rank, fault in (raw.product_faults or {}).items():
        if rank < len(read_products):
            read_products[rank].outcome.faults.append(fault)
    return read_products


def _validate_title(content: dict[str, Any], outcome: LineResult) -> Title | None:
    try:
        title = Title.model_validate(content)
    except ValidationError as error:
        outcome.faults.extend(list_faults(error))
        return None
    if not (title.fr_title or title.original_title):
        outcome.faults.append(Fault("frTitle", "frTitle ou originalTitle est obligatoire", "missing"))
        return None
    return title


def _build_offers(
    read_products: Sequence[_ReadProduct], edition: str | None, hosts: Collection[str], now: datetime
) -> list[ObservedOffer]:
    """Return the offers of the accepted products, each identity once; a web page is preferred to a box."""
    offers: dict[str, ObservedOffer] = {}
    ref_by_identity: dict[str, str] = {}
    refs: set[str] = set()
    for product, outcome in _list_web_first(read_products):
        offer = make_offer(product, edition, hosts, outcome, now)
        same_offer_ref = ref_by_identity.get(offer.identity)
        if product.id_product_editor in refs:
            outcome.faults.append(Fault("idProductEditor", "numéro déjà donné pour ce titre"))
        elif same_offer_ref is not None:
            reason = f"même offre que « {same_offer_ref} » : mode, qualité, langues et édition identiques"
            outcome.faults.append(Fault("", reason))
        else:
            offers[offer.identity] = offer
            ref_by_identity[offer.identity] = product.id_product_editor
        refs.add(product.id_product_editor)
    return list(offers.values())


def _list_web_first(read_products: Sequence[_ReadProduct]) -> list[tuple[Product, LineResult]]:
    accepted = [(read.product, read.outcome) for read in read_products if read.product and read.outcome.is_accepted]
    return sorted(accepted, key=lambda pair: pair[0].media is Media.BOX)


def _read_identifiers(content: Any, outcome: LineResult, hints: KeyHints) -> Iterator[tuple[str, str]]:
    """Yield the valid identifiers as (scheme, value); the others are left out with a warning."""
    if is_blank(content):
        return
    if not isinstance(content, dict):
        outcome.warnings.append(Fault("ids", "objet attendu, numéros laissés de côté", REJECTED_IDENTIFIER))
        return
    unknown_keys = {key: None for key in content if key.lower() not in _SCHEME_BY_KEY}
    outcome.warnings.extend(find_unknown_keys(unknown_keys, _ID_KEYS, hints, "ids."))
    for key, value in content.items():
        scheme = _SCHEME_BY_KEY.get(key.lower())
        if scheme is None or is_blank(value):
            continue
        identifier = parse_identifier(scheme, _read_identifier_text(value))
        if identifier:
            yield scheme, identifier
        else:
            outcome.warnings.append(Fault(f"ids.{clean_text(key)}", "numéro refusé, laissé de côté", REJECTED_IDENTIFIER))


def _read_identifier_text(value: Any) -> str:
    if not isinstance(value, str | int) or isinstance(value, bool):
        return ""
    return clean_text(str(value)[:_MAX_IDENTIFIER_LENGTH])


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
