"""Documents of feeds and APIs: bytes made lines. A page of HTML, a cut text or a bomb is a Problem."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from jmespath.exceptions import JMESPathError

from crawlers.extract.expressions import Rule
from crawlers.formats import READERS
from crawlers.formats.json_documents import load_json
from crawlers.formats.xml_documents import load_xml
from crawlers.items import UnreadableRow
from crawlers.platform_files.loader import PlatformFile
from crawlers.platform_files.sources import DocumentSource
from crawlers.spiders.request_signing import redact_bytes
from domain.common.csv_reader import TableRow, decode_bytes, decompress_gzip, parse_table
from domain.common.errors import UserError
from domain.common.parsing import parse_whole_number

SIZE_LIMIT = 64 * 2**20


@dataclass(frozen=True)
class Document:
    """What a document holds: its lines, the total that it announces, and itself (for its paging)."""

    rows: Iterable[object]
    announced_total: int | None = None
    content: object = None


def read_document(platform: PlatformFile, source: DocumentSource, body: bytes, name: str, is_detail: bool = False) -> Document:
    """The lines of a document; an `Unreadable` stands for one that is none. A CSV is read as it is gone through.

    With `is_detail`, the document is one that an index points to: it may be one row by itself.
    Raises Problem, in French, when it is not the document expected.
    """
    data = redact_bytes(decompress_gzip(body, name, SIZE_LIMIT), source.auth)
    if source.format == "csv":
        return Document(_read_csv_rows(platform, source, data, name))
    if source.format in READERS:
        return Document(READERS[source.format](data, name, source.encoding))
    content = _parse_content(source, data, name)
    return Document(
        _select_rows(source, content, name, is_detail), None if is_detail else _get_announced_total(source, content), content
    )


def read_index(source: DocumentSource, body: bytes, name: str) -> Document:
    """The items of an index, as the lines of a document: addresses, or values. Raises Problem as `read_document`."""
    assert source.details is not None
    content = _parse_content(source, redact_bytes(decompress_gzip(body, name, SIZE_LIMIT), source.auth), name)
    items = apply_rule(source.details.path, content)
    if isinstance(items, str) and source.format == "xml":
        items = [items]
    if not isinstance(items, list):
        raise UserError(f"{name} : la liste des fiches manque, le format a changé")
    return Document(items, _get_announced_total(source, content), content)


def _parse_content(source: DocumentSource, data: bytes, name: str) -> Any:
    return (load_xml if source.format == "xml" else load_json)(data, name, source.encoding)


def _select_rows(source: DocumentSource, content: Any, name: str, is_detail: bool) -> list[object]:
    rows = apply_rule(source.items, content) if source.items else content
    if isinstance(rows, list):
        return rows
    one_of_xml = source.format == "xml" and source.items is not None  # a lone child is not a list, none is nothing
    if isinstance(rows, dict) and (is_detail or one_of_xml):
        return [rows]
    if rows is None and one_of_xml and source.pages:
        return []
    raise UserError(f"{name} : la liste des titres manque, le format a changé")


def apply_rule(rule: Rule, content: Any) -> Any:
    """What a rule finds in a document, empty lists included. Raises Problem when it cannot be read there."""
    try:
        return rule.search(content)
    except JMESPathError as error:
        raise UserError(f"document illisible par ses règles, le format a changé ({str(error).splitlines()[0][:200]})") from None


def _get_announced_total(source: DocumentSource, content: Any) -> int | None:
    try:
        return parse_whole_number(apply_rule(source.announced, content)) if source.announced else None
    except ValueError:
        return None


def _read_csv_rows(platform: PlatformFile, source: DocumentSource, data: bytes, name: str) -> Iterator[object]:
    columns = set().union(*(rule.list_columns() for rule in platform.list_rules()))
    lines = parse_table(decode_bytes(data, name, source.encoding), name, sorted(columns), source.delimiter)
    return _iter_complete_rows(lines, name)


def _iter_complete_rows(lines: Iterator[TableRow], name: str) -> Iterator[object]:
    """The cells of each line, or why there are none; a fault in the last line means that the file was cut."""
    held: TableRow | None = None
    for line in lines:
        if held:
            yield UnreadableRow(f"ligne {held.line} : {held.fault}")
        held = line if line.fault else None
        if held is None:
            yield line.cells
    if held:
        raise UserError(f"{name} : CSV coupé, sa dernière ligne est incomplète")
