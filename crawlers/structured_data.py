"""The film that a web page describes: JSON-LD first, microdata where there is none, always in the same shape."""

import json
from collections.abc import Iterator
from typing import Any

from extruct.w3cmicrodata import MicrodataExtractor
from parsel import Selector

_LISTED = ("director", "offers", "potentialAction", "countryOfOrigin")
_BLOCKS = 'script[type="application/ld+json"]::text'


def find_film(page: Selector, url: str) -> tuple[dict[str, Any] | None, int]:
    """The first schema.org Movie of a page (None when there is none), and how many JSON-LD blocks could not be read.

    Fields that may be one object, a text or a list become lists of objects: a text gives {"name": text}.
    """
    films, broken = [], 0
    for block in page.css(_BLOCKS).getall():
        try:
            # Raw line breaks inside texts are common and harmless. Nothing else is mended: a guessed block may lie.
            films += [node for node in _nodes(json.loads(block, strict=False)) if _is_film(node.get("@type"))]
        except (ValueError, RecursionError):
            broken += 1
    if not films:
        items = MicrodataExtractor().extract_items(page.root, url)
        films = [_plain(item) for item in items if _is_film(item.get("type"))]
    return (_with_lists(films[0]) if films else None), broken


def _nodes(data: object) -> Iterator[dict[str, Any]]:
    for node in data if isinstance(data, list) else [data]:
        if isinstance(node, dict):
            yield node
            yield from _nodes(node.get("@graph", []))


def _is_film(kind: object) -> bool:
    kinds = kind if isinstance(kind, list) else [kind]
    return any(isinstance(word, str) and word.rsplit("/", 1)[-1] == "Movie" for word in kinds)


def _plain(item: Any) -> Any:
    """A microdata item as JSON-LD writes it."""
    if isinstance(item, list):
        return [_plain(part) for part in item]
    if isinstance(item, dict):
        return {name: _plain(value) for name, value in item.get("properties", {}).items()}
    return item


def _with_lists(film: dict[str, Any]) -> dict[str, Any]:
    listed = {name: film[name] if isinstance(film[name], list) else [film[name]] for name in _LISTED if name in film}
    return film | {name: [{"name": item} if isinstance(item, str) else item for item in items] for name, items in listed.items()}
