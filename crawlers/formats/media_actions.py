"""Read Google Media Actions: a schema.org DataFeed of films, whose actions say how each is watched."""

import re
from collections.abc import Iterator
from typing import Any

from crawlers.extract.transforms import convert_iso_to_minutes
from crawlers.formats.feed_rows import (
    FeedOffer,
    FeedRow,
    convert_duration,
    get_first_item,
    list_objects,
    omit_empty,
    pick_french_text,
    to_list,
)
from crawlers.formats.json_documents import load_json
from domain.common.errors import UserError

_LEADING_YEAR = re.compile(r"[0-9]{4}(?![0-9])")
_ID_SUFFIX = re.compile(r"[_-]?ID$", re.IGNORECASE)


def read_media_actions(data: bytes, name: str, encoding: str | None = None) -> list[FeedRow | Any]:
    """Return the titles of a feed; what is not an object is given as it is.

    Raises UserError when the list of titles is missing.
    """
    content = load_json(data, name, encoding)
    elements = content.get("dataFeedElement") if isinstance(content, dict) else None
    if not isinstance(elements, list | dict):
        raise UserError(f"{name} : dataFeedElement manque, ce n'est pas un flux Media Actions")
    return [_build_row(element) if isinstance(element, dict) else element for element in to_list(elements)]


def _build_row(entity: dict[str, Any]) -> FeedRow:
    row: FeedRow = omit_empty(
        ref=entity.get("@id") or entity.get("url"),
        title=pick_french_text(entity.get("name"), "@value"),
        other_titles=[pick_french_text(title, "@value") for title in to_list(entity.get("alternateName"))],
        year=_get_year(entity),
        directors=_list_names(entity.get("director")),
        minutes=convert_duration(entity.get("duration"), convert_iso_to_minutes),
        countries=_list_names(entity.get("countryOfOrigin")),
        kind=get_first_item(entity.get("@type")),
        url=entity.get("url"),
        ids=_get_ids(entity),
        offers=list(_iter_offers(entity)),
    )
    return row


def _list_names(values: Any) -> list[Any]:
    return [_get_name(value) for value in to_list(values)]


def _get_name(value: Any) -> Any:
    if isinstance(value, dict):
        return pick_french_text(value.get("name"), "@value")
    return value


def _get_year(entity: dict[str, Any]) -> Any:
    """Return the year of the work when the feed tells it, or that of its first release."""
    year = entity.get("copyrightYear") or entity.get("dateCreated")
    if year:
        return year
    dates = [str(event.get("startDate")) for event in list_objects(entity.get("releasedEvent"))]
    matches = filter(None, map(_LEADING_YEAR.match, dates))
    return min((match[0] for match in matches), default=None)


def _get_ids(entity: dict[str, Any]) -> dict[str, Any]:
    ids: dict[str, Any] = {"eidr": entity.get("titleEIDR"), "eidr_edit": entity.get("editEIDR")}
    for identifier in list_objects(entity.get("identifier")):
        scheme = _ID_SUFFIX.sub("", str(identifier.get("propertyID"))).lower()
        ids[scheme] = identifier.get("value")
    return omit_empty(**ids)  # type: ignore[no-any-return]


def _iter_offers(entity: dict[str, Any]) -> Iterator[FeedOffer]:
    """Yield an offer for each price of each access of each action."""
    for action in list_objects(entity.get("potentialAction")):
        if action.get("@type") not in (None, "WatchAction"):
            continue
        for access in list_objects(action.get("actionAccessibilityRequirement")):
            for sale in list_objects(access.get("expectsAcceptanceOf")) or [{}]:
                yield _build_offer(action, access, sale)


def _build_offer(action: dict[str, Any], access: dict[str, Any], sale: dict[str, Any]) -> FeedOffer:
    price = next(iter(list_objects(sale.get("priceSpecification"))), sale)
    offer: FeedOffer = omit_empty(
        mode=access.get("category"),
        price=price.get("price"),
        currency=price.get("priceCurrency"),
        starts=access.get("availabilityStarts") or sale.get("availabilityStarts"),
        ends=access.get("availabilityEnds") or sale.get("availabilityEnds"),
        url=_get_web_url(action.get("target")),
        territories=_list_names(access.get("eligibleRegion")),
        excluded=_list_names(access.get("ineligibleRegion")),
    )
    return offer


def _get_web_url(target: Any) -> Any:
    """Return the first address for a browser: a target may be one entry point, several, or an address alone."""
    for entry_point in to_list(target):
        url = entry_point.get("urlTemplate") if isinstance(entry_point, dict) else entry_point
        if isinstance(url, str) and url.lower().startswith("http"):
            return url
    return None
