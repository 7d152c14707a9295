"""GoWatchIt (`gwi_json_1.1`): items, whose formats each have availabilities, which each have prices."""

from collections.abc import Iterator
from typing import Any

from crawlers.extract.transforms import convert_seconds_to_minutes
from crawlers.formats.json_documents import load_json
from crawlers.formats.licence_rows import FeedLine, FeedOffer, list_objects, omit_empty, read_minutes, to_list
from domain.common.errors import UserError


def read_gowatchit(data: bytes, name: str, encoding: str | None = None) -> list[FeedLine | Any]:
    """The titles of a feed; what is not an object is given as it is. Raises Problem when the list of titles is missing."""
    content = load_json(data, name, encoding)
    items = content.get("items") if isinstance(content, dict) else None
    if not isinstance(items, list):
        raise UserError(f"{name} : items manque, ce n'est pas un flux GoWatchIt")
    return [_build_line(item) if isinstance(item, dict) else item for item in items]


def _build_line(item: dict[str, Any]) -> FeedLine:
    people = list_objects(item.get("contributions"))
    languages = [one.get("code") for one in list_objects(item.get("language_formats")) if one.get("type") == "audio"]
    line: FeedLine = omit_empty(
        ref=item.get("id"),
        title=item.get("title"),
        other_titles=to_list(item.get("alt_titles")),
        year=item.get("release_year"),
        directors=[one.get("name") for one in people if str(one.get("role")).lower() == "director"],
        minutes=read_minutes(item.get("runtime"), convert_seconds_to_minutes),
        countries=to_list(item.get("countries")),
        kind=item.get("type"),
        url=item.get("url"),
        ids=omit_empty(**{str(key): one for key, one in item["ids"].items()}) if isinstance(item.get("ids"), dict) else {},
        offers=[offer for form in list_objects(item.get("available_formats")) for offer in _iter_offers(form, languages)],
    )
    return line


def _iter_offers(form: dict[str, Any], languages: list[Any]) -> Iterator[FeedOffer]:
    for window in list_objects(form.get("availabilities")):
        for price in list_objects(window.get("price")) or [{"price": window.get("price")}]:
            yield omit_empty(
                mode=window.get("offer"),
                price=price.get("price"),
                currency=price.get("currency"),
                quality=form.get("format"),
                languages=list(dict.fromkeys(map(str, languages))),
                starts=window.get("start"),
                ends=window.get("end"),
                url=form.get("product_url"),
                territories=_parse_country(form.get("locale")),
            )


def _parse_country(locale: Any) -> list[str]:
    """The country of « fr_FR »."""
    parts = str(locale or "").replace("-", "_").split("_")
    return [parts[1].upper()] if len(parts) == 2 and parts[1] else []
