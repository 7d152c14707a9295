"""Extract the film that a web page describes: JSON-LD first, microdata where there is none, always in the same shape."""

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from parsel import Selector

from crawlers.extract.microdata import extract_microdata_films, extract_microdata_items
from crawlers.formats.feed_rows import to_list
from crawlers.formats.lenient_json import copy_bounded, parse_untrusted_json

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
_WRAPPING_PROPERTIES = ("@graph", "mainEntity", "mainEntityOfPage", "about")
_LISTING_PROPERTIES = ("itemListElement", "item")
_MAX_DEPTH = 50


class _Node(NamedTuple):
    """Hold an object of a JSON-LD block; `is_listed` tells that it stands in a list of things rather than by itself."""

    content: dict[str, Any]
    is_listed: bool


def extract_film(page: Selector, url: str) -> tuple[dict[str, Any] | None, int]:
    """Return the schema.org Movie of a page, None when there is none, and how many blocks could not be read.

    A block is one of JSON-LD; the whole microdata counts for one. Of several films, it is the one whose address is the
    page's, else the first that is not one of a list of films. What may be one object, a text or a list is a list; where
    objects are expected a text gives {"name": text}.
    """
    single_films, listed_films, broken_count = _find_json_ld_films(page)
    if not single_films and not listed_films:
        items = extract_microdata_items(page, url)
        broken_count += items is None
        single_films = extract_microdata_films(items or [], is_film)
    film = _choose_film(single_films, listed_films, url)
    if film is None:
        return None, broken_count
    try:
        return _normalise_value(copy_bounded(film)), broken_count
    except ValueError:
        return None, broken_count + 1


def _find_json_ld_films(page: Selector) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """Return the films that stand by themselves, those of a list, and how many blocks could not be read."""
    single_films: list[dict[str, Any]] = []
    listed_films: list[dict[str, Any]] = []
    broken_count = 0
    for block in _iter_json_ld_blocks(page):
        if block is None:
            broken_count += 1
            continue
        for node in block:
            if is_film(node.content.get("@type")):
                (listed_films if node.is_listed else single_films).append(node.content)
    return single_films, listed_films, broken_count


def _choose_film(single_films: list[dict[str, Any]], listed_films: list[dict[str, Any]], url: str) -> dict[str, Any] | None:
    candidates = single_films or (listed_films if len(listed_films) == 1 else [])
    own_film = _find_page_film(candidates, url)
    if own_film is not None:
        return own_film
    if candidates:
        return candidates[0]
    return _find_page_film(listed_films, url)


def _find_page_film(films: list[dict[str, Any]], url: str) -> dict[str, Any] | None:
    return next((film for film in films if _has_page_url(film, url)), None)


def count_types(page: Selector, url: str) -> tuple[dict[str, int], dict[str, int]]:
    """Return how many objects of each schema.org type a page describes, in JSON-LD and in microdata."""
    linked_types: Counter[str] = Counter()
    for block in _iter_json_ld_blocks(page):
        linked_types.update(_iter_types(node.content.get("@type") for node in block or []))
    items = extract_microdata_items(page, url) or []
    item_types = Counter(_iter_types(item.get("type") for item in items))
    return dict(linked_types), dict(item_types)


def _iter_types(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        yield from _list_types(value)


def _iter_json_ld_blocks(page: Selector) -> Iterator[list[_Node] | None]:
    """Yield the objects of each JSON-LD block; None for a block that cannot be read."""
    for block in page.css(_JSON_LD_SCRIPTS).getall():
        try:
            yield list(_iter_nodes(_read_block(block)))
        except ValueError:
            yield None


def _read_block(block: str) -> Any:
    """Parse a block. A guessed block may lie: beyond wrappings and characters written as entities, nothing is mended."""
    text = block.strip()
    if text[:1] not in ("{", "["):
        text = _strip_wrappers(text)
    text = text.rstrip("; \n")
    if "&quot;" in text and '"' not in text:
        text = html.unescape(text)
    return parse_untrusted_json(text)


def _strip_wrappers(text: str) -> str:
    """Remove the HTML comment or the CDATA section that some sites put around their JSON, in any of its spellings."""
    for _ in range(6):
        for opening in _WRAPPER_STARTS:
            text = text.removeprefix(opening).lstrip()
        for ending in _WRAPPER_ENDS:
            text = text.removesuffix(ending).rstrip()
    return text


def _iter_nodes(data: object) -> Iterator[_Node]:
    """Yield the objects of a block, those of its graph and of its lists included."""
    waiting: list[tuple[object, bool, int]] = [(data, False, _MAX_DEPTH)]
    while waiting:
        value, is_listed, depth = waiting.pop()
        if isinstance(value, dict):
            yield _Node(value, is_listed)
        if depth:
            parts = _list_parts(value, is_listed)
            waiting += [(part, is_part_listed, depth - 1) for part, is_part_listed in reversed(parts)]


def _list_parts(value: object, is_listed: bool) -> list[tuple[object, bool]]:
    """Return the parts of a value where objects may be, and whether each stands in a list of things."""
    if isinstance(value, list):
        return [(part, is_listed) for part in value]
    parts: list[tuple[object, bool]] = []
    if isinstance(value, dict):
        for name in (*_WRAPPING_PROPERTIES, *_LISTING_PROPERTIES):
            if name in value:
                parts.append((value[name], is_listed or name in _LISTING_PROPERTIES))
    return parts


def _list_types(value: object) -> list[str]:
    """Return the bare names of a type, written alone or in a list: « schema:Movie » is « Movie »."""
    return [re.split("[/:#]", name)[-1] for name in to_list(value) if isinstance(name, str)]


def is_film(schema_type: object) -> bool:
    """Tell whether a type, written alone or in a list, is schema.org's Movie."""
    return "Movie" in _list_types(schema_type)


def _has_page_url(film: dict[str, Any], url: str) -> bool:
    film_url = film.get("url") or film.get("@id")
    return isinstance(film_url, str) and _get_path(film_url) == _get_path(url)


def _get_path(url: str) -> str | None:
    try:
        return urlsplit(url.strip()).path.rstrip("/") or None
    except ValueError:
        return None


def _normalise_value(value: Any) -> Any:
    if isinstance(value, list):
        return [_normalise_value(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "@value" in value:
        return value["@value"]
    return {name: _normalise_property(name, _normalise_value(item)) for name, item in value.items()}


def _normalise_property(name: str, value: Any) -> Any:
    if name not in _LIST_PROPERTIES:
        return value
    items = to_list(value)
    if name not in _NAMED_PROPERTIES:
        return items
    return [{"name": item} if isinstance(item, str) else item for item in items]
