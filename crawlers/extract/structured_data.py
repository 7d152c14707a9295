"""The film that a web page describes: JSON-LD first, microdata where there is none, always in the same shape."""

import html
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from parsel import Selector

from crawlers.formats.lenient_json import copy_bounded, parse_untrusted_json
from crawlers.formats.licence_rows import to_list

_JSON_LD_SCRIPTS = 'script[type*="ld+json" i]::text'
_WRAPPER_STARTS = ("<!--", "//", "/*", "<![CDATA[", "*/")
_WRAPPER_ENDS = (";", "-->", "//", "*/", "]]>", "/*")
_PERSON_PROPERTIES = ("director", "actor", "actors", "author", "creator", "producer", "productionCompany", "countryOfOrigin")
_THING_PROPERTIES = (
    "offers",
    "potentialAction",
    "releasedEvent",
    "identifier",
    "sameAs",
    "inLanguage",
    "subtitleLanguage",
    "genre",
)
_ACTION_PROPERTIES = ("target", "actionAccessibilityRequirement", "expectsAcceptanceOf", "eligibleRegion")
_LIST_PROPERTIES = frozenset([*_PERSON_PROPERTIES, *_THING_PROPERTIES, *_ACTION_PROPERTIES])
_NAMED_PROPERTIES = frozenset([*_PERSON_PROPERTIES, "offers", "potentialAction", "eligibleRegion"])
_MAX_DEPTH = 50
_MAX_ITEMS, _MAX_NESTED_ITEMS = 500, 10
_MAX_PROPERTIES, _MAX_NESTED_PROPERTIES = 5_000, 20
_MAX_REFERENCES = 20


def extract_film(page: Selector, url: str) -> tuple[dict[str, Any] | None, int]:
    """The schema.org Movie of a page (None when there is none), and how many JSON-LD blocks could not be read, the whole
    microdata counting for one.

    Of several, the one whose address is the page's, else the first that is not one of a list of films. What may be one
    object, a text or a list is a list; where objects are expected a text gives {"name": text}.
    """
    films: list[dict[str, Any]] = []
    listed: list[dict[str, Any]] = []
    broken = 0
    for block in _iter_json_ld_blocks(page):
        broken += block is None
        for node, alone in block or []:
            if _is_film(node.get("@type")):
                (films if alone else listed).append(node)
    if not films and not listed:
        items = _extract_microdata_items(page, url)
        films, broken = _extract_microdata_films(items or []), broken + (items is None)
    chosen = _choose_film(films or (listed if len(listed) == 1 else []), url) or next(
        (n for n in listed if _has_page_url(n, url)), None
    )
    try:
        return (None if chosen is None else _normalise_value(copy_bounded(chosen))), broken
    except ValueError:
        return None, broken + 1


def count_types(page: Selector, url: str) -> tuple[dict[str, int], dict[str, int]]:
    """How many objects of each schema.org type a page describes, in JSON-LD and in microdata."""
    linked = Counter(
        kind for block in _iter_json_ld_blocks(page) for node, _ in block or [] for kind in _list_types(node.get("@type"))
    )
    items = Counter(kind for item in _extract_microdata_items(page, url) or [] for kind in _list_types(item.get("type")))
    return dict(linked), dict(items)


def _iter_json_ld_blocks(page: Selector) -> Iterator[list[tuple[dict[str, Any], bool]] | None]:
    """The objects of each JSON-LD block, as `_nodes` gives them; None for a block that cannot be read."""
    for block in page.css(_JSON_LD_SCRIPTS).getall():
        try:
            yield list(_iter_nodes(_read_block(block)))
        except ValueError:
            yield None


def _read_block(block: str) -> Any:
    """A guessed block may lie: beyond wrappings and characters written as entities, nothing is mended."""
    text = block.strip()
    if text[:1] not in ("{", "["):
        text = _strip_wrappers(text)
    text = text.rstrip("; \n")
    return parse_untrusted_json(html.unescape(text) if "&quot;" in text and '"' not in text else text)


def _strip_wrappers(text: str) -> str:
    """Without the HTML comment or the CDATA section that some sites put around their JSON, in any of its spellings."""
    for _ in range(6):
        for opening in _WRAPPER_STARTS:
            text = text.removeprefix(opening).lstrip()
        for ending in _WRAPPER_ENDS:
            text = text.removesuffix(ending).rstrip()
    return text


def _iter_nodes(data: object) -> Iterator[tuple[dict[str, Any], bool]]:
    """The objects of a block, and whether each stands by itself rather than in a list of things."""
    waiting = [(data, True, _MAX_DEPTH)]
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


def _list_types(kind: object) -> list[str]:
    """The bare names of a type, written alone or in a list: « schema:Movie » is « Movie »."""
    return [re.split("[/:#]", word)[-1] for word in to_list(kind) if isinstance(word, str)]


def _is_film(kind: object) -> bool:
    return "Movie" in _list_types(kind)


def _has_page_url(film: dict[str, Any], url: str) -> bool:
    written = film.get("url") or film.get("@id")
    return isinstance(written, str) and _get_path(written) == _get_path(url)


def _get_path(url: str) -> str | None:
    try:
        return urlsplit(url.strip()).path.rstrip("/") or None
    except ValueError:
        return None


def _choose_film(films: list[dict[str, Any]], url: str) -> dict[str, Any] | None:
    return next((film for film in films if _has_page_url(film, url)), films[0] if films else None)


def _extract_microdata_films(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    try:
        return [_flatten_item(item) for item in items if _is_film(item.get("type"))]
    except RecursionError:  # an item may refer to itself
        return []


def _extract_microdata_items(page: Selector, url: str) -> list[dict[str, Any]] | None:
    """The microdata items of a page; None when reading them could take for ever."""
    if not _is_within_limits(page):
        return None
    from extruct.w3cmicrodata import MicrodataExtractor  # takes a tenth of a second, for a format that few sites write

    try:
        return [item for item in MicrodataExtractor().extract_items(page.root, url) if isinstance(item, dict)]
    except (ValueError, TypeError, RecursionError):  # an item may refer to itself, and its addresses be anything
        return []


def _is_within_limits(page: Selector) -> bool:
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
        if around > _MAX_NESTED_ITEMS or within > _MAX_NESTED_PROPERTIES:
            return False
        waiting += [(child, around, within) for child in node]
    return items <= _MAX_ITEMS and properties <= _MAX_PROPERTIES and references <= _MAX_REFERENCES


def _flatten_item(item: Any) -> Any:
    """A microdata item as JSON-LD writes it."""
    if isinstance(item, list):
        return [_flatten_item(part) for part in item]
    if isinstance(item, dict):
        return {name: _flatten_item(value) for name, value in item.get("properties", {}).items()}
    return item


def _normalise_value(value: Any) -> Any:
    if isinstance(value, list):
        return [_normalise_value(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "@value" in value:
        return value["@value"]
    return {
        name: _normalise_list(name, _normalise_value(item)) if name in _LIST_PROPERTIES else _normalise_value(item)
        for name, item in value.items()
    }


def _normalise_list(name: str, value: Any) -> list[Any]:
    return [{"name": item} if isinstance(item, str) and name in _NAMED_PROPERTIES else item for item in to_list(value)]
