"""What readers share: the shape of their lines, and how loose values are taken."""

from typing import Any, NotRequired, TypedDict


class Offer(TypedDict):
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


class Line(TypedDict):
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
    offers: NotRequired[list[Offer]]


def several(value: Any) -> list[Any]:
    """A value that a feed writes alone or in a list, always as a list; null is none."""
    if isinstance(value, list):
        return [item for item in value if item is not None]
    return [] if value is None else [value]


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a value written alone or in a list."""
    return [item for item in several(value) if isinstance(item, dict)]


def told(**values: Any) -> Any:
    """The values that are said: null, empty texts, lists and tables are left out."""
    return {name: value for name, value in values.items() if value is not None and value not in ("", [], {})}
