"""The state that a page embeds for its own scripts: Next.js, Nuxt, or « window.X = … ».

Whatever the page writes, a reader answers None or raises ValueError; depth and time stay bounded.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import chompjs
from parsel import Selector

from crawlers.formats.lenient_json import read_json, trimmed
from crawlers.platform_files.sources import Pages, StateKind

_DEPTH, _OBJECTS = 60, 50_000
_PUSH = re.compile(r"__next_f\s*=\s*self\.__next_f\s*\|\|\s*\[\]\s*\)\s*\.push\(|__next_f\.push\(")
_ROW = re.compile(rb"([0-9a-f]*):(?:T([0-9a-f]{1,7}),)?")
_SCRIPTS = "script:not([src])::text"
_TEXT = re.compile(r"""JSON\.parse\(\s*("(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+')""", re.DOTALL)
_NOTHING = frozenset(["undefined", "void 0"])


def find_state(page: Selector, state: StateKind, variable: str | None = None) -> Any:
    """The state of a page, None when it embeds none. Raises ValueError when it cannot be read.

    `next` gives the object of `__NEXT_DATA__`, or where a page of the same site has none, as `flight`; `flight` a list of the
    objects of `self.__next_f`, those given to components included; `nuxt` the object of `__NUXT_DATA__`; `window` the value
    of `variable`.
    """
    try:
        match state:
            case "next":
                text = page.css("script#__NEXT_DATA__::text").get()
                return read_json(text) if text else _flight(page)
            case "flight":
                return _flight(page)
            case "nuxt":
                text = page.css("script#__NUXT_DATA__::text").get()
                return unflatten(read_json(text)) if text else None
            case "window":
                return _variable(page, variable or "")
    except RecursionError:
        raise ValueError("état trop profond") from None


def film_of_state(page: Selector, source: Pages) -> dict[str, Any] | None:
    """The film that `source.film` finds in the state of a page. Raises ValueError when it cannot be read."""
    assert source.film is not None and source.state is not None
    state = find_state(page, source.state, source.variable)
    film = source.film.read(state) if state is not None else None
    return trimmed(film, _NOTHING if source.state == "window" else frozenset()) if isinstance(film, dict) else None


def _flight(page: Selector) -> list[Any] | None:
    """The chunks pushed one after the other, cut anywhere, then read as rows of « number:value »."""
    decoder, told = json.JSONDecoder(strict=False), []
    for script in page.css(_SCRIPTS).getall():
        for push in _PUSH.finditer(script):
            try:
                chunk, _ = decoder.raw_decode(script, push.end())
            except ValueError:
                continue
            if isinstance(chunk, list) and len(chunk) > 1 and chunk[0] == 1 and isinstance(chunk[1], str):
                told.append(chunk[1])
    rows = dict(_rows("".join(told).encode("utf-8", "replace")))
    return _objects(rows) if rows else None


def _rows(stream: bytes) -> Iterator[tuple[str, Any]]:
    """The rows that hold data; a row « T » is a text of so many bytes, which may hold line breaks."""
    place = 0
    while row := _ROW.match(stream, place):
        size = int(row[2], 16) if row[2] else None
        end = stream.find(b"\n", row.end()) if size is None else row.end() + size
        end = len(stream) if end < 0 else end
        body = stream[row.end() : end].decode("utf-8", "replace")
        place = end + (size is None)
        if size is not None:
            yield row[1].decode(), body
        elif body[:1] in ("{", "[", '"'):
            try:
                yield row[1].decode(), read_json(body)
            except ValueError:
                continue


def _objects(rows: dict[str, Any]) -> list[Any]:
    """Every object of the rows and, wherever they stand, those given to components: « ["$", type, key, object] »."""
    found, waiting = [], [(row, _DEPTH) for row in reversed(rows.values())]
    for _ in range(_OBJECTS):
        if not waiting:
            break
        value, depth = waiting.pop()
        if isinstance(value, dict):
            found.append({name: _referred(item, rows) for name, item in value.items()})
        inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
        if depth:
            waiting += [(item, depth - 1) for item in reversed(inner) if isinstance(item, list | dict) and _may_hold(value, item)]
    return found


def _may_hold(value: Any, item: Any) -> bool:
    """Components stand in lists, or in the lists of an object; the objects of an object are its own affair."""
    return isinstance(value, list) or isinstance(item, list)


def _referred(item: Any, rows: dict[str, Any]) -> Any:
    """What stands behind « $5 » (row 5), « $D… » (a date), « $n… » (a large number), « $$… » (a text that begins with $)."""
    if not isinstance(item, str) or not item.startswith("$"):
        return item
    if item[1:] in rows:
        return rows[item[1:]]
    if item == "$undefined":
        return None
    return item[2:] if item[1:2] in ("D", "n") else item[1:] if item.startswith("$$") else item


def unflatten(values: Any) -> Any:
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
            built[place] = _built(values[place], lambda part: build(part, depth - 1))
        return built[place]

    return build(0, _DEPTH)


def _built(value: Any, build: Callable[[Any], Any]) -> Any:
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


def _variable(page: Selector, name: str) -> Any:
    """What a script gives to a variable: a JavaScript literal, or JSON.parse("…")."""
    given = re.compile(rf"(?:(?<![\w$]){re.escape(name)}|\[[\"']{re.escape(name)}[\"']\])\s*=(?!=)\s*")
    for script in page.css(_SCRIPTS).getall():
        if found := given.search(script):
            literal = script[found.end() :].replace("\0", "")
            if packed := _TEXT.match(literal):
                return read_json(chompjs.parse_js_object(f"[{packed[1]}]")[0])
            if literal[:1] in ("{", "["):
                return chompjs.parse_js_object(literal, loader=read_json)
    return None
