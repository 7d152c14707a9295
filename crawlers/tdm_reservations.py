"""Read the three forms of the TDM Reservation Protocol: tdmrep.json, the header, the `<meta>` of a page.

Where several rules of a tdmrep.json speak of an address, one that reserves it is enough.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from parsel import Selector
from scrapy.http import Response

from domain.common.csv_reader import looks_like_html
from domain.common.text import clean_text

TDMREP_PATH = "/.well-known/tdmrep.json"
HTML_HEAD_SIZE = 2**18
TDMREP_SIZE_LIMIT = 2**18
RESERVED_MESSAGE = "le site réserve la fouille de textes et de données"
TOO_LARGE_MESSAGE = "tdmrep.json démesuré, le site réserve peut-être la fouille de textes et de données"
UNREACHABLE_MESSAGE = "tdmrep.json injoignable, le site réserve peut-être la fouille de textes et de données"
_RESERVATION_NAME = "tdm-reservation"
_POLICY_NAME = "tdm-policy"


@dataclass(frozen=True)
class ReservedPath:
    """Hold a path that a site reserves, where `*` stands for anything and a final `$` for the end, and its conditions."""

    location: str
    policy: str | None = None
    message: str = RESERVED_MESSAGE

    def covers_url(self, url: str) -> bool:
        """Tell whether an address is under the path."""
        parts = urlsplit(url)
        path = parts.path or "/"
        if parts.query:
            path = f"{path}?{parts.query}"
        return _matches_pattern(unquote(self.location), unquote(path))


def _matches_pattern(pattern: str, path: str) -> bool:
    """Tell whether a path matches a pattern, read without going back, so that no pattern can take long."""
    *pieces, last_piece = pattern.removesuffix("$").split("*")
    position = 0
    for index, piece in enumerate(pieces):
        start = path.find(piece, position)
        if start < 0 or (index == 0 and start > 0):
            return False
        position = start + len(piece)
    if not pattern.endswith("$"):
        if pieces:
            return path.find(last_piece, position) >= 0
        return path.startswith(last_piece)
    if not pieces:
        return path == last_piece
    return path.endswith(last_piece) and len(path) - len(last_piece) >= position


def parse_tdmrep(body: bytes) -> list[ReservedPath]:
    """Return the paths that a tdmrep.json reserves; none when it is not one. A rule without a path reserves the whole site.

    One too large to be read (256 KiB), unless it is a page of HTML, reserves everything.
    """
    if len(body) > TDMREP_SIZE_LIMIT:
        is_error_page = looks_like_html(body[:1024].decode("latin-1"))
        if is_error_page:
            return []
        return [ReservedPath("/", message=TOO_LARGE_MESSAGE)]
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return []
    rules = content if isinstance(content, list) else [content]
    paths: list[ReservedPath] = []
    for rule in rules:
        if isinstance(rule, dict):
            paths += _iter_reserved_paths(rule)
    return paths


def _iter_reserved_paths(rule: dict[str, Any]) -> Iterator[ReservedPath]:
    members = {str(key).strip().lower(): value for key, value in rule.items()}
    if str(members.get(_RESERVATION_NAME)).strip().lower() not in ("1", "true"):
        return
    policy = _parse_policy(members.get(_POLICY_NAME))
    locations = members.get("location")
    for location in locations if isinstance(locations, list) else [locations]:
        yield ReservedPath(_parse_location(location), policy)


def _parse_location(location: object) -> str:
    """Return the path that a rule writes, also as a whole address; everything when it writes none."""
    path = location.strip() if isinstance(location, str) else ""
    if "://" in path:
        path = urlsplit(path).path
    if path.startswith(("/", "*")):
        return path
    return f"/{path}"


def _parse_policy(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    return clean_text(value)[:200] or None


def get_header_reservation(response: Response) -> ReservedPath | None:
    """Return what the headers of an answer reserve."""
    values = [part.strip() for header in response.headers.getlist(_RESERVATION_NAME) for part in header.split(b",")]
    if b"1" not in values:
        return None
    return ReservedPath("/", _parse_policy((response.headers.get(_POLICY_NAME) or b"").decode("latin-1")))


def get_meta_reservation(body: bytes) -> ReservedPath | None:
    """Return what a page of HTML reserves in its first part; it is only parsed when it holds the word."""
    head = body[:HTML_HEAD_SIZE]
    if b"\0" in head:
        head = head.replace(b"\0", b"")  # UTF-16
    if _RESERVATION_NAME.encode() not in head.lower():
        return None
    contents: dict[str, list[str]] = {}
    for meta in Selector(head.decode("utf-8", "replace"), type="html").css("meta[name][content]"):
        contents.setdefault(meta.attrib["name"].strip().lower(), []).append(meta.attrib["content"].strip())
    if "1" not in contents.get(_RESERVATION_NAME, []):
        return None
    policies = contents.get(_POLICY_NAME, [])
    return ReservedPath("/", _parse_policy(policies[0]) if policies else None)
