"""Documents of feeds and APIs: bytes made lines. A page of HTML, a cut text or a bomb is a Problem."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from jmespath.exceptions import JMESPathError

from crawlers.expressions import Rule
from crawlers.platform_file import PlatformFile
from crawlers.readers import FEEDS, read_avails
from crawlers.readers.trees import read_xml
from crawlers.signature import hidden
from crawlers.source_tables import Documents
from crawlers.transforms import whole_number
from records.errors import Problem
from records.tabular import Row, decode, looks_like_html, parse_table, unpack

SIZE_LIMIT = 64 * 2**20
_VALUES_LIMIT = 4_000_000
_COMMA_TOO_MANY = re.compile(r'("(?:[^"\\]++|\\.)*+"?)|,(?=\s*+[\]}])', re.DOTALL)


@dataclass(frozen=True)
class Unreadable:
    """A line that cannot even be read as a line, and why."""

    fault: str


@dataclass(frozen=True)
class Document:
    """What a document holds: its lines, the total that it announces, and itself (for its paging)."""

    rows: Iterable[object]
    announced: int | None = None
    content: object = None


def read_document(platform: PlatformFile, source: Documents, body: bytes, name: str, alone: bool = False) -> Document:
    """The lines of a document; an `Unreadable` stands for one that is none. A CSV is read as it is gone through.

    `alone` is said of a document that an index points to: it may be one line by itself.
    Raises Problem, in French, when it is not the document expected.
    """
    data = hidden(unpack(body, name, SIZE_LIMIT), source.auth)
    if source.format == "csv":
        return Document(_csv_rows(platform, source, data, name))
    if source.format == "avails":
        return Document(read_avails(data, name))
    content = _parse(source, data, name)
    announced = None if alone else _announced(source, content)
    if source.format in FEEDS:
        return Document(FEEDS[source.format](content, name), announced, content)
    return Document(_rows(source, content, name, alone), announced, content)


def read_index(source: Documents, body: bytes, name: str) -> Document:
    """The items of an index, as the lines of a document: addresses, or values. Raises Problem as `read_document`."""
    assert source.details is not None
    content = _parse(source, hidden(unpack(body, name, SIZE_LIMIT), source.auth), name)
    items = found(source.details.path, content)
    if isinstance(items, str) and source.format == "xml":
        items = [items]
    if not isinstance(items, list):
        raise Problem(f"{name} : la liste des fiches manque, le format a changé")
    return Document(items, _announced(source, content), content)


def _parse(source: Documents, data: bytes, name: str) -> Any:
    if source.format == "xml":
        return read_xml(data, name, source.encoding)
    return parse_json(decode(data, name, source.encoding), name)


def parse_json(text: str, name: str) -> Any:
    """What a JSON text holds; a comma too many at the end of a list is forgiven. Raises Problem when it is cut, or no JSON."""
    if looks_like_html(text):
        raise Problem(f"{name} : page HTML reçue au lieu d'un JSON")
    if text.count(",") > _VALUES_LIMIT:
        raise Problem(f"{name} : JSON démesuré, plus de {_VALUES_LIMIT // 1_000_000} millions de valeurs")
    try:
        return json.loads(text)
    except RecursionError:
        raise Problem(f"{name} : JSON coupé ou illisible") from None
    except ValueError:
        pass
    try:
        return json.loads(_COMMA_TOO_MANY.sub(r"\1", text))
    except (ValueError, RecursionError):
        raise Problem(f"{name} : JSON coupé ou illisible") from None


def _rows(source: Documents, content: Any, name: str, alone: bool) -> list[object]:
    rows = found(source.items, content) if source.items else content
    if isinstance(rows, list):
        return rows
    one_of_xml = source.format == "xml" and source.items is not None  # a lone child is not a list, none is nothing
    if isinstance(rows, dict) and (alone or one_of_xml):
        return [rows]
    if rows is None and one_of_xml and source.pages:
        return []
    raise Problem(f"{name} : la liste des titres manque, le format a changé")


def found(rule: Rule, content: Any) -> Any:
    """What a rule finds in a document, empty lists included. Raises Problem when it cannot be read there."""
    try:
        return rule.find(content)
    except JMESPathError as error:
        raise Problem(f"document illisible par ses règles, le format a changé ({str(error).splitlines()[0][:200]})") from None


def _announced(source: Documents, content: Any) -> int | None:
    try:
        return whole_number(found(source.announced, content)) if source.announced else None
    except ValueError:
        return None


def _csv_rows(platform: PlatformFile, source: Documents, data: bytes, name: str) -> Iterator[object]:
    columns = set().union(*(rule.columns() for rule in platform.rules()))
    lines = parse_table(decode(data, name, source.encoding), name, sorted(columns), source.delimiter)
    return _whole_lines(lines, name)


def _whole_lines(lines: Iterator[Row], name: str) -> Iterator[object]:
    """The cells of each line, or why there are none; a fault in the last line means that the file was cut."""
    held: Row | None = None
    for line in lines:
        if held:
            yield Unreadable(f"ligne {held.line} : {held.fault}")
        held = line if line.fault else None
        if held is None:
            yield line.cells
    if held:
        raise Problem(f"{name} : CSV coupé, sa dernière ligne est incomplète")
