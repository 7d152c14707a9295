"""A list as people send it: titles one a line, or a table exported from Letterboxd, IMDb, SensCritique or a spreadsheet."""

import csv
import io
from collections.abc import Iterator

from domain.common.csv_reader import decode
from domain.common.errors import Problem
from domain.common.text import clean
from search.requested_film import LONGEST, MAX_BYTES, MOST_LINES, Asked
from search.typed_lines import typed_line
from webapp.core.context import Refusal
from webapp.core.formatting import number
from webapp.core.i18n import gettext
from webapp.public.lists.columns import Header, read_header, table_line

_DELIMITERS = ",;\t|"
_PREAMBLE = "letterboxd list export"


def read_file(data: bytes) -> list[Asked]:
    """The lines of a file, in UTF-8 or as Windows writes. Raises Refusal, in one sentence that names the line."""
    if len(data) > MAX_BYTES:
        raise too_heavy()
    if (at := data.find(b"\0")) >= 0:
        raise _not_text(data.count(b"\n", 0, at) + 1)
    try:
        return read_list(decode(data, ""))
    except Problem:
        raise _not_text(_unreadable_line(data)) from None


def read_list(text: str) -> list[Asked]:
    """The lines of a text that say something, in their order. Raises Refusal, in one sentence that names the line."""
    if (at := text.find("\0")) >= 0:
        raise _not_text(text.count("\n", 0, at) + 1)
    lines = list(io.StringIO(text, newline=""))
    skipped, delimiter, header = _head(lines)
    if header is None or header.only_titles:
        told = _typed(lines, skipped)
    else:
        records = _records(lines, skipped, delimiter)
        told = (table_line(line, header, cells) for line, cells in records)
    found = []
    for asked in told:
        found.append(asked)
        if len(found) > MOST_LINES:
            raise _too_many(lines[skipped:])
    return found


def too_heavy() -> Refusal:
    """What is said of a list that weighs too much."""
    told = gettext("La liste pèse plus de %(most)s Mo : envoyez-la en plusieurs fois.")
    return Refusal(told % {"most": MAX_BYTES // 1_000_000})


def _too_many(lines: list[str]) -> Refusal:
    told = gettext("La liste a plus de %(most)s lignes (%(number)s lignes en tout) : envoyez-la en plusieurs fois.")
    return Refusal(told % {"most": MOST_LINES, "number": number(sum(bool(line.strip()) for line in lines))})


def _not_text(line: int) -> Refusal:
    told = gettext("Ligne %(line)s : ce n’est pas du texte. Enregistrez la liste en CSV ou en texte (UTF-8), puis envoyez-la.")
    return Refusal(told % {"line": line})


def _unreadable_line(data: bytes) -> int:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return data.count(b"\n", 0, error.start) + 1
    return 1


def _head(lines: list[str]) -> tuple[int, str, Header | None]:
    """How many lines come before those of films, what parts their cells, and the header, None when there is none.

    Letterboxd's lists begin with a table of their own, about the list, closed by an empty line.
    """
    start = next((place for place, line in enumerate(lines) if line.strip()), 0)
    if lines[start : start + 1] and lines[start].lstrip('"').lower().startswith(_PREAMBLE):
        start = _after_preamble(lines, start)
    line = lines[start] if start < len(lines) else ""
    found = [(delimiter, _header_under(line, delimiter)) for delimiter in _DELIMITERS]
    delimiter, header = max(found, key=lambda pair: len(pair[1].places) if pair[1] else 0)
    return (start + 1 if header else 0), delimiter, header


def _after_preamble(lines: list[str], start: int) -> int:
    delimiter = max(_DELIMITERS, key="".join(lines[start : start + 2]).count)
    for line, cells in _raw_records(lines, start, delimiter):
        if line > start + 1 and not any(map(str.strip, cells)):
            return line
    return start


def _header_under(line: str, delimiter: str) -> Header | None:
    try:
        return read_header(next(csv.reader([line], delimiter=delimiter), []))
    except csv.Error:
        return None


def _records(lines: list[str], skipped: int, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    return ((line, cells) for line, cells in _raw_records(lines, skipped, delimiter) if any(map(str.strip, cells)))


def _raw_records(lines: list[str], skipped: int, delimiter: str) -> Iterator[tuple[int, list[str]]]:
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
            raise Refusal(told % {"line": line}) from None


def _typed(lines: list[str], skipped: int) -> Iterator[Asked]:
    for line, text in enumerate(lines[skipped:], skipped + 1):
        if not clean(text):
            continue
        if len(text.strip()) > LONGEST:
            told = gettext("Ligne %(line)s : %(number)s caractères, %(most)s au plus. Écrivez un titre par ligne.")
            raise Refusal(told % {"line": line, "number": number(len(text.strip())), "most": LONGEST})
        yield typed_line(line, text)
