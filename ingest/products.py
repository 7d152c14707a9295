"""Read one product of the contract as an offer, or say why it is rejected."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from domain.common.enums import Access
from domain.common.money import format_money
from domain.runs.observation import ObservedOffer, WebAddress
from domain.runs.validation import is_unusual_price
from ingest.codes import Media, Version
from ingest.contract import Product
from ingest.results import Fault, KeyHints, LineResult, Position, find_unknown_keys, get_editor_ref, list_faults

STRANGE_PRICE, REJECTED_LINK, PAST_DATE = "prix inhabituel", "lien écarté", "date passée"
_PRICED_ACCESSES = (Access.RENT, Access.BUY)
_NON_LANGUAGE_VERSIONS = (Version.SDH, Version.AUDIO_DESCRIPTION, Version.MAC)
_WEB_ADDRESS_ADAPTER: TypeAdapter[str] = TypeAdapter(WebAddress)
_KEYS = Product.get_keys()
_MAX_ECHOED_LENGTH = 120


def read_product(content: Any, position: Position, hints: KeyHints) -> tuple[Product | None, LineResult]:
    """Return a product as the contract reads it, None when it is invalid, and its result."""
    outcome = LineResult(position, get_editor_ref(content, "idProductEditor"), warnings=find_unknown_keys(content, _KEYS, hints))
    try:
        product = Product.model_validate(content)
    except ValidationError as error:
        outcome.faults.extend(list_faults(error))
        return None, outcome
    outcome.faults.extend(_find_contradictions(product))
    return product, outcome


def _find_contradictions(product: Product) -> Iterator[Fault]:
    """Yield the faults that no field shows alone."""
    is_priced = product.mode in _PRICED_ACCESSES
    if product.price and not is_priced:
        yield Fault("price", "un prix ne va qu’avec une location ou un achat")
    if product.price == 0 and is_priced:
        yield Fault("price", "0 n’est pas un prix de location ou d’achat : laissez le champ vide si le prix n’est pas à dire")
    if product.url is None and product.media is Media.DIGITAL:
        yield Fault("url", "adresse obligatoire (sauf media DIGITAL_BOX)")
    if product.publication_date and product.expiration_date and product.expiration_date <= product.publication_date:
        yield Fault("expirationDate", "la fin précède le début")
    flags = (
        ("audioDescription", product.audio_description, Version.AUDIO_DESCRIPTION),
        ("sdh", product.sdh, Version.SDH),
    )
    for name, flag, version in flags:
        if flag is False and version in product.lang:
            yield Fault(name, f"contredit par lang ({version})")


def make_offer(
    product: Product, title_edition: str | None, hosts: Collection[str], outcome: LineResult, now: datetime
) -> ObservedOffer:
    """Return the offer of a valid product; a fact that can be left out is left out with a warning."""
    price = product.price or None
    if is_unusual_price(product.mode, price) and price is not None:
        outcome.warnings.append(Fault("price", f"prix inhabituel : {format_money(price, product.currency)}", STRANGE_PRICE))
    if product.expiration_date and product.expiration_date <= now:
        outcome.warnings.append(Fault("expirationDate", "date passée : l’offre ne sera pas montrée", PAST_DATE))
    languages = dict.fromkeys(str(version) for version in product.lang if version not in _NON_LANGUAGE_VERSIONS)
    return ObservedOffer(
        access=product.mode,
        price_cents=price,
        currency=product.currency,
        quality=product.quality,
        languages=tuple(languages),
        audio_description=Version.AUDIO_DESCRIPTION in product.lang or product.audio_description,
        sdh=Version.SDH in product.lang or product.sdh,
        edition=product.edition or title_edition,
        starts=product.publication_date,
        ends=product.expiration_date,
        url=_check_link(product.url, hosts, outcome),
    )


def _check_link(url: str | None, hosts: Collection[str], outcome: LineResult) -> str | None:
    """Return an address of one of the editor's own sites, or None with a warning."""
    if url is None:
        return None
    try:
        address = _WEB_ADDRESS_ADAPTER.validate_python(url)
        parts = urlsplit(url)
        if parts.hostname in hosts and not parts.username:
            return address
    except ValueError:
        pass
    reason = f"adresse hors des sites déclarés, laissée de côté : « {url[:_MAX_ECHOED_LENGTH]} »"
    outcome.warnings.append(Fault("url", reason, REJECTED_LINK))
    return None
