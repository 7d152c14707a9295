"""Read CSV files as people send them: any usual encoding or delimiter, gzip or not, faults reported by line."""

import csv
import gzip
import io
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from domain.common.errors import UserError
from domain.common.text import format_count

_DELIMITERS = ",;\t|"
_MAX_CELL_LENGTH = 1_000_000
_MAX_COLUMNS = 500
_HTML_PATTERN = re.compile(r"\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_LINE_PATTERN = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
GZIP_MAGIC = b"\x1f\x8b"
"""How a gzip document begins."""
_MAX_UNPACKED_BYTES = 512 * 2**20


class TooLargeError(UserError):
    """Report a document that is larger than allowed once decompressed."""


@dataclass(frozen=True)
class TableRow:
    """Represent one row: its line in the file (from 1, header included), and its cells by column or what is wrong with it."""

    line: int
    cells: dict[str, str] = field(default_factory=dict)
    fault: str | None = None


def decode_bytes(data: bytes, name: str, encoding: str | None = None) -> str:
    """Decode a document in UTF-8 (with or without BOM), cp1252 or cp850, detected when `encoding` is not given.

    Raises UserError naming the document, and the line where a UTF-8 text breaks.
    """
    if b"\0" in data[:10_000]:
        raise UserError(f"{name} : ce n'est pas du texte (UTF-8, cp1252 ou cp850 attendu)")
    try:
        return data.decode(encoding or "utf-8-sig").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        is_mixed = not data[: error.start].isascii()
        if encoding or is_mixed:
            raise UserError(f"{name}, ligne {line} : octets illisibles en {encoding or 'UTF-8'}") from None
    import charset_normalizer  # slow to import, for files that are not in UTF-8

    guess = charset_normalizer.from_bytes(data[:1_000_000], cp_isolation=["cp1252", "cp850"]).best()
    if guess is None:
        raise UserError(f"{name} : ce n'est pas du texte (UTF-8, cp1252 ou cp850 attendu)")
    return data.decode(guess.encoding, errors="replace")


def decompress_gzip(data: bytes, name: str, limit: int = _MAX_UNPACKED_BYTES) -> bytes:
    """Return the content of a gzip document of at most `limit` bytes, or the document itself when it is not gzip.

    Raises UserError when the gzip is damaged or truncated, TooLargeError when its content is over the limit.
    """
    if not data.startswith(GZIP_MAGIC):
        return data
    try:
        with gzip.open(io.BytesIO(data)) as packed:
            content = packed.read(limit + 1)
    except EOFError:
        raise UserError(f"{name} : fichier gzip tronqué, la fin manque") from None
    except (gzip.BadGzipFile, zlib.error):
        raise UserError(f"{name} : fichier gzip endommagé") from None
    if len(content) > limit:
        raise TooLargeError(f"{name} : fichier gzip démesuré une fois décompressé")
    return content


def looks_like_html(text: str) -> bool:
    """Tell whether a document that should be data is a web page."""
    return _HTML_PATTERN.match(text) is not None


def parse_table(text: str, name: str, required: Sequence[str], delimiter: str | None = None) -> Iterator[TableRow]:
    """Return the rows under a header. Raises UserError before any row for a web page, an empty text or a missing column."""
    if looks_like_html(text):
        raise UserError(f"{name} : page HTML reçue au lieu d'un CSV")
    if not text.strip():
        raise UserError(f"{name} : fichier vide")
    if delimiter is None:
        delimiter = max(_DELIMITERS, key=text.split("\n", 1)[0].count)
    lines = (match[0] for match in _LINE_PATTERN.finditer(text))  # a StringIO would copy the text, four bytes a character
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    csv.field_size_limit(_MAX_CELL_LENGTH)
    try:
        header = [cell.strip() for cell in next(reader, [])]
    except csv.Error as error:
        raise UserError(f"{name}, ligne 1 : CSV illisible ({error})") from None
    _check_header(header, name, required)
    return _iter_rows(reader, header, name)


def _check_header(header: list[str], name: str, required: Sequence[str]) -> None:
    if len(header) > _MAX_COLUMNS:
        raise UserError(f"{name}, ligne 1 : {len(header)} colonnes, {_MAX_COLUMNS} au plus")
    repeated = sorted(column for column, count in Counter(header).items() if column and count > 1)
    if repeated:
        raise UserError(f"{name}, ligne 1 : colonne en double : {repeated[0]}")
    missing = [column for column in required if column not in header]
    if missing:
        raise UserError(f"{name}, ligne 1 : colonne absente : {', '.join(missing)}")


class _CsvReader(Protocol):
    """Describe what `csv.reader` returns: an iterator over rows that knows its line number."""

    line_num: int

    def __next__(self) -> list[str]: ...


def _iter_rows(reader: _CsvReader, header: list[str], name: str) -> Iterator[TableRow]:
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end" in str(error):
                raise UserError(f"{name}, ligne {line} : guillemet jamais refermé, la suite du fichier est illisible") from None
            yield TableRow(line, fault=f"CSV illisible ({error})")
            continue
        if not cells:
            continue
        if len(cells) == len(header):
            yield TableRow(line, dict(zip(header, map(str.strip, cells), strict=True)))
        else:
            yield TableRow(line, fault=f"{format_count(len(cells), 'cellule')} au lieu de {len(header)}")


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file as they are. Raises UserError naming it when it cannot be read."""
    try:
        return path.read_bytes()
    except IsADirectoryError:
        raise UserError(f"{path} : c'est un dossier, un fichier est attendu") from None
    except FileNotFoundError:
        raise UserError(f"{path} : fichier illisible (introuvable)") from None
    except OSError as error:
        raise UserError(f"{path} : fichier illisible ({error.strerror})") from None


def read_file(path: Path) -> bytes:
    """Return the bytes of a file, decompressed. Raises UserError naming it when it cannot be read."""
    return decompress_gzip(read_bytes(path), path.name)


def read_table(path: Path, required: Sequence[str]) -> Iterator[TableRow]:
    """Return the rows of a CSV file, compressed or not. Raises UserError naming file, line and column."""
    return parse_table(decode_bytes(read_file(path), path.name), path.name, required)


def split_values(cell: str) -> list[str]:
    """Return the values of a cell, separated by « | »."""
    if "|" not in cell:
        cell = cell.strip()
        return [cell] if cell else []
    return [value.strip() for value in cell.split("|") if value.strip()]
