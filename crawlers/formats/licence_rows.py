"""What readers share: the shape of their lines, and how loose values are taken."""

from collections.abc import Callable
from typing import Any, NotRequired, TypedDict


class FeedOffer(TypedDict):
    """One way to watch, as the feed writes it."""

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


class FeedLine(TypedDict):
    """One title, as the feed writes it."""

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


def to_list(value: Any) -> list[Any]:
    """A value that a feed writes alone or in a list, always as a list; null is none."""
    if isinstance(value, list):
        return [item for item in value if item is not None]
    return [] if value is None else [value]


def list_objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a value written alone or in a list."""
    return [item for item in to_list(value) if isinstance(item, dict)]


def omit_empty(**values: Any) -> Any:
    """The values that are said: null, empty texts, lists and tables are left out."""
    return {name: value for name, value in values.items() if value is not None and value not in ("", [], {})}


def pick_french_text(value: Any, text: str) -> Any:
    """A text, or the French one of those that are given with their language; `text` is the key under which it stands then."""
    french = [one for one in list_objects(value) if str(one.get("@language", "")).lower().startswith("fr")]
    first = next(iter(french or to_list(value)), None)
    return first.get(text) if isinstance(first, dict) else first


def read_minutes(duration: Any, read: Callable[[Any], int | None]) -> Any:
    """What `read` makes of a duration; one that it raises ValueError on is left as it is written."""
    try:
        return read(duration) if duration else None
    except ValueError:
        return duration
