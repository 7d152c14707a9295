"""Refuse a workbook that could fill the memory, before openpyxl opens it."""

import io
import zipfile
import zlib
from xml.etree.ElementTree import ParseError

from defusedxml.ElementTree import DefusedXMLParser

from domain.common.errors import UserError

_SIZE_LIMIT = 32 * 2**20
_MEMBERS_LIMIT = 1000
_TAGS_LIMIT = 4_000_000
_UNCHECKED_TAGS_LIMIT = 50_000
_OUTER_ELEMENTS_LIMIT = 500_000
_LARGE_PART_PREFIXES = ("xl/worksheets/", "xl/sharedStrings")
_ROW_DEPTH = 3  # worksheet, sheetData, row


def require_small_workbook(data: bytes, name: str) -> None:
    """Raise UserError when a workbook is damaged, or too large once unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            is_small = _is_archive_within_limits(archive)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError, RuntimeError, zlib.error, ParseError):
        raise UserError(f"{name} : classeur XLSX endommagé ou coupé") from None
    if not is_small:
        raise UserError(f"{name} : classeur XLSX démesuré une fois décompressé")


def _is_archive_within_limits(archive: zipfile.ZipFile) -> bool:
    members = archive.infolist()
    if len(members) > _MEMBERS_LIMIT or sum(member.file_size for member in members) > _SIZE_LIMIT:
        return False
    return all(_is_part_within_limits(member.filename, archive.read(member)) for member in members)


def _is_part_within_limits(name: str, part: bytes) -> bool:
    """Tell whether a part has no more rows, and no row more cells, than openpyxl may hold. Raises ParseError."""
    tag_count = part.count(b"<")
    if tag_count <= _UNCHECKED_TAGS_LIMIT:
        return True
    if tag_count > _TAGS_LIMIT or not name.startswith(_LARGE_PART_PREFIXES):
        return False
    parser = DefusedXMLParser(target=_RowCounter(), forbid_dtd=True)
    try:
        parser.feed(part)
        parser.close()
    except _TooManyElementsError:
        return False
    return True


class _TooManyElementsError(Exception):
    """Report more elements than may be held."""


class _RowCounter:
    """Count, as the target of a parser, rows (or whatever else stands at their depth) and what each holds."""

    def __init__(self) -> None:
        self._depth = 0
        self._outer_count = 0
        self._inner_count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Count an element. Raises _TooManyElementsError past the limits."""
        self._depth += 1
        if self._depth <= _ROW_DEPTH:
            self._outer_count += 1
            self._inner_count = 0
        else:
            self._inner_count += 1
        if self._outer_count > _OUTER_ELEMENTS_LIMIT or self._inner_count > _UNCHECKED_TAGS_LIMIT:
            raise _TooManyElementsError

    def end(self, tag: str) -> None:
        """Leave an element."""
        self._depth -= 1

    def close(self) -> None:
        """Do nothing: there is no result."""
