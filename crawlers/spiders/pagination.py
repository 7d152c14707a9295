"""Which document comes after another: pages, offsets, cursors and addresses. A server that turns in circles is a Problem."""

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


def get_first_cursor(source: DocumentSource) -> Cursor:
    """Where a reading starts: a page, no line before, an empty cursor, or the address of the source."""
    if source.pages is None:
        return 1
    starts: dict[str, Cursor] = {"offset": 0, "cursor": "", "next_url": source.url}
    return starts.get(source.pages.by, source.pages.first)


def build_page_request(source: DocumentSource, cursor: Cursor) -> tuple[str, str | None]:
    """The address and the body of the request for a mark; a mark that a server gave is escaped."""
    by = source.pages.by if source.pages else "next"
    if by == "next_url":
        return str(cursor), source.body
    word, text = _PLACEHOLDERS.get(by, "{page}"), str(cursor)
    body = source.body.replace(word, json.dumps(text)[1:-1]) if source.body else None
    return source.url.replace(word, quote(text, safe="", errors="replace")), body


def get_next_cursor(
    paging: Paging | None, document: Document, cursor: Cursor, seen: set[Cursor], base_url: str = ""
) -> Cursor | None:
    """The mark that follows, or None after the last; `seen` are those already asked for, `base` the document's address.

    Raises Problem when the document does not tell, or sends back to what was read.
    """
    if paging is None or (paging.stop and apply_rule(paging.stop, document.content)):
        return None
    told = apply_rule(paging.path, document.content) if paging.path else None
    following = _compute_next_cursor(paging, told, cursor, empty=not document.rows)
    if paging.by == "next_url" and following is not None:
        following = resolve_url(base_url, str(following))
    if following in seen:
        raise UserError(
            f"{_describe_page(cursor)} : la suite du catalogue renvoie à une page déjà lue, la lecture tournerait en rond"
        )
    return following


def _compute_next_cursor(paging: Paging, pointer: Any, cursor: Cursor, empty: bool) -> Cursor | None:
    if paging.by in ("cursor", "next_url"):
        return _parse_pointer(pointer, cursor)
    assert isinstance(cursor, int)
    if paging.by == "next" and pointer in (None, ""):
        return None
    number = _parse_number(pointer, cursor) if paging.path else None
    if paging.by == "next":
        if number is None or number <= cursor:
            raise UserError(_describe_lost_page(cursor))
        return number
    if paging.by == "total":
        return cursor + 1 if number is not None and cursor < paging.first + number - 1 else None
    if paging.size is None or number is None:
        return None if empty else cursor + (paging.size or 1)
    if empty and cursor < number:
        raise UserError(f"{_describe_page(cursor)} : page vide, alors que {number} lignes sont annoncées")
    return cursor + paging.size if cursor + paging.size < number else None


def _parse_number(pointer: Any, cursor: Cursor) -> int:
    try:
        return parse_whole_number(pointer)
    except ValueError:
        raise UserError(_describe_lost_page(cursor)) from None


def _parse_pointer(pointer: Any, cursor: Cursor) -> Cursor | None:
    if pointer is None or pointer is False or pointer == "":
        return None
    if isinstance(pointer, str | int) and not isinstance(pointer, bool) and len(str(pointer)) <= 8000:
        return str(pointer)
    raise UserError(_describe_lost_page(cursor))


def _describe_page(cursor: Cursor) -> str:
    return f"page {clean_text(str(cursor))[:200] or 1}"


def _describe_lost_page(cursor: Cursor) -> str:
    return f"{_describe_page(cursor)} : la suite du catalogue n'est pas indiquée, le format a changé"


def resolve_url(base_url: str, address: str) -> str:
    """An address that a document gave, made whole. Raises Problem when it is none."""
    try:
        address = urljoin(base_url, clean_text(address))
        if urlsplit(address).scheme in ("https", "http"):
            return safe_url_string(address)
    except ValueError:
        pass
    raise UserError(f"adresse illisible dans le document : « {clean_text(address)[:120]} »")
