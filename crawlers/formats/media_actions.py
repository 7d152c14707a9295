"""Google Media Actions: a schema.org DataFeed of films, whose actions say how each is watched."""

import re
from collections.abc import Iterator
from typing import Any

from crawlers.extract.transforms import minutes_from_iso
from crawlers.formats.json_documents import load_json
from crawlers.formats.licence_rows import Line, Offer, as_minutes, in_french, objects, several, told
from domain.common.errors import Problem

_YEAR_FIRST = re.compile(r"[0-9]{4}(?![0-9])")
_ABOUT_ID = re.compile(r"[_-]?ID$", re.IGNORECASE)


def read_media_actions(data: bytes, name: str, encoding: str | None = None) -> list[Line | Any]:
    """The titles of a feed; what is not an object is given as it is. Raises Problem when the list of titles is missing."""
    content = load_json(data, name, encoding)
    elements = content.get("dataFeedElement") if isinstance(content, dict) else None
    if not isinstance(elements, list | dict):
        raise Problem(f"{name} : dataFeedElement manque, ce n'est pas un flux Media Actions")
    return [_line(element) if isinstance(element, dict) else element for element in several(elements)]


def _line(entity: dict[str, Any]) -> Line:
    line: Line = told(
        ref=entity.get("@id") or entity.get("url"),
        title=in_french(entity.get("name"), "@value"),
        other_titles=[in_french(title, "@value") for title in several(entity.get("alternateName"))],
        year=_year(entity),
        directors=[_name(person) for person in several(entity.get("director"))],
        minutes=as_minutes(entity.get("duration"), minutes_from_iso),
        countries=[_name(country) for country in several(entity.get("countryOfOrigin"))],
        kind=next(iter(several(entity.get("@type"))), None),
        url=entity.get("url"),
        ids=_ids(entity),
        offers=[offer for action in objects(entity.get("potentialAction")) for offer in _offers(action)],
    )
    return line


def _name(value: Any) -> Any:
    return in_french(value.get("name"), "@value") if isinstance(value, dict) else value


def _year(entity: dict[str, Any]) -> Any:
    """The year of the work when it is told, or that of its first release."""
    if made := entity.get("copyrightYear") or entity.get("dateCreated"):
        return made
    dates = [event.get("startDate") for event in objects(entity.get("releasedEvent"))]
    return min((found[0] for date in dates if (found := _YEAR_FIRST.match(str(date)))), default=None)


def _ids(entity: dict[str, Any]) -> dict[str, Any]:
    properties = objects(entity.get("identifier"))
    named = {_ABOUT_ID.sub("", str(one.get("propertyID"))).lower(): one.get("value") for one in properties}
    return told(**{"eidr": entity.get("titleEIDR"), "eidr_edit": entity.get("editEIDR"), **named})  # type: ignore[no-any-return]


def _offers(action: dict[str, Any]) -> Iterator[Offer]:
    if action.get("@type") not in (None, "WatchAction"):
        return
    for access in objects(action.get("actionAccessibilityRequirement")):
        for sale in objects(access.get("expectsAcceptanceOf")) or [{}]:
            price = next(iter(objects(sale.get("priceSpecification"))), sale)
            yield told(
                mode=access.get("category"),
                price=price.get("price"),
                currency=price.get("priceCurrency"),
                starts=access.get("availabilityStarts") or sale.get("availabilityStarts"),
                ends=access.get("availabilityEnds") or sale.get("availabilityEnds"),
                url=_web_address(action.get("target")),
                territories=[_name(place) for place in several(access.get("eligibleRegion"))],
                excluded=[_name(place) for place in several(access.get("ineligibleRegion"))],
            )


def _web_address(target: Any) -> Any:
    """The first address for a browser: a target may be one entry, several, or an address alone."""
    found = [entry.get("urlTemplate") if isinstance(entry, dict) else entry for entry in several(target)]
    web = [address for address in found if isinstance(address, str) and address.lower().startswith("http")]
    return next(iter(web), None)
