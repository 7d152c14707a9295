"""Stream a JSON dump of Wikidata, or part of one: a line an entity, compressed or not, in memory that does not grow."""

import bz2
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from domain.common.csv_reader import GZIP_MAGIC
from domain.common.errors import UserError

_BZIP2_MAGIC = b"BZh"
_MAX_LINE_BYTES = 16 * 2**20  # Wikidata refuses an entity over three million
_CHUNK_BYTES = 2**20
_MAX_LISTED_LINES = 10
_BRACKETS = (b"[", b"]", b"[]", b"")


@dataclass
class ReadingReport:
    """Count the lines of a dump, those that look like entities, the entities parsed, and the lines that could not be read.

    The first of these are listed with the reason, in French.
    """

    line_count: int = 0
    entity_count: int = 0
    parsed_count: int = 0
    damaged_count: int = 0
    damaged_lines: list[tuple[int, str]] = field(default_factory=list)

    def add_damaged_line(self, line: int, reason: str) -> None:
        """Count a line that is skipped."""
        self.damaged_count += 1
        if len(self.damaged_lines) < _MAX_LISTED_LINES:
            self.damaged_lines.append((line, reason))


def iter_entity_lines(path: Path, report: ReadingReport) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the text of each line that may hold an entity, without its last comma.

    The form is that of the public dumps (`[`, one entity a line, `]`) or plain JSON lines. Lines that cannot hold an entity
    are counted in the report. Raises UserError naming file and line when the file cannot be read to its end.
    """
    for line, content in _iter_lines(path, report):
        report.line_count = line
        text = content.strip().removesuffix(b",")
        if text.startswith(b"[{"):
            text = text[1:]
        if text in _BRACKETS:
            continue
        if text.startswith(b"{") and text.endswith(b"}"):
            report.entity_count += 1
            yield line, text
        elif text.startswith(b"{") and text.endswith(b"}]"):
            report.entity_count += 1
            yield line, text[:-1]
        else:
            report.add_damaged_line(line, "ce n'est pas un objet JSON entier")


def _iter_lines(path: Path, report: ReadingReport) -> Iterator[tuple[int, bytes]]:
    """Yield the numbered lines of a file that are not too long; the others are counted as damaged."""
    line = 0
    try:
        with _open_dump(path) as file:
            while content := file.readline(_MAX_LINE_BYTES + 1):
                line += 1
                if len(content) > _MAX_LINE_BYTES:
                    _skip_line(file, content)
                    report.add_damaged_line(line, "ligne démesurée")
                    continue
                yield line, content
    except (EOFError, zlib.error, OSError) as error:
        reason = _describe_failure(error)
        raise UserError(f"{path.name}, ligne {line + 1} : {reason} ; rien n'est enregistré") from None


def _describe_failure(error: Exception) -> str:
    """Return in French why a file cannot be read further; bz2 reports damage by an OSError without a number."""
    if isinstance(error, EOFError):
        return "fichier compressé tronqué, la fin manque"
    if isinstance(error, zlib.error | gzip.BadGzipFile):
        return "fichier gzip endommagé"
    if isinstance(error, OSError) and error.errno:
        return f"fichier illisible ({error.strerror})"
    return "fichier bzip2 endommagé"


def _open_dump(path: Path) -> io.BufferedIOBase:
    """Open a file, decompressed whatever its name. Raises UserError when it cannot be opened."""
    if path.is_dir():
        raise UserError(f"{path} : c'est un dossier, un fichier est attendu")
    try:
        with path.open("rb") as file:
            magic = file.read(3)
    except OSError as error:
        raise UserError(f"{path} : fichier illisible ({error.strerror})") from None
    if magic.startswith(GZIP_MAGIC):
        return gzip.open(path)
    return bz2.open(path) if magic == _BZIP2_MAGIC else path.open("rb")


def _skip_line(file: io.BufferedIOBase, content: bytes) -> None:
    """Read to the end of a line of which the beginning was read."""
    while content and not content.endswith(b"\n"):
        content = file.readline(_CHUNK_BYTES)
