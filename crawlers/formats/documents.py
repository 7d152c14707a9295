"""Documents of feeds and APIs: bytes made lines. A page of HTML, a cut text or a bomb is a Problem."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from jmespath.exceptions import JMESPathError

from crawlers.extract.expressions import Rule
from crawlers.extract.transforms import whole_number
from crawlers.formats import READERS
from crawlers.formats.json_documents import load_json
from crawlers.formats.xml_documents import load_xml
from crawlers.platform_files.loader import PlatformFile
from crawlers.platform_files.sources import Documents
from crawlers.spiders.request_signing import hidden
from domain.common.csv_reader import Row, decode, parse_table, unpack
from domain.common.errors import Problem

SIZE_LIMIT = 64 * 2**20


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
    if source.format in READERS:
        return Document(READERS[source.format](data, name, source.encoding))
    content = _parse(source, data, name)
    return Document(_rows(source, content, name, alone), None if alone else _announced(source, content), content)


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
    return (load_xml if source.format == "xml" else load_json)(data, name, source.encoding)


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
