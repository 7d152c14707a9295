"""Find which document comes after another: pages, offsets, cursors and addresses. A server that loops raises UserError."""

import json
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from w3lib.url import safe_url_string

from crawlers.formats.documents import Document, apply_rule
from crawlers.platform_files.sources import DocumentSource, Paging
from domain.common.errors import UserError
from domain.common.parsing import parse_whole_number
from domain.common.text import clean_text

Cursor = int | str
_PLACEHOLDERS = {"offset": "{offset}", "cursor": "{cursor}"}
_MAX_POINTER_LENGTH = 8000


def get_first_cursor(source: DocumentSource) -> Cursor:
    """Return where a reading starts: a page number, a count of rows before, an empty cursor, or the source's address."""
    if source.pages is None:
        return 1
    first_cursors: dict[str, Cursor] = {"offset": 0, "cursor": "", "next_url": source.url}
    return first_cursors.get(source.pages.by, source.pages.first)


def build_page_request(source: DocumentSource, cursor: Cursor) -> tuple[str, str | None]:
    """Return the address and the body of the request for a cursor; one that a server gave is escaped."""
    paging = source.pages.by if source.pages else "next"
    if paging == "next_url":
        return str(cursor), source.body
    placeholder = _PLACEHOLDERS.get(paging, "{page}")
    text = str(cursor)
    body = source.body.replace(placeholder, json.dumps(text)[1:-1]) if source.body else None
    return source.url.replace(placeholder, quote(text, safe="", errors="replace")), body


def get_next_cursor(
    paging: Paging | None, document: Document, cursor: Cursor, seen_cursors: set[Cursor], base_url: str = ""
) -> Cursor | None:
    """Return the cursor that follows, or None after the last; `base_url` is the document's address.

    Raises UserError when the document does not tell, or sends back to one of `seen_cursors`.
    """
    if paging is None or (paging.stop and apply_rule(paging.stop, document.content)):
        return None
    pointer = apply_rule(paging.path, document.content) if paging.path else None
    next_cursor = _compute_next_cursor(paging, pointer, cursor, is_empty=not document.rows)
    if paging.by == "next_url" and next_cursor is not None:
        next_cursor = resolve_url(base_url, str(next_cursor))
    if next_cursor in seen_cursors:
        raise UserError(
            f"{_describe_page(cursor)} : la suite du catalogue renvoie à une page déjà lue, la lecture tournerait en rond"
        )
    return next_cursor


def _compute_next_cursor(paging: Paging, pointer: Any, cursor: Cursor, is_empty: bool) -> Cursor | None:
    """Return the cursor that follows; `pointer` is what the document holds at the path of the paging."""
    if paging.by in ("cursor", "next_url"):
        return _parse_pointer(pointer, cursor)
    assert isinstance(cursor, int)
    if paging.by == "next":
        return _get_next_page(pointer, cursor)
    total = _parse_number(pointer, cursor) if paging.path else None
    if paging.by == "total":
        is_last = total is None or cursor >= paging.first + total - 1
        if is_last:
            return None
        return cursor + 1
    if paging.size is None or total is None:
        if is_empty:
            return None
        return cursor + (paging.size or 1)
    if is_empty and cursor < total:
        raise UserError(f"{_describe_page(cursor)} : page vide, alors que {total} lignes sont annoncées")
    next_offset = cursor + paging.size
    if next_offset < total:
        return next_offset
    return None


def _get_next_page(pointer: Any, page: int) -> int | None:
    """Return the page that the document names as the next; None when it names none. Raises UserError for one already past."""
    if pointer in (None, ""):
        return None
    next_page = _parse_number(pointer, page)
    if next_page <= page:
        raise UserError(_describe_lost_page(page))
    return next_page


def _parse_number(pointer: Any, cursor: Cursor) -> int:
    try:
        return parse_whole_number(pointer)
    except ValueError:
        raise UserError(_describe_lost_page(cursor)) from None


def _parse_pointer(pointer: Any, cursor: Cursor) -> Cursor | None:
    if pointer is None or pointer is False or pointer == "":
        return None
    if isinstance(pointer, str | int) and not isinstance(pointer, bool) and len(str(pointer)) <= _MAX_POINTER_LENGTH:
        return str(pointer)
    raise UserError(_describe_lost_page(cursor))


def _describe_page(cursor: Cursor) -> str:
    return f"page {clean_text(str(cursor))[:200] or 1}"


def _describe_lost_page(cursor: Cursor) -> str:
    return f"{_describe_page(cursor)} : la suite du catalogue n'est pas indiquée, le format a changé"


def resolve_url(base_url: str, url: str) -> str:
    """Return an address that a document gave, made whole. Raises UserError when it is none."""
    try:
        url = urljoin(base_url, clean_text(url))
        if urlsplit(url).scheme in ("https", "http"):
            return safe_url_string(url)
    except ValueError:
        pass
    raise UserError(f"adresse illisible dans le document : « {clean_text(url)[:120]} »")
