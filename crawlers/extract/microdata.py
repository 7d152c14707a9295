"""Read the microdata of a page, within limits: extruct reads an item again for each item around it."""

from collections.abc import Callable
from typing import Any

from parsel import Selector

_MAX_ITEMS = 500
_MAX_NESTED_ITEMS = 10
_MAX_PROPERTIES = 5_000
_MAX_NESTED_PROPERTIES = 20
_MAX_REFERENCES = 20


def extract_microdata_items(page: Selector, url: str) -> list[dict[str, Any]] | None:
    """Return the microdata items of a page; None when reading them could take for ever."""
    if not _is_within_limits(page):
        return None
    from extruct.w3cmicrodata import MicrodataExtractor  # takes a tenth of a second, for a format that few sites write

    try:
        return [item for item in MicrodataExtractor().extract_items(page.root, url) if isinstance(item, dict)]
    except (ValueError, TypeError, RecursionError):  # an item may refer to itself, and its addresses be anything
        return []


def extract_microdata_films(items: list[dict[str, Any]], is_film: Callable[[object], bool]) -> list[dict[str, Any]]:
    """Return the films among the items, as JSON-LD writes them."""
    try:
        return [_flatten_item(item) for item in items if is_film(item.get("type"))]
    except RecursionError:  # an item may refer to itself
        return []


def _is_within_limits(page: Selector) -> bool:
    """Tell whether the microdata are few and shallow: what an item or a property holds is read again for all around it."""
    item_count = property_count = reference_count = 0
    waiting = [(page.root, 0, 0)]
    while waiting:
        node, item_depth, property_depth = waiting.pop()
        if "itemscope" in node.attrib:
            item_count += 1
            item_depth += 1
            reference_count += len(node.attrib.get("itemref", "").split())
        if "itemprop" in node.attrib:
            property_count += 1
            property_depth += 1
        if item_depth > _MAX_NESTED_ITEMS or property_depth > _MAX_NESTED_PROPERTIES:
            return False
        waiting += [(child, item_depth, property_depth) for child in node]
    return item_count <= _MAX_ITEMS and property_count <= _MAX_PROPERTIES and reference_count <= _MAX_REFERENCES


def _flatten_item(item: Any) -> Any:
    """Return a microdata item as JSON-LD writes it."""
    if isinstance(item, list):
        return [_flatten_item(part) for part in item]
    if isinstance(item, dict):
        return {name: _flatten_item(value) for name, value in item.get("properties", {}).items()}
    return item
