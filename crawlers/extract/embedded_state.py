"""Read the state that a page embeds for its own scripts: Next.js, Nuxt, or « window.X = … ».

Whatever the page writes, a reader returns None or raises ValueError; depth and time stay bounded.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from parsel import Selector

from crawlers.formats.lenient_json import copy_bounded, parse_untrusted_json
from crawlers.platform_files.sources import PageSource, StateKind

_MAX_DEPTH = 60
_MAX_OBJECTS = 50_000
_FLIGHT_PUSH = re.compile(r"__next_f\s*=\s*self\.__next_f\s*\|\|\s*\[\]\s*\)\s*\.push\(|__next_f\.push\(")
_FLIGHT_ROW = re.compile(rb"([0-9a-f]*):(?:T([0-9a-f]{1,7}),)?")
_INLINE_SCRIPTS = "script:not([src])::text"
_JSON_PARSE_CALL = re.compile(r"""JSON\.parse\(\s*("(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+')""", re.DOTALL)
_UNDEFINED_WORDS = frozenset(["undefined", "void 0"])


def extract_state(page: Selector, state: StateKind, variable: str | None = None) -> Any:
    """Return the state of a page, None when it embeds none. Raises ValueError when it cannot be read.

    `next` gives the object of `__NEXT_DATA__`, or where a page of the same site has none, as `flight`; `flight` a list of the
    objects of `self.__next_f`, those given to components included; `nuxt` the object of `__NUXT_DATA__`; `window` the value
    of `variable`.
    """
    try:
        match state:
            case "next":
                text = page.css("script#__NEXT_DATA__::text").get()
                if text:
                    return parse_untrusted_json(text)
                return _parse_flight(page)
            case "flight":
                return _parse_flight(page)
            case "nuxt":
                text = page.css("script#__NUXT_DATA__::text").get()
                if text:
                    return unflatten_nuxt_data(parse_untrusted_json(text))
                return None
            case "window":
                return _extract_variable(page, variable or "")
    except RecursionError:
        raise ValueError("état trop profond") from None


def extract_film_from_state(page: Selector, source: PageSource) -> dict[str, Any] | None:
    """Return the film that `source.film` finds in the state of a page, if any. Raises ValueError when it cannot be read."""
    assert source.film is not None
    assert source.state is not None
    state = extract_state(page, source.state, source.variable)
    film = source.film.extract_value(state) if state is not None else None
    if not isinstance(film, dict):
        return None
    bounded_film: dict[str, Any] = copy_bounded(film, _UNDEFINED_WORDS if source.state == "window" else frozenset())
    return bounded_film


def _parse_flight(page: Selector) -> list[Any] | None:
    """Join the chunks pushed one after the other, cut anywhere, and read them as rows of « number:value »."""
    chunks = [chunk for script in page.css(_INLINE_SCRIPTS).getall() for chunk in _iter_flight_chunks(script)]
    rows = dict(_iter_flight_rows("".join(chunks).encode("utf-8", "replace")))
    if rows:
        return _collect_flight_objects(rows)
    return None


def _iter_flight_chunks(script: str) -> Iterator[str]:
    decoder = json.JSONDecoder(strict=False)
    for push in _FLIGHT_PUSH.finditer(script):
        try:
            argument, _ = decoder.raw_decode(script, push.end())
        except ValueError:
            continue
        match argument:
            case [1, str(chunk), *_]:
                yield chunk


def _iter_flight_rows(stream: bytes) -> Iterator[tuple[str, Any]]:
    """Yield the rows that hold data; a row « T » is a text of so many bytes, which may hold line breaks."""
    position = 0
    while row := _FLIGHT_ROW.match(stream, position):
        key = row[1].decode()
        if row[2]:
            position = row.end() + int(row[2], 16)
            yield key, _decode_slice(stream, row.end(), position)
            continue
        end = stream.find(b"\n", row.end())
        end = len(stream) if end < 0 else end
        position = end + 1
        body = _decode_slice(stream, row.end(), end)
        if body[:1] in ("{", "[", '"'):
            try:
                yield key, parse_untrusted_json(body)
            except ValueError:
                continue


def _decode_slice(stream: bytes, start: int, end: int) -> str:
    return stream[start:end].decode("utf-8", "replace")


def _collect_flight_objects(rows: dict[str, Any]) -> list[Any]:
    """Return every object of the rows and, wherever they stand, those given to components: « ["$", type, key, object] »."""
    objects = []
    waiting = [(row, _MAX_DEPTH) for row in reversed(rows.values())]
    for _ in range(_MAX_OBJECTS):
        if not waiting:
            break
        value, depth = waiting.pop()
        if isinstance(value, dict):
            objects.append({name: _resolve_reference(item, rows) for name, item in value.items()})
        if depth:
            waiting += [(item, depth - 1) for item in reversed(_list_component_holders(value))]
    return objects


def _list_component_holders(value: Any) -> list[Any]:
    """Return the parts in which components may stand: those of a list, and the lists of an object, not its objects."""
    if isinstance(value, list):
        return [item for item in value if isinstance(item, list | dict)]
    if isinstance(value, dict):
        return [item for item in value.values() if isinstance(item, list)]
    return []


def _resolve_reference(item: Any, rows: dict[str, Any]) -> Any:
    """Return what « $5 » (row 5), « $D… » (a date), « $n… » (a number) or « $$… » (a text that begins with $) stands for."""
    if not isinstance(item, str) or not item.startswith("$"):
        return item
    if item[1:] in rows:
        return rows[item[1:]]
    if item == "$undefined":
        return None
    if item[1:2] in ("D", "n"):
        return item[2:]
    if item.startswith("$$"):
        return item[1:]
    return item


def unflatten_nuxt_data(values: Any) -> Any:
    """Return the object of a `__NUXT_DATA__`: a list of every value once, whose parts are positions in the list.

    Parts shared by several objects are shared here too; one that holds itself holds None in that position.
    Raises ValueError when it is no such list.
    """
    if not isinstance(values, list) or not values:
        raise ValueError("tableau attendu dans __NUXT_DATA__")
    built: dict[int, Any] = {}

    def build_value(position: Any, depth: int) -> Any:
        if type(position) is not int or not 0 <= position < len(values) or not depth:
            return None
        if position not in built:
            built[position] = None
            built[position] = _revive_value(values[position], lambda part: build_value(part, depth - 1))
        return built[position]

    return build_value(0, _MAX_DEPTH)


def _revive_value(value: Any, build_part: Callable[[Any], Any]) -> Any:
    """Return a value whose parts are built; « ["Reactive", 5] » is what stands at 5, « ["Set", 5, 6] » a list."""
    if isinstance(value, dict):
        return {name: build_part(part) for name, part in value.items()}
    match value:
        case ["Date" | "BigInt" | "RegExp" | "Object", text, *_]:
            return text
        case ["Set", *parts]:
            return list(map(build_part, parts))
        case ["Map", *parts]:
            return {str(build_part(name)): build_part(part) for name, part in zip(parts[::2], parts[1::2], strict=False)}
        case ["null", *parts]:
            return {str(name): build_part(part) for name, part in zip(parts[::2], parts[1::2], strict=False)}
        case [str(), part]:
            return build_part(part)
        case list():
            return list(map(build_part, value))
    return value


def _extract_variable(page: Selector, name: str) -> Any:
    """Return what a script gives to a variable: a JavaScript literal, or JSON.parse("…"); None when none does."""
    import chompjs  # only these sites need it

    assignment = re.compile(rf"(?:(?<![\w$]){re.escape(name)}|\[[\"']{re.escape(name)}[\"']\])\s*=(?!=)\s*")
    for script in page.css(_INLINE_SCRIPTS).getall():
        assigned = assignment.search(script)
        if assigned is None:
            continue
        literal = script[assigned.end() :].replace("\0", "")
        if parse_call := _JSON_PARSE_CALL.match(literal):
            return parse_untrusted_json(chompjs.parse_js_object(f"[{parse_call[1]}]")[0])
        if literal[:1] in ("{", "["):
            return chompjs.parse_js_object(literal, loader=parse_untrusted_json)
    return None
