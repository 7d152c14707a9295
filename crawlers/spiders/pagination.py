"""Which document comes after another: pages, offsets, cursors and addresses. A server that turns in circles is a Problem."""

import json
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from w3lib.url import safe_url_string

from crawlers.extract.transforms import whole_number
from crawlers.formats.documents import Document, found
from crawlers.platform_files.sources import Documents, Paging
from domain.common.errors import Problem
from domain.common.text import clean

Mark = int | str
_WORDS = {"offset": "{offset}", "cursor": "{cursor}"}


def first_mark(source: Documents) -> Mark:
    """Where a reading starts: a page, no line before, an empty cursor, or the address of the source."""
    if source.pages is None:
        return 1
    starts: dict[str, Mark] = {"offset": 0, "cursor": "", "next_url": source.url}
    return starts.get(source.pages.by, source.pages.first)


def asked_at(source: Documents, mark: Mark) -> tuple[str, str | None]:
    """The address and the body of the request for a mark; a mark that a server gave is escaped."""
    by = source.pages.by if source.pages else "next"
    if by == "next_url":
        return str(mark), source.body
    word, text = _WORDS.get(by, "{page}"), str(mark)
    body = source.body.replace(word, json.dumps(text)[1:-1]) if source.body else None
    return source.url.replace(word, quote(text, safe="", errors="replace")), body


def next_mark(paging: Paging | None, document: Document, mark: Mark, seen: set[Mark], base: str = "") -> Mark | None:
    """The mark that follows, or None after the last; `seen` are those already asked for, `base` the document's address.

    Raises Problem when the document does not tell, or sends back to what was read.
    """
    if paging is None or (paging.stop and found(paging.stop, document.content)):
        return None
    told = found(paging.path, document.content) if paging.path else None
    following = _following(paging, told, mark, empty=not document.rows)
    if paging.by == "next_url" and following is not None:
        following = completed(base, str(following))
    if following in seen:
        raise Problem(f"{_place(mark)} : la suite du catalogue renvoie à une page déjà lue, la lecture tournerait en rond")
    return following


def _following(paging: Paging, told: Any, mark: Mark, empty: bool) -> Mark | None:
    if paging.by in ("cursor", "next_url"):
        return _pointer(told, mark)
    assert isinstance(mark, int)
    if paging.by == "next" and told in (None, ""):
        return None
    number = _number(told, mark) if paging.path else None
    if paging.by == "next":
        if number is None or number <= mark:
            raise Problem(_lost(mark))
        return number
    if paging.by == "total":
        return mark + 1 if number is not None and mark < paging.first + number - 1 else None
    if paging.size is None or number is None:
        return None if empty else mark + (paging.size or 1)
    if empty and mark < number:
        raise Problem(f"{_place(mark)} : page vide, alors que {number} lignes sont annoncées")
    return mark + paging.size if mark + paging.size < number else None


def _number(told: Any, mark: Mark) -> int:
    try:
        return whole_number(told)
    except ValueError:
        raise Problem(_lost(mark)) from None


def _pointer(told: Any, mark: Mark) -> Mark | None:
    if told is None or told is False or told == "":
        return None
    if isinstance(told, str | int) and not isinstance(told, bool) and len(str(told)) <= 8000:
        return str(told)
    raise Problem(_lost(mark))


def _place(mark: Mark) -> str:
    return f"page {clean(str(mark))[:200] or 1}"


def _lost(mark: Mark) -> str:
    return f"{_place(mark)} : la suite du catalogue n'est pas indiquée, le format a changé"


def completed(base: str, address: str) -> str:
    """An address that a document gave, made whole. Raises Problem when it is none."""
    try:
        address = urljoin(base, clean(address))
        if urlsplit(address).scheme in ("https", "http"):
            return safe_url_string(address)
    except ValueError:
        pass
    raise Problem(f"adresse illisible dans le document : « {clean(address)[:120]} »")
