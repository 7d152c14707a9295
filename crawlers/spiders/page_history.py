"""What a platform's last believed run remembers of each page, and whether a page must be asked for again."""

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


class PageCache:
    """The pages of the platform's current run, asked of the database as they are needed: they are never all held.

    `rules` is the fingerprint of what reads a page today; a page read with others must be read again.
    """

    def __init__(self, engine: Engine, run_id: int, platform: PlatformFile, reread_days: int) -> None:
        self.engine, self.reread_days = engine, reread_days
        self.rules = compute_rules_fingerprint(platform)
        with write_session(engine) as session:
            run = get_run(session, run_id)
            delete_stale_page_reads(session, run)
            self._source = session.get_one(Platform, run.platform_id).current_run_id or 0

    def get_pages(self, urls: Sequence[str]) -> dict[str, PageSnapshot]:
        """What is remembered of some addresses, by address."""
        with read_session(self.engine) as session:
            return get_page_reads(session, self._source, urls)

    def get_page(self, url: str) -> PageSnapshot | None:
        """What is remembered of an address."""
        return self.get_pages([url]).get(url)

    def iter_page_summaries(self) -> Iterator[PageSnapshot]:
        """Every page remembered, without its lines."""
        with read_session(self.engine) as session:
            yield from iter_page_reads(session, self._source)

    def is_unchanged(self, page: PageSnapshot, entry: SitemapEntry, now: datetime) -> bool:
        """Whether the sitemap says that a page did not change, and it needs not be read again yet."""
        same = entry.lastmod == page.lastmod and entry.is_unchanged_since(page.read_at.date())
        return (
            same
            and self.has_current_rules(page)
            and not is_reread_due(page.url, page.read_at.date(), now.date(), self.reread_days)
        )

    def has_current_rules(self, page: PageSnapshot) -> bool:
        """Whether today's rules would read the same in an unchanged page."""
        return page.rules_hash == self.rules

    def build_conditional_headers(self, page: PageSnapshot | None, now: datetime) -> dict[str, str]:
        """The headers under which a server may answer that a page did not change (304); none when it is time to read it anew,
        for a server may be mistaken too."""
        if (
            page is None
            or not self.has_current_rules(page)
            or is_reread_due(page.url, page.read_at.date(), now.date(), self.reread_days)
        ):
            return {}
        told = {"If-None-Match": page.etag, "If-Modified-Since": page.last_modified}
        return {name: value for name, value in told.items() if value}


def is_reread_due(url: str, read_on: date, today: date, days: int) -> bool:
    """Whether a page read on a day is to be read again: once every so many days, each page on a day of its own."""
    own_day = crc32(url.encode()) % days
    return (today.toordinal() - own_day) // days > (read_on.toordinal() - own_day) // days


def get_cache_validators(response: Response) -> tuple[str | None, str | None]:
    """The ETag and the Last-Modified of an answer, as they will be given back."""
    told = (response.headers.get(name) or b"" for name in ("ETag", "Last-Modified"))
    etag, modified = (value.decode("latin-1").strip() for value in told)
    return _clean_validator(etag), _clean_validator(modified)


def _clean_validator(value: str) -> str | None:
    return value if value and value.isprintable() and len(value) <= _MAX_VALIDATOR_LENGTH else None


def compute_rules_fingerprint(platform: PlatformFile) -> str:
    """Changes with the rules that read a page of the platform, and with the program."""
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
