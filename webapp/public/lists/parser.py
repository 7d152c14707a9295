"""A list as people send it: titles one a line, or a table exported from Letterboxd, IMDb, SensCritique or a spreadsheet."""

import csv
import io
from collections.abc import Iterator

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


def read_file(data: bytes) -> list[InputLine]:
    """The lines of a file, in UTF-8 or as Windows writes. Raises Refusal, in one sentence that names the line."""
    if len(data) > MAX_BYTES:
        raise build_too_large_error()
    if (at := data.find(b"\0")) >= 0:
        raise _build_not_text_error(data.count(b"\n", 0, at) + 1)
    try:
        return read_list(decode_bytes(data, ""))
    except UserError:
        raise _build_not_text_error(_find_unreadable_line(data)) from None


def read_list(text: str) -> list[InputLine]:
    """The lines of a text that say something, in their order. Raises Refusal, in one sentence that names the line."""
    if (at := text.find("\0")) >= 0:
        raise _build_not_text_error(text.count("\n", 0, at) + 1)
    lines = list(io.StringIO(text, newline=""))
    skipped, delimiter, header = _parse_head(lines)
    if header is None or header.has_only_titles:
        told = _iter_typed_lines(lines, skipped)
    else:
        records = _iter_records(lines, skipped, delimiter)
        told = (parse_table_line(line, header, cells) for line, cells in records)
    found = []
    for asked in told:
        found.append(asked)
        if len(found) > MAX_LINES:
            raise _build_too_many_error(lines[skipped:])
    return found


def build_too_large_error() -> RequestError:
    """What is said of a list that weighs too much."""
    told = gettext("La liste pèse plus de %(most)s Mo : envoyez-la en plusieurs fois.")
    return RequestError(told % {"most": MAX_BYTES // 1_000_000})


def _build_too_many_error(lines: list[str]) -> RequestError:
    told = gettext("La liste a plus de %(most)s lignes (%(number)s lignes en tout) : envoyez-la en plusieurs fois.")
    return RequestError(told % {"most": MAX_LINES, "number": format_number(sum(bool(line.strip()) for line in lines))})


def _build_not_text_error(line: int) -> RequestError:
    told = gettext("Ligne %(line)s : ce n’est pas du texte. Enregistrez la liste en CSV ou en texte (UTF-8), puis envoyez-la.")
    return RequestError(told % {"line": line})


def _find_unreadable_line(data: bytes) -> int:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return data.count(b"\n", 0, error.start) + 1
    return 1


def _parse_head(lines: list[str]) -> tuple[int, str, Header | None]:
    """How many lines come before those of films, what parts their cells, and the header, None when there is none.

    Letterboxd's lists begin with a table of their own, about the list, closed by an empty line.
    """
    start = next((place for place, line in enumerate(lines) if line.strip()), 0)
    if lines[start : start + 1] and lines[start].lstrip('"').lower().startswith(_PREAMBLE):
        start = _skip_preamble(lines, start)
    line = lines[start] if start < len(lines) else ""
    found = [(delimiter, _parse_header_line(line, delimiter)) for delimiter in _DELIMITERS]
    delimiter, header = max(found, key=lambda pair: len(pair[1].positions) if pair[1] else 0)
    return (start + 1 if header else 0), delimiter, header


def _skip_preamble(lines: list[str], start: int) -> int:
    delimiter = max(_DELIMITERS, key="".join(lines[start : start + 2]).count)
    for line, cells in _iter_raw_records(lines, start, delimiter):
        if line > start + 1 and not any(map(str.strip, cells)):
            return line
    return start


def _parse_header_line(line: str, delimiter: str) -> Header | None:
    try:
        return parse_header(next(csv.reader([line], delimiter=delimiter), []))
    except csv.Error:
        return None


def _iter_records(lines: list[str], skipped: int, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    return ((line, cells) for line, cells in _iter_raw_records(lines, skipped, delimiter) if any(map(str.strip, cells)))


def _iter_raw_records(lines: list[str], skipped: int, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Cells with the number of the line where they begin. Raises Refusal where quotes are not those of a CSV."""
    reader = csv.reader(lines[skipped:], delimiter=delimiter, strict=True)
    while True:
        line = skipped + reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error:
            told = gettext(
                "Ligne %(line)s : un guillemet n’est pas refermé, ou n’est pas à sa place. Corrigez-le, puis renvoyez la liste."
            )
            raise RequestError(told % {"line": line}) from None


def _iter_typed_lines(lines: list[str], skipped: int) -> Iterator[InputLine]:
    for line, text in enumerate(lines[skipped:], skipped + 1):
        if not clean_text(text):
            continue
        if len(text.strip()) > MAX_LINE_LENGTH:
            told = gettext("Ligne %(line)s : %(number)s caractères, %(most)s au plus. Écrivez un titre par ligne.")
            raise RequestError(told % {"line": line, "number": format_number(len(text.strip())), "most": MAX_LINE_LENGTH})
        yield parse_typed_line(line, text)
