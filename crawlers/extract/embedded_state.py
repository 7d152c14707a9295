"""The state that a page embeds for its own scripts: Next.js, Nuxt, or « window.X = … ».

Whatever the page writes, a reader answers None or raises ValueError; depth and time stay bounded.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import chompjs
from parsel import Selector

from crawlers.formats.lenient_json import copy_bounded, parse_untrusted_json
from crawlers.platform_files.sources import PageSource, StateKind

_MAX_DEPTH, _MAX_OBJECTS = 60, 50_000
_FLIGHT_PUSH = re.compile(r"__next_f\s*=\s*self\.__next_f\s*\|\|\s*\[\]\s*\)\s*\.push\(|__next_f\.push\(")
_FLIGHT_ROW = re.compile(rb"([0-9a-f]*):(?:T([0-9a-f]{1,7}),)?")
_INLINE_SCRIPTS = "script:not([src])::text"
_JSON_PARSE_CALL = re.compile(r"""JSON\.parse\(\s*("(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+')""", re.DOTALL)
_UNDEFINED_WORDS = frozenset(["undefined", "void 0"])


def extract_state(page: Selector, state: StateKind, variable: str | None = None) -> Any:
    """The state of a page, None when it embeds none. Raises ValueError when it cannot be read.

    `next` gives the object of `__NEXT_DATA__`, or where a page of the same site has none, as `flight`; `flight` a list of the
    objects of `self.__next_f`, those given to components included; `nuxt` the object of `__NUXT_DATA__`; `window` the value
    of `variable`.
    """
    try:
        match state:
            case "next":
                text = page.css("script#__NEXT_DATA__::text").get()
                return parse_untrusted_json(text) if text else _parse_flight(page)
            case "flight":
                return _parse_flight(page)
            case "nuxt":
                text = page.css("script#__NUXT_DATA__::text").get()
                return unflatten_nuxt_data(parse_untrusted_json(text)) if text else None
            case "window":
                return _extract_variable(page, variable or "")
    except RecursionError:
        raise ValueError("état trop profond") from None


def extract_film_from_state(page: Selector, source: PageSource) -> dict[str, Any] | None:
    """The film that `source.film` finds in the state of a page. Raises ValueError when it cannot be read."""
    assert source.film is not None and source.state is not None
    state = extract_state(page, source.state, source.variable)
    film = source.film.extract_value(state) if state is not None else None
    return copy_bounded(film, _UNDEFINED_WORDS if source.state == "window" else frozenset()) if isinstance(film, dict) else None


def _parse_flight(page: Selector) -> list[Any] | None:
    """The chunks pushed one after the other, cut anywhere, then read as rows of « number:value »."""
    decoder, told = json.JSONDecoder(strict=False), []
    for script in page.css(_INLINE_SCRIPTS).getall():
        for push in _FLIGHT_PUSH.finditer(script):
            try:
                chunk, _ = decoder.raw_decode(script, push.end())
            except ValueError:
                continue
            if isinstance(chunk, list) and len(chunk) > 1 and chunk[0] == 1 and isinstance(chunk[1], str):
                told.append(chunk[1])
    rows = dict(_iter_flight_rows("".join(told).encode("utf-8", "replace")))
    return _collect_flight_objects(rows) if rows else None


def _iter_flight_rows(stream: bytes) -> Iterator[tuple[str, Any]]:
    """The rows that hold data; a row « T » is a text of so many bytes, which may hold line breaks."""
    place = 0
    while row := _FLIGHT_ROW.match(stream, place):
        size = int(row[2], 16) if row[2] else None
        end = stream.find(b"\n", row.end()) if size is None else row.end() + size
        end = len(stream) if end < 0 else end
        body = stream[row.end() : end].decode("utf-8", "replace")
        place = end + (size is None)
        if size is not None:
            yield row[1].decode(), body
        elif body[:1] in ("{", "[", '"'):
            try:
                yield row[1].decode(), parse_untrusted_json(body)
            except ValueError:
                continue


def _collect_flight_objects(rows: dict[str, Any]) -> list[Any]:
    """Every object of the rows and, wherever they stand, those given to components: « ["$", type, key, object] »."""
    found, waiting = [], [(row, _MAX_DEPTH) for row in reversed(rows.values())]
    for _ in range(_MAX_OBJECTS):
        if not waiting:
            break
        value, depth = waiting.pop()
        if isinstance(value, dict):
            found.append({name: _resolve_reference(item, rows) for name, item in value.items()})
        inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
        if depth:
            waiting += [
                (item, depth - 1)
                for item in reversed(inner)
                if isinstance(item, list | dict) and _can_hold_component(value, item)
            ]
    return found


def _can_hold_component(value: Any, item: Any) -> bool:
    """Components stand in lists, or in the lists of an object; the objects of an object are its own affair."""
    return isinstance(value, list) or isinstance(item, list)


def _resolve_reference(item: Any, rows: dict[str, Any]) -> Any:
    """What stands behind « $5 » (row 5), « $D… » (a date), « $n… » (a large number), « $$… » (a text that begins with $)."""
    if not isinstance(item, str) or not item.startswith("$"):
        return item
    if item[1:] in rows:
        return rows[item[1:]]
    if item == "$undefined":
        return None
    return item[2:] if item[1:2] in ("D", "n") else item[1:] if item.startswith("$$") else item


def unflatten_nuxt_data(values: Any) -> Any:
    """The object of a `__NUXT_DATA__`: every value once in a list, its parts told by their place in it.

    Parts shared by several objects are shared here too; one that holds itself holds None in that place.
    """
    if not isinstance(values, list) or not values:
        raise ValueError("tableau attendu dans __NUXT_DATA__")
    built: dict[int, Any] = {}

    def build(place: Any, depth: int) -> Any:
        if type(place) is not int or not 0 <= place < len(values) or not depth:
            return None
        if place not in built:
            built[place] = None
            built[place] = _revive_value(values[place], lambda part: build(part, depth - 1))
        return built[place]

    return build(0, _MAX_DEPTH)


def _revive_value(value: Any, build: Callable[[Any], Any]) -> Any:
    """A value whose parts are built; « ["Reactive", 5] » is what stands at 5, « ["Set", 5, 6] » a list."""
    if isinstance(value, dict):
        return {name: build(part) for name, part in value.items()}
    if not isinstance(value, list):
        return value
    match value:
        case ["Date" | "BigInt" | "RegExp" | "Object", text, *_]:
            return text
        case ["Set", *parts]:
            return [build(part) for part in parts]
        case ["Map", *parts]:
            return {str(build(name)): build(part) for name, part in zip(parts[::2], parts[1::2], strict=False)}
        case ["null", *parts]:
            return {str(name): build(part) for name, part in zip(parts[::2], parts[1::2], strict=False)}
        case [str(), part]:
            return build(part)
    return [build(part) for part in value]


def _extract_variable(page: Selector, name: str) -> Any:
    """What a script gives to a variable: a JavaScript literal, or JSON.parse("…")."""
    given = re.compile(rf"(?:(?<![\w$]){re.escape(name)}|\[[\"']{re.escape(name)}[\"']\])\s*=(?!=)\s*")
    for script in page.css(_INLINE_SCRIPTS).getall():
        if found := given.search(script):
            literal = script[found.end() :].replace("\0", "")
            if packed := _JSON_PARSE_CALL.match(literal):
                return parse_untrusted_json(chompjs.parse_js_object(f"[{packed[1]}]")[0])
            if literal[:1] in ("{", "["):
                return chompjs.parse_js_object(literal, loader=parse_untrusted_json)
    return None
