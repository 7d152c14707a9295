"""Give the readers of partner formats one shape of rows, and the same way to take loose values."""

from collections.abc import Callable
from typing import Any, NotRequired, TypedDict


class FeedOffer(TypedDict):
    """Hold one way to watch, as the feed writes it."""

    mode: NotRequired[Any]
    price: NotRequired[Any]
    currency: NotRequired[Any]
    quality: NotRequired[Any]
    languages: NotRequired[list[Any]]
    starts: NotRequired[Any]
    ends: NotRequired[Any]
    url: NotRequired[Any]
    territories: NotRequired[list[str]]
    excluded: NotRequired[list[str]]


class FeedRow(TypedDict):
    """Hold one title, as the feed writes it."""

    ref: NotRequired[Any]
    title: NotRequired[Any]
    other_titles: NotRequired[list[Any]]
    year: NotRequired[Any]
    directors: NotRequired[list[Any]]
    minutes: NotRequired[Any]
    countries: NotRequired[list[str]]
    kind: NotRequired[Any]
    url: NotRequired[Any]
    ids: NotRequired[dict[str, Any]]
    offers: NotRequired[list[FeedOffer]]


Licence = tuple[FeedRow, FeedOffer]
"""A licence of an Avails document: the work it is for, and the offer that it allows."""


def to_list(value: Any) -> list[Any]:
    """Return a value that a feed writes alone or in a list, always as a list; null is no item."""
    if isinstance(value, list):
        return [item for item in value if item is not None]
    if value is None:
        return []
    return [value]


def get_first_item(value: Any) -> Any:
    """Return a value written alone, or the first of a list; None when there is none."""
    return next(iter(to_list(value)), None)


def list_objects(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a value written alone or in a list."""
    return [item for item in to_list(value) if isinstance(item, dict)]


def omit_empty(**values: Any) -> Any:
    """Return the values that say something: null, empty texts, lists and tables are left out."""
    return {name: value for name, value in values.items() if value is not None and value not in ("", [], {})}


def pick_french_text(value: Any, text_key: str) -> Any:
    """Return a text, or the French one of several that are given with their language, each text under `text_key`."""
    french_texts = [item for item in list_objects(value) if str(item.get("@language", "")).lower().startswith("fr")]
    first = get_first_item(french_texts or value)
    if isinstance(first, dict):
        return first.get(text_key)
    return first


def convert_duration(duration: Any, convert: Callable[[Any], int | None]) -> Any:
    """Return the minutes of a duration; one on which `convert` raises ValueError is left as it is written."""
    if not duration:
        return None
    try:
        return convert(duration)
    except ValueError:
        return duration
