"""Parse a list as people send it: titles one a line, or a table exported from Letterboxd, IMDb, SensCritique or a spreadsheet."""

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from domain.common.csv_reader import decode_bytes
from domain.common.errors import UserError
from domain.common.text import clean_text
from search.requested_film import MAX_BYTES, MAX_LINE_LENGTH, MAX_LINES, InputLine
from search.typed_lines import parse_typed_line
from webapp.core.context import RequestError
from webapp.core.formatting import format_number
from webapp.core.i18n import gettext
from webapp.public.lists.columns import Header, parse_header, parse_table_line

_DELIMITERS = ",;\t|"
_PREAMBLE = "letterboxd list export"


class _Head(NamedTuple):
    """Hold how many lines come before those of films, what separates cells, and the header; None when there is none."""

    skipped_lines: int
    delimiter: str
    header: Header | None


def read_file(data: bytes) -> list[InputLine]:
    """Return the lines of a file, in UTF-8 or a Windows encoding. Raises RequestError with one sentence that names the line."""
    if len(data) > MAX_BYTES:
        raise build_too_large_error()
    null_position = data.find(b"\0")
    if null_position >= 0:
        raise _build_not_text_error(data.count(b"\n", 0, null_position) + 1)
    try:
        return read_list(decode_bytes(data, ""))
    except UserError:
        raise _build_not_text_error(_find_unreadable_line(data)) from None


def read_list(text: str) -> list[InputLine]:
    """Return the lines of a text that are not blank, in order. Raises RequestError with one sentence that names the line."""
    null_position = text.find("\0")
    if null_position >= 0:
        raise _build_not_text_error(text.count("\n", 0, null_position) + 1)
    lines = list(io.StringIO(text, newline=""))
    head = _parse_head(lines)
    input_lines = list(islice(_iter_input_lines(lines, head), MAX_LINES + 1))
    if len(input_lines) > MAX_LINES:
        raise _build_too_many_error(lines[head.skipped_lines :])
    return input_lines


def _iter_input_lines(lines: list[str], head: _Head) -> Iterator[InputLine]:
    if head.header is None or head.header.has_only_titles:
        yield from _iter_typed_lines(lines, head.skipped_lines)
        return
    for line_number, cells in _iter_records(lines, head.skipped_lines, head.delimiter):
        yield parse_table_line(line_number, head.header, cells)


def build_too_large_error() -> RequestError:
    """Return the error of a list that weighs too much."""
    message = gettext("La liste pèse plus de %(limit)s Mo : envoyez-la en plusieurs fois.")
    return RequestError(message % {"limit": MAX_BYTES // 1_000_000})


def _build_too_many_error(lines: list[str]) -> RequestError:
    line_count = sum(bool(line.strip()) for line in lines)
    message = gettext("La liste a plus de %(limit)s lignes (%(lines)s lignes en tout) : envoyez-la en plusieurs fois.")
    return RequestError(message % {"limit": MAX_LINES, "lines": format_number(line_count)})


def _build_not_text_error(line_number: int) -> RequestError:
    message = gettext("Ligne %(line)s : ce n’est pas du texte. Enregistrez la liste en CSV ou en texte (UTF-8), puis envoyez-la.")
    return RequestError(message % {"line": line_number})


def _find_unreadable_line(data: bytes) -> int:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return data.count(b"\n", 0, error.start) + 1
    return 1


def _parse_head(lines: list[str]) -> _Head:
    """Find the header under the delimiter that recognises most columns.

    Letterboxd's lists begin with a table of their own, about the list, closed by an empty line.
    """
    start = next((index for index, line in enumerate(lines) if line.strip()), 0)
    if start < len(lines) and lines[start].lstrip('"').lower().startswith(_PREAMBLE):
        start = _skip_preamble(lines, start)
    first_line = lines[start] if start < len(lines) else ""
    heads = [_Head(start + 1, delimiter, _parse_header_line(first_line, delimiter)) for delimiter in _DELIMITERS]
    head = max(heads, key=_count_columns)
    return head if head.header else head._replace(skipped_lines=0)


def _count_columns(head: _Head) -> int:
    return len(head.header.positions) if head.header else 0


def _skip_preamble(lines: list[str], start: int) -> int:
    """Return the index of the line after the empty one that closes a preamble; `start` when there is none."""
    delimiter = max(_DELIMITERS, key="".join(lines[start : start + 2]).count)
    for line_number, cells in _iter_raw_records(lines, start, delimiter):
        if line_number > start + 1 and not any(map(str.strip, cells)):
            return line_number
    return start


def _parse_header_line(line: str, delimiter: str) -> Header | None:
    try:
        return parse_header(next(csv.reader([line], delimiter=delimiter), []))
    except csv.Error:
        return None


def _iter_records(lines: list[str], skipped_lines: int, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the records that have a cell which is not blank, as `_iter_raw_records` does."""
    for line_number, cells in _iter_raw_records(lines, skipped_lines, delimiter):
        if any(map(str.strip, cells)):
            yield line_number, cells


def _iter_raw_records(lines: list[str], skipped_lines: int, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield cells with the number of the line where they begin. Raises RequestError where quotes are not those of a CSV."""
    reader = csv.reader(lines[skipped_lines:], delimiter=delimiter, strict=True)
    while True:
        line_number = skipped_lines + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            message = gettext(
                "Ligne %(line)s : un guillemet n’est pas refermé, ou n’est pas à sa place. Corrigez-le, puis renvoyez la liste."
            )
            raise RequestError(message % {"line": line_number}) from None
        yield line_number, cells


def _iter_typed_lines(lines: list[str], skipped_lines: int) -> Iterator[InputLine]:
    for line_number, text in enumerate(lines[skipped_lines:], skipped_lines + 1):
        if not clean_text(text):
            continue
        length = len(text.strip())
        if length > MAX_LINE_LENGTH:
            message = gettext("Ligne %(line)s : %(length)s caractères, %(limit)s au plus. Écrivez un titre par ligne.")
            raise RequestError(message % {"line": line_number, "length": format_number(length), "limit": MAX_LINE_LENGTH})
        yield parse_typed_line(line_number, text)
