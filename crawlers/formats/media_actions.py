"""Google Media Actions: a schema.org DataFeed of films, whose actions say how each is watched."""

import re
from collections.abc import Iterator
from typing import Any

from crawlers.extract.transforms import convert_iso_to_minutes
from crawlers.formats.json_documents import load_json
from crawlers.formats.licence_rows import FeedLine, FeedOffer, list_objects, omit_empty, pick_french_text, read_minutes, to_list
from domain.common.errors import UserError

_LEADING_YEAR = re.compile(r"[0-9]{4}(?![0-9])")
_ID_SUFFIX = re.compile(r"[_-]?ID$", re.IGNORECASE)


def read_media_actions(data: bytes, name: str, encoding: str | None = None) -> list[FeedLine | Any]:
    """The titles of a feed; what is not an object is given as it is. Raises Problem when the list of titles is missing."""
    content = load_json(data, name, encoding)
    elements = content.get("dataFeedElement") if isinstance(content, dict) else None
    if not isinstance(elements, list | dict):
        raise UserError(f"{name} : dataFeedElement manque, ce n'est pas un flux Media Actions")
    return [_build_line(element) if isinstance(element, dict) else element for element in to_list(elements)]


def _build_line(entity: dict[str, Any]) -> FeedLine:
    line: FeedLine = omit_empty(
        ref=entity.get("@id") or entity.get("url"),
        title=pick_french_text(entity.get("name"), "@value"),
        other_titles=[pick_french_text(title, "@value") for title in to_list(entity.get("alternateName"))],
        year=_get_year(entity),
        directors=[_get_name(person) for person in to_list(entity.get("director"))],
        minutes=read_minutes(entity.get("duration"), convert_iso_to_minutes),
        countries=[_get_name(country) for country in to_list(entity.get("countryOfOrigin"))],
        kind=next(iter(to_list(entity.get("@type"))), None),
        url=entity.get("url"),
        ids=_get_ids(entity),
        offers=[offer for action in list_objects(entity.get("potentialAction")) for offer in _iter_offers(action)],
    )
    return line


def _get_name(value: Any) -> Any:
    return pick_french_text(value.get("name"), "@value") if isinstance(value, dict) else value


def _get_year(entity: dict[str, Any]) -> Any:
    """The year of the work when it is told, or that of its first release."""
    if made := entity.get("copyrightYear") or entity.get("dateCreated"):
        return made
    dates = [event.get("startDate") for event in list_objects(entity.get("releasedEvent"))]
    return min((found[0] for date in dates if (found := _LEADING_YEAR.match(str(date)))), default=None)


def _get_ids(entity: dict[str, Any]) -> dict[str, Any]:
    properties = list_objects(entity.get("identifier"))
    named = {_ID_SUFFIX.sub("", str(one.get("propertyID"))).lower(): one.get("value") for one in properties}
    return omit_empty(**{"eidr": entity.get("titleEIDR"), "eidr_edit": entity.get("editEIDR"), **named})  # type: ignore[no-any-return]


def _iter_offers(action: dict[str, Any]) -> Iterator[FeedOffer]:
    if action.get("@type") not in (None, "WatchAction"):
        return
    for access in list_objects(action.get("actionAccessibilityRequirement")):
        for sale in list_objects(access.get("expectsAcceptanceOf")) or [{}]:
            price = next(iter(list_objects(sale.get("priceSpecification"))), sale)
            yield omit_empty(
                mode=access.get("category"),
                price=price.get("price"),
                currency=price.get("priceCurrency"),
                starts=access.get("availabilityStarts") or sale.get("availabilityStarts"),
                ends=access.get("availabilityEnds") or sale.get("availabilityEnds"),
                url=_get_web_url(action.get("target")),
                territories=[_get_name(place) for place in to_list(access.get("eligibleRegion"))],
                excluded=[_get_name(place) for place in to_list(access.get("ineligibleRegion"))],
            )


def _get_web_url(target: Any) -> Any:
    """The first address for a browser: a target may be one entry, several, or an address alone."""
    found = [entry.get("urlTemplate") if isinstance(entry, dict) else entry for entry in to_list(target)]
    web = [address for address in found if isinstance(address, str) and address.lower().startswith("http")]
    return next(iter(web), None)
