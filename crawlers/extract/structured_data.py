"""The film that a web page describes: JSON-LD first, microdata where there is none, always in the same shape."""

import html
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from parsel import Selector

from crawlers.formats.lenient_json import read_json, trimmed
from crawlers.formats.licence_rows import several

_BLOCKS = 'script[type*="ld+json" i]::text'
_OPENINGS = ("<!--", "//", "/*", "<![CDATA[", "*/")
_ENDINGS = (";", "-->", "//", "*/", "]]>", "/*")
_PEOPLE = ("director", "actor", "actors", "author", "creator", "producer", "productionCompany", "countryOfOrigin")
_THINGS = ("offers", "potentialAction", "releasedEvent", "identifier", "sameAs", "inLanguage", "subtitleLanguage", "genre")
_ACTIONS = ("target", "actionAccessibilityRequirement", "expectsAcceptanceOf", "eligibleRegion")
_LISTED = frozenset([*_PEOPLE, *_THINGS, *_ACTIONS])
_NAMED = frozenset([*_PEOPLE, "offers", "potentialAction", "eligibleRegion"])
_DEPTH = 50
_ITEMS, _NESTED_ITEMS = 500, 10
_PROPERTIES, _NESTED_PROPERTIES = 5_000, 20
_REFERENCES = 20


def find_film(page: Selector, url: str) -> tuple[dict[str, Any] | None, int]:
    """The schema.org Movie of a page (None when there is none), and how many JSON-LD blocks could not be read, the whole
    microdata counting for one.

    Of several, the one whose address is the page's, else the first that is not one of a list of films. What may be one
    object, a text or a list is a list; where objects are expected a text gives {"name": text}.
    """
    films: list[dict[str, Any]] = []
    listed: list[dict[str, Any]] = []
    broken = 0
    for block in _linked(page):
        broken += block is None
        for node, alone in block or []:
            if _is_film(node.get("@type")):
                (films if alone else listed).append(node)
    if not films and not listed:
        items = _items(page, url)
        films, broken = _microdata(items or []), broken + (items is None)
    chosen = _chosen(films or (listed if len(listed) == 1 else []), url) or next((n for n in listed if _is_page(n, url)), None)
    try:
        return (None if chosen is None else _shaped(trimmed(chosen))), broken
    except ValueError:
        return None, broken + 1


def count_types(page: Selector, url: str) -> tuple[dict[str, int], dict[str, int]]:
    """How many objects of each schema.org type a page describes, in JSON-LD and in microdata."""
    linked = Counter(kind for block in _linked(page) for node, _ in block or [] for kind in _types(node.get("@type")))
    items = Counter(kind for item in _items(page, url) or [] for kind in _types(item.get("type")))
    return dict(linked), dict(items)


def _linked(page: Selector) -> Iterator[list[tuple[dict[str, Any], bool]] | None]:
    """The objects of each JSON-LD block, as `_nodes` gives them; None for a block that cannot be read."""
    for block in page.css(_BLOCKS).getall():
        try:
            yield list(_nodes(_read_block(block)))
        except ValueError:
            yield None


def _read_block(block: str) -> Any:
    """A guessed block may lie: beyond wrappings and characters written as entities, nothing is mended."""
    text = block.strip()
    if text[:1] not in ("{", "["):
        text = _unwrapped(text)
    text = text.rstrip("; \n")
    return read_json(html.unescape(text) if "&quot;" in text and '"' not in text else text)


def _unwrapped(text: str) -> str:
    """Without the HTML comment or the CDATA section that some sites put around their JSON, in any of its spellings."""
    for _ in range(6):
        for opening in _OPENINGS:
            text = text.removeprefix(opening).lstrip()
        for ending in _ENDINGS:
            text = text.removesuffix(ending).rstrip()
    return text


def _nodes(data: object) -> Iterator[tuple[dict[str, Any], bool]]:
    """The objects of a block, and whether each stands by itself rather than in a list of things."""
    waiting = [(data, True, _DEPTH)]
    while waiting:
        node, alone, depth = waiting.pop()
        inner: list[tuple[object, bool]] = []
        if isinstance(node, list):
            inner = [(part, alone) for part in node]
        elif isinstance(node, dict):
            yield node, alone
            inner = [(node[name], alone) for name in ("@graph", "mainEntity", "mainEntityOfPage", "about") if name in node]
            inner += [(node[name], False) for name in ("itemListElement", "item") if name in node]
        if depth:
            waiting += [(part, by_itself, depth - 1) for part, by_itself in reversed(inner)]


def _types(kind: object) -> list[str]:
    """The bare names of a type, written alone or in a list: « schema:Movie » is « Movie »."""
    return [re.split("[/:#]", word)[-1] for word in several(kind) if isinstance(word, str)]


def _is_film(kind: object) -> bool:
    return "Movie" in _types(kind)


def _is_page(film: dict[str, Any], url: str) -> bool:
    written = film.get("url") or film.get("@id")
    return isinstance(written, str) and _place(written) == _place(url)


def _place(url: str) -> str | None:
    try:
        return urlsplit(url.strip()).path.rstrip("/") or None
    except ValueError:
        return None


def _chosen(films: list[dict[str, Any]], url: str) -> dict[str, Any] | None:
    return next((film for film in films if _is_page(film, url)), films[0] if films else None)


def _microdata(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    try:
        return [_plain(item) for item in items if _is_film(item.get("type"))]
    except RecursionError:  # an item may refer to itself
        return []


def _items(page: Selector, url: str) -> list[dict[str, Any]] | None:
    """The microdata items of a page; None when reading them could take for ever."""
    if not _is_tame(page):
        return None
    from extruct.w3cmicrodata import MicrodataExtractor  # takes a tenth of a second, for a format that few sites write

    try:
        return [item for item in MicrodataExtractor().extract_items(page.root, url) if isinstance(item, dict)]
    except (ValueError, TypeError, RecursionError):  # an item may refer to itself, and its addresses be anything
        return []


def _is_tame(page: Selector) -> bool:
    """Whether the microdata are few and shallow: what an item or a property holds is read again for all those around it."""
    items = properties = references = 0
    waiting = [(page.root, 0, 0)]
    while waiting:
        node, around, within = waiting.pop()
        if "itemscope" in node.attrib:
            items, around = items + 1, around + 1
            references += len(node.attrib.get("itemref", "").split())
        if "itemprop" in node.attrib:
            properties, within = properties + 1, within + 1
        if around > _NESTED_ITEMS or within > _NESTED_PROPERTIES:
            return False
        waiting += [(child, around, within) for child in node]
    return items <= _ITEMS and properties <= _PROPERTIES and references <= _REFERENCES


def _plain(item: Any) -> Any:
    """A microdata item as JSON-LD writes it."""
    if isinstance(item, list):
        return [_plain(part) for part in item]
    if isinstance(item, dict):
        return {name: _plain(value) for name, value in item.get("properties", {}).items()}
    return item


def _shaped(value: Any) -> Any:
    if isinstance(value, list):
        return [_shaped(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "@value" in value:
        return value["@value"]
    return {name: _as_list(name, _shaped(item)) if name in _LISTED else _shaped(item) for name, item in value.items()}


def _as_list(name: str, value: Any) -> list[Any]:
    return [{"name": item} if isinstance(item, str) and name in _NAMED else item for item in several(value)]
