"""Remember the pages of a platform's last accepted run, and decide whether a page must be requested again."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from zlib import crc32

from pydantic import BaseModel
from scrapy.http import Response
from sqlalchemy import Engine

from crawlers.extract.expressions import Rule
from crawlers.formats.sitemaps import SitemapEntry
from crawlers.platform_files.loader import PlatformFile
from domain.common.settings import VERSION
from domain.db.engine import read_session, write_session
from domain.models.platform import Platform
from domain.runs.page_reads import PageSnapshot, delete_stale_page_reads, get_page_reads, iter_page_reads
from domain.runs.runs import get_run

BATCH_SIZE = 500
_IGNORED_SOURCE_KEYS = frozenset(["url", "kind", "sitemaps", "reread_days", "budget", "auth"])
_MAX_VALIDATOR_LENGTH = 300
_NO_RUN = 0


class PageCache:
    """Query the pages of the platform's current run as they are needed: they are never all held.

    `rules_hash` is the fingerprint of what reads a page today; a page read with other rules must be read again.
    """

    def __init__(self, engine: Engine, run_id: int, platform: PlatformFile, reread_days: int) -> None:
        self._engine = engine
        self._reread_days = reread_days
        self.rules_hash = compute_rules_fingerprint(platform)
        with write_session(engine) as session:
            run = get_run(session, run_id)
            delete_stale_page_reads(session, run)
            current_run_id = session.get_one(Platform, run.platform_id).current_run_id
        self._source_run_id = _NO_RUN if current_run_id is None else current_run_id

    def get_pages(self, urls: Sequence[str]) -> dict[str, PageSnapshot]:
        """Return what is remembered of some addresses, by address."""
        with read_session(self._engine) as session:
            return get_page_reads(session, self._source_run_id, urls)

    def get_page(self, url: str) -> PageSnapshot | None:
        """Return what is remembered of an address."""
        return self.get_pages([url]).get(url)

    def iter_page_summaries(self) -> Iterator[PageSnapshot]:
        """Yield every page remembered, without its entries."""
        with read_session(self._engine) as session:
            yield from iter_page_reads(session, self._source_run_id)

    def is_unchanged(self, page: PageSnapshot, entry: SitemapEntry, now: datetime) -> bool:
        """Tell whether the sitemap says that a page did not change, and it need not be read again yet."""
        is_same = entry.lastmod == page.lastmod and entry.is_unchanged_since(page.read_at.date())
        return is_same and self._is_fresh(page, now)

    def has_current_rules(self, page: PageSnapshot) -> bool:
        """Tell whether today's rules would read the same in an unchanged page."""
        return page.rules_hash == self.rules_hash

    def build_conditional_headers(self, page: PageSnapshot | None, now: datetime) -> dict[str, str]:
        """Return the headers under which a server may answer that a page did not change (304).

        They are empty when it is time to read the page anew, for a server may be mistaken too.
        """
        if page is None or not self._is_fresh(page, now):
            return {}
        headers = {}
        if page.etag:
            headers["If-None-Match"] = page.etag
        if page.last_modified:
            headers["If-Modified-Since"] = page.last_modified
        return headers

    def _is_fresh(self, page: PageSnapshot, now: datetime) -> bool:
        is_due = is_reread_due(page.url, page.read_at.date(), now.date(), self._reread_days)
        return self.has_current_rules(page) and not is_due


def is_reread_due(url: str, read_on: date, today: date, days: int) -> bool:
    """Tell whether a page read on a day is to be read again: once every so many days, each page on a day of its own."""
    offset = crc32(url.encode()) % days
    return (today.toordinal() - offset) // days > (read_on.toordinal() - offset) // days


def get_cache_validators(response: Response) -> tuple[str | None, str | None]:
    """Return the ETag and the Last-Modified of an answer, as they will be sent back."""
    return _get_validator(response, "ETag"), _get_validator(response, "Last-Modified")


def _get_validator(response: Response, name: str) -> str | None:
    value = (response.headers.get(name) or b"").decode("latin-1").strip()
    is_usable = value.isprintable() and 0 < len(value) <= _MAX_VALIDATOR_LENGTH
    if is_usable:
        return value
    return None


def compute_rules_fingerprint(platform: PlatformFile) -> str:
    """Return a hash that changes with the rules that read a page of the platform, and with the program."""
    source = {name: value for name, value in platform.source if name not in _IGNORED_SOURCE_KEYS}
    rules = [VERSION, source, platform.drop, platform.fields, platform.offers, platform.hosts]
    return hashlib.sha256(json.dumps(rules, default=_to_json_value, sort_keys=True).encode()).hexdigest()[:16]


def _to_json_value(value: object) -> Any:
    match value:
        case BaseModel():
            return dict(value)
        case Rule():
            return [value.path.expression, getattr(value.transform, "__name__", None), dict(value.words or {})]
        case re.Pattern():
            return value.pattern
        case frozenset():
            return sorted(value)
    return str(value)
