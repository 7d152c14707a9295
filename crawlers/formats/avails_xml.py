"""Avails as XML: each Avail has its assets, which say the work, and its transactions, which are the licences."""

from collections.abc import Iterator
from typing import Any

from crawlers.extract.transforms import convert_iso_to_minutes
from crawlers.formats.licence_rows import FeedLine, FeedOffer, list_objects, omit_empty, pick_french_text, read_minutes, to_list
from crawlers.formats.xml_documents import load_xml
from domain.common.errors import UserError

_METADATA_TAGS = ("Metadata", "EpisodeMetadata", "SeasonMetadata", "SeriesMetadata", "VolumeMetadata")
_TITLE_LEVELS = ("", "Episode", "Season", "Series", "Volume")
_PUBLIC_PRICE_TERM = "SRP"


def read_xml_licences(data: bytes, name: str, encoding: str | None) -> Iterator[tuple[FeedLine, FeedOffer]]:
    """The licences of an Avails document. Raises Problem when it is not one."""
    content = load_xml(data, name, encoding)
    root = content.get("AvailList") or {}
    avails = list_objects(root.get("Avail") if isinstance(root, dict) else None) or list_objects(content.get("Avail"))
    if not avails:
        raise UserError(f"{name} : AvailList manque, ce n'est pas un document Avails")
    for avail in avails:
        line = _build_line(avail)
        licences = list_objects(avail.get("Transaction"))
        for licence in licences:
            yield line, _build_offer(licence)
        if not licences:
            yield line, {}


def _build_line(avail: dict[str, Any]) -> FeedLine:
    asset = next(iter(list_objects(avail.get("Asset"))), {})
    about = next((found for key in _METADATA_TAGS for found in list_objects(asset.get(key))), {})
    titles = [
        _get_text(about.get(f"{level}{title}"))
        for title in ("TitleDisplayUnlimited", "TitleInternalAlias")
        for level in _TITLE_LEVELS
        if about.get(f"{level}{title}")
    ]
    line: FeedLine = omit_empty(
        ref=_get_text(avail.get("ALID")) or asset.get("@contentID"),
        title=next(iter(titles), None),
        other_titles=titles[1:2],
        year=_get_text(about.get("ReleaseDate")),
        directors=[_get_text(one.get("DisplayName")) for one in _iter_directors(about)],
        minutes=read_minutes(_get_text(about.get("RunLength")), convert_iso_to_minutes),
        kind=_get_text(asset.get("WorkType")),
        ids=omit_empty(eidr=_get_text(about.get("TitleEIDR-URN")), eidr_edit=_get_text(about.get("EditEIDR-URN"))),
    )
    return line


def _get_text(value: Any) -> Any:
    """The text of an element, with or without attributes."""
    return pick_french_text(value, "#text")


def _iter_directors(about: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for person in list_objects(about.get("People")):
        if any(_get_text(job.get("JobFunction")) == "Director" for job in list_objects(person.get("Job"))):
            yield from list_objects(person.get("Name"))


def _build_offer(licence: dict[str, Any]) -> FeedOffer:
    terms = [term for term in list_objects(licence.get("Term")) if term.get("@termName") == _PUBLIC_PRICE_TERM]
    money = next((found for term in terms for found in to_list(term.get("Money"))), None)
    languages = to_list(licence.get("AllowedLanguage"))
    offer: FeedOffer = omit_empty(
        mode=_get_text(licence.get("LicenseType")),
        price=_get_text(money),
        currency=money.get("@currency") if isinstance(money, dict) else None,
        quality=_get_text(licence.get("FormatProfile")),
        languages=[_get_text(one) for one in languages],
        starts=_get_text(licence.get("Start")),
        ends=_get_text(licence.get("End")),
        territories=_list_territories(licence.get("Territory")),
        excluded=_list_territories(licence.get("TerritoryExcluded")),
    )
    return offer


def _list_territories(value: Any) -> list[Any]:
    return [_get_text(country) for place in list_objects(value) for country in to_list(place.get("country"))]
