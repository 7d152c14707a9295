"""Read the rows of a feed's or an API's document. A page of HTML, a cut text or a bomb raises UserError."""

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
    """Hold the rows of a document, the total that it announces, and its content, where its paging is read."""

    rows: Iterable[object]
    announced_total: int | None = None
    content: object = None


def read_document(platform: PlatformFile, source: DocumentSource, body: bytes, name: str, is_detail: bool = False) -> Document:
    """Return the rows of a document, an `UnreadableRow` for each that is none; those of a CSV are read as they are consumed.

    With `is_detail`, the document is one that an index points to: it may be one row by itself.
    Raises UserError, in French, when it is not the document expected.
    """
    data = _unpack(source, body, name)
    if source.format == "csv":
        return Document(_read_csv_rows(platform, source, data, name))
    if source.format in READERS:
        return Document(READERS[source.format](data, name, source.encoding))
    content = _parse_content(source, data, name)
    rows = _select_rows(source, content, name, is_detail)
    announced_total = None if is_detail else _get_announced_total(source, content)
    return Document(rows, announced_total, content)


def read_index(source: DocumentSource, body: bytes, name: str) -> Document:
    """Return the items of an index as the rows of a document: addresses, or values. Raises UserError as `read_document`."""
    assert source.details is not None
    content = _parse_content(source, _unpack(source, body, name), name)
    items = apply_rule(source.details.path, content)
    if isinstance(items, str) and source.format == "xml":
        items = [items]
    if not isinstance(items, list):
        raise UserError(f"{name} : la liste des fiches manque, le format a changé")
    return Document(items, _get_announced_total(source, content), content)


def _unpack(source: DocumentSource, body: bytes, name: str) -> bytes:
    """Return a document out of its gzip, without the secret that its server may echo."""
    return redact_bytes(decompress_gzip(body, name, SIZE_LIMIT), source.auth)


def _parse_content(source: DocumentSource, data: bytes, name: str) -> Any:
    parse_document = load_xml if source.format == "xml" else load_json
    return parse_document(data, name, source.encoding)


def _select_rows(source: DocumentSource, content: Any, name: str, is_detail: bool) -> list[object]:
    rows = apply_rule(source.items, content) if source.items else content
    if isinstance(rows, list):
        return rows
    is_xml_list = source.format == "xml" and source.items is not None  # a lone child is not a list, none is nothing
    if isinstance(rows, dict) and (is_detail or is_xml_list):
        return [rows]
    if rows is None and is_xml_list and source.pages:
        return []
    raise UserError(f"{name} : la liste des titres manque, le format a changé")


def apply_rule(rule: Rule, content: Any) -> Any:
    """Return what a rule finds in a document, empty lists included. Raises UserError when it cannot be applied there."""
    try:
        return rule.search(content)
    except JMESPathError as error:
        reason = str(error).splitlines()[0][:200]
        raise UserError(f"document illisible par ses règles, le format a changé ({reason})") from None


def _get_announced_total(source: DocumentSource, content: Any) -> int | None:
    if source.announced is None:
        return None
    try:
        return parse_whole_number(apply_rule(source.announced, content))
    except ValueError:
        return None


def _read_csv_rows(platform: PlatformFile, source: DocumentSource, data: bytes, name: str) -> Iterator[object]:
    columns: set[str] = set().union(*(rule.list_columns() for rule in platform.list_rules()))
    table = parse_table(decode_bytes(data, name, source.encoding), name, sorted(columns), source.delimiter)
    return _iter_complete_rows(table, name)


def _iter_complete_rows(table: Iterator[TableRow], name: str) -> Iterator[object]:
    """Yield the cells of each row, or why there are none; a fault in the last row means that the file was cut."""
    faulty_row: TableRow | None = None
    for row in table:
        if faulty_row is not None:
            yield UnreadableRow(f"ligne {faulty_row.line} : {faulty_row.fault}")
        if row.fault:
            faulty_row = row
        else:
            faulty_row = None
            yield row.cells
    if faulty_row is not None:
        raise UserError(f"{name} : CSV coupé, sa dernière ligne est incomplète")
