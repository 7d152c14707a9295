"""Read GoWatchIt feeds (`gwi_json_1.1`): items, whose formats each have availabilities, which each have prices."""

from collections.abc import Iterator
from typing import Any

from crawlers.extract.transforms import convert_seconds_to_minutes
from crawlers.formats.feed_rows import FeedOffer, FeedRow, convert_duration, list_objects, omit_empty, to_list
from crawlers.formats.json_documents import load_json
from domain.common.errors import UserError


def read_gowatchit(data: bytes, name: str, encoding: str | None = None) -> list[FeedRow | Any]:
    """Return the titles of a feed; what is not an object is given as it is.

    Raises UserError when the list of titles is missing.
    """
    content = load_json(data, name, encoding)
    items = content.get("items") if isinstance(content, dict) else None
    if not isinstance(items, list):
        raise UserError(f"{name} : items manque, ce n'est pas un flux GoWatchIt")
    return [_build_row(item) if isinstance(item, dict) else item for item in items]


def _build_row(item: dict[str, Any]) -> FeedRow:
    people = list_objects(item.get("contributions"))
    ids = item.get("ids")
    row: FeedRow = omit_empty(
        ref=item.get("id"),
        title=item.get("title"),
        other_titles=to_list(item.get("alt_titles")),
        year=item.get("release_year"),
        directors=[person.get("name") for person in people if str(person.get("role")).lower() == "director"],
        minutes=convert_duration(item.get("runtime"), convert_seconds_to_minutes),
        countries=to_list(item.get("countries")),
        kind=item.get("type"),
        url=item.get("url"),
        ids=_clean_ids(ids) if isinstance(ids, dict) else {},
        offers=list(_iter_offers(item)),
    )
    return row


def _clean_ids(ids: dict[Any, Any]) -> Any:
    return omit_empty(**{str(scheme): value for scheme, value in ids.items()})


def _list_audio_languages(item: dict[str, Any]) -> list[str]:
    languages = list_objects(item.get("language_formats"))
    codes = (str(language.get("code")) for language in languages if language.get("type") == "audio")
    return list(dict.fromkeys(codes))


def _iter_offers(item: dict[str, Any]) -> Iterator[FeedOffer]:
    """Yield an offer for each price of each availability of each format."""
    languages = _list_audio_languages(item)
    for media_format in list_objects(item.get("available_formats")):
        for availability in list_objects(media_format.get("availabilities")):
            for price in list_objects(availability.get("price")) or [{"price": availability.get("price")}]:
                yield omit_empty(
                    mode=availability.get("offer"),
                    price=price.get("price"),
                    currency=price.get("currency"),
                    quality=media_format.get("format"),
                    languages=languages,
                    starts=availability.get("start"),
                    ends=availability.get("end"),
                    url=media_format.get("product_url"),
                    territories=_parse_country(media_format.get("locale")),
                )


def _parse_country(locale: Any) -> list[str]:
    """Return the country of « fr_FR »."""
    parts = str(locale or "").replace("-", "_").split("_")
    if len(parts) == 2 and parts[1]:
        return [parts[1].upper()]
    return []
