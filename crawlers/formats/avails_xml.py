"""Read Avails as XML: each Avail has its assets, which say the work, and its transactions, which are the licences."""

from collections.abc import Iterator
from typing import Any

from crawlers.extract.transforms import convert_iso_to_minutes
from crawlers.formats.feed_rows import (
    FeedOffer,
    FeedRow,
    Licence,
    convert_duration,
    get_first_item,
    list_objects,
    omit_empty,
    pick_french_text,
    to_list,
)
from crawlers.formats.xml_documents import load_xml
from domain.common.errors import UserError

_METADATA_TAGS = ("Metadata", "EpisodeMetadata", "SeasonMetadata", "SeriesMetadata", "VolumeMetadata")
_TITLE_TAGS = ("TitleDisplayUnlimited", "TitleInternalAlias")
_TITLE_LEVELS = ("", "Episode", "Season", "Series", "Volume")
_PUBLIC_PRICE_TERM = "SRP"


def read_xml_licences(data: bytes, name: str, encoding: str | None) -> Iterator[Licence]:
    """Yield the licences of an Avails document. Raises UserError when it is not one."""
    avails = _list_avails(load_xml(data, name, encoding))
    if not avails:
        raise UserError(f"{name} : AvailList manque, ce n'est pas un document Avails")
    for avail in avails:
        row = _build_row(avail)
        transactions = list_objects(avail.get("Transaction"))
        for transaction in transactions:
            yield row, _build_offer(transaction)
        if not transactions:
            yield row, {}


def _list_avails(content: dict[str, Any]) -> list[dict[str, Any]]:
    avail_list = content.get("AvailList")
    avails = list_objects(avail_list.get("Avail")) if isinstance(avail_list, dict) else []
    return avails or list_objects(content.get("Avail"))


def _build_row(avail: dict[str, Any]) -> FeedRow:
    asset = next(iter(list_objects(avail.get("Asset"))), {})
    metadata = next((item for tag in _METADATA_TAGS for item in list_objects(asset.get(tag))), {})
    titles = _list_titles(metadata)
    row: FeedRow = omit_empty(
        ref=_get_text(avail.get("ALID")) or asset.get("@contentID"),
        title=get_first_item(titles),
        other_titles=titles[1:2],
        year=_get_text(metadata.get("ReleaseDate")),
        directors=[_get_text(name.get("DisplayName")) for name in _iter_director_names(metadata)],
        minutes=convert_duration(_get_text(metadata.get("RunLength")), convert_iso_to_minutes),
        kind=_get_text(asset.get("WorkType")),
        ids=omit_empty(eidr=_get_text(metadata.get("TitleEIDR-URN")), eidr_edit=_get_text(metadata.get("EditEIDR-URN"))),
    )
    return row


def _list_titles(metadata: dict[str, Any]) -> list[Any]:
    tags = [f"{level}{title}" for title in _TITLE_TAGS for level in _TITLE_LEVELS]
    return [_get_text(metadata[tag]) for tag in tags if metadata.get(tag)]


def _get_text(value: Any) -> Any:
    """Return the text of an element, with or without attributes."""
    return pick_french_text(value, "#text")


def _iter_director_names(metadata: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for person in list_objects(metadata.get("People")):
        if any(_get_text(job.get("JobFunction")) == "Director" for job in list_objects(person.get("Job"))):
            yield from list_objects(person.get("Name"))


def _build_offer(transaction: dict[str, Any]) -> FeedOffer:
    money = _get_public_price(transaction)
    offer: FeedOffer = omit_empty(
        mode=_get_text(transaction.get("LicenseType")),
        price=_get_text(money),
        currency=money.get("@currency") if isinstance(money, dict) else None,
        quality=_get_text(transaction.get("FormatProfile")),
        languages=[_get_text(language) for language in to_list(transaction.get("AllowedLanguage"))],
        starts=_get_text(transaction.get("Start")),
        ends=_get_text(transaction.get("End")),
        territories=_list_countries(transaction.get("Territory")),
        excluded=_list_countries(transaction.get("TerritoryExcluded")),
    )
    return offer


def _get_public_price(transaction: dict[str, Any]) -> Any:
    """Return the price advised to the public (SRP), never a wholesale one."""
    for term in list_objects(transaction.get("Term")):
        if term.get("@termName") == _PUBLIC_PRICE_TERM and to_list(term.get("Money")):
            return get_first_item(term["Money"])
    return None


def _list_countries(territories: Any) -> list[Any]:
    return [_get_text(country) for territory in list_objects(territories) for country in to_list(territory.get("country"))]
