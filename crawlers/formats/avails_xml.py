"""Avails as XML: each Avail has its assets, which say the work, and its transactions, which are the licences."""

from collections.abc import Iterator
from typing import Any

from crawlers.extract.transforms import minutes_from_iso
from crawlers.formats.licence_rows import Line, Offer, as_minutes, in_french, objects, several, told
from crawlers.formats.xml_documents import load_xml
from domain.common.errors import Problem

_METADATA = ("Metadata", "EpisodeMetadata", "SeasonMetadata", "SeriesMetadata", "VolumeMetadata")
_LEVELS = ("", "Episode", "Season", "Series", "Volume")
_PUBLIC_PRICE = "SRP"


def tree_licences(data: bytes, name: str, encoding: str | None) -> Iterator[tuple[Line, Offer]]:
    """The licences of an Avails document. Raises Problem when it is not one."""
    content = load_xml(data, name, encoding)
    root = content.get("AvailList") or {}
    avails = objects(root.get("Avail") if isinstance(root, dict) else None) or objects(content.get("Avail"))
    if not avails:
        raise Problem(f"{name} : AvailList manque, ce n'est pas un document Avails")
    for avail in avails:
        line = _line(avail)
        licences = objects(avail.get("Transaction"))
        for licence in licences:
            yield line, _offer(licence)
        if not licences:
            yield line, {}


def _line(avail: dict[str, Any]) -> Line:
    asset = next(iter(objects(avail.get("Asset"))), {})
    about = next((found for key in _METADATA for found in objects(asset.get(key))), {})
    titles = [
        _text(about.get(f"{level}{title}"))
        for title in ("TitleDisplayUnlimited", "TitleInternalAlias")
        for level in _LEVELS
        if about.get(f"{level}{title}")
    ]
    line: Line = told(
        ref=_text(avail.get("ALID")) or asset.get("@contentID"),
        title=next(iter(titles), None),
        other_titles=titles[1:2],
        year=_text(about.get("ReleaseDate")),
        directors=[_text(one.get("DisplayName")) for one in _directors(about)],
        minutes=as_minutes(_text(about.get("RunLength")), minutes_from_iso),
        kind=_text(asset.get("WorkType")),
        ids=told(eidr=_text(about.get("TitleEIDR-URN")), eidr_edit=_text(about.get("EditEIDR-URN"))),
    )
    return line


def _text(value: Any) -> Any:
    """The text of an element, with or without attributes."""
    return in_french(value, "#text")


def _directors(about: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for person in objects(about.get("People")):
        if any(_text(job.get("JobFunction")) == "Director" for job in objects(person.get("Job"))):
            yield from objects(person.get("Name"))


def _offer(licence: dict[str, Any]) -> Offer:
    terms = [term for term in objects(licence.get("Term")) if term.get("@termName") == _PUBLIC_PRICE]
    money = next((found for term in terms for found in several(term.get("Money"))), None)
    languages = several(licence.get("AllowedLanguage"))
    offer: Offer = told(
        mode=_text(licence.get("LicenseType")),
        price=_text(money),
        currency=money.get("@currency") if isinstance(money, dict) else None,
        quality=_text(licence.get("FormatProfile")),
        languages=[_text(one) for one in languages],
        starts=_text(licence.get("Start")),
        ends=_text(licence.get("End")),
        territories=_places(licence.get("Territory")),
        excluded=_places(licence.get("TerritoryExcluded")),
    )
    return offer


def _places(value: Any) -> list[Any]:
    return [_text(country) for place in objects(value) for country in several(place.get("country"))]
