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
from crawlers.formats.sitemaps import Listed
from crawlers.platform_files.loader import PlatformFile
from domain.common.settings import VERSION
from domain.db.engine import reading, writing
from domain.models.platform import Platform
from domain.runs.page_reads import Page, drop_reads, glance_reads, recall_reads
from domain.runs.runs import find_run

BATCH = 500
_NO_READING = frozenset(["url", "kind", "sitemaps", "reread_days", "budget", "auth"])
_LONGEST_VALIDATOR = 300


class PageMemory:
    """The pages of the platform's current run, asked of the database as they are needed: they are never all held.

    `rules` is the fingerprint of what reads a page today; a page read with others must be read again.
    """

    def __init__(self, engine: Engine, run_id: int, platform: PlatformFile, reread_days: int) -> None:
        self.engine, self.reread_days = engine, reread_days
        self.rules = fingerprint(platform)
        with writing(engine) as session:
            run = find_run(session, run_id)
            drop_reads(session, run)
            self._source = session.get_one(Platform, run.platform_id).current_run_id or 0

    def recall(self, urls: Sequence[str]) -> dict[str, Page]:
        """What is remembered of some addresses, by address."""
        with reading(self.engine) as session:
            return recall_reads(session, self._source, urls)

    def recall_one(self, url: str) -> Page | None:
        """What is remembered of an address."""
        return self.recall([url]).get(url)

    def glance(self) -> Iterator[Page]:
        """Every page remembered, without its lines."""
        with reading(self.engine) as session:
            yield from glance_reads(session, self._source)

    def vouched(self, page: Page, listed: Listed, now: datetime) -> bool:
        """Whether the sitemap says that a page did not change, and it needs not be read again yet."""
        same = listed.lastmod == page.lastmod and listed.changed_before(page.read_at.date())
        return same and self.reads_alike(page) and not is_due(page.url, page.read_at.date(), now.date(), self.reread_days)

    def reads_alike(self, page: Page) -> bool:
        """Whether today's rules would read the same in an unchanged page."""
        return page.rules == self.rules

    def conditions(self, page: Page | None, now: datetime) -> dict[str, str]:
        """The headers under which a server may answer that a page did not change (304); none when it is time to read it anew,
        for a server may be mistaken too."""
        if page is None or not self.reads_alike(page) or is_due(page.url, page.read_at.date(), now.date(), self.reread_days):
            return {}
        told = {"If-None-Match": page.etag, "If-Modified-Since": page.modified}
        return {name: value for name, value in told.items() if value}


def is_due(url: str, read: date, today: date, days: int) -> bool:
    """Whether a page read on a day is to be read again: once every so many days, each page on a day of its own."""
    own_day = crc32(url.encode()) % days
    return (today.toordinal() - own_day) // days > (read.toordinal() - own_day) // days


def validators(response: Response) -> tuple[str | None, str | None]:
    """The ETag and the Last-Modified of an answer, as they will be given back."""
    told = (response.headers.get(name) or b"" for name in ("ETag", "Last-Modified"))
    etag, modified = (value.decode("latin-1").strip() for value in told)
    return _short(etag), _short(modified)


def _short(value: str) -> str | None:
    return value if value and value.isprintable() and len(value) <= _LONGEST_VALIDATOR else None


def fingerprint(platform: PlatformFile) -> str:
    """Changes with the rules that read a page of the platform, and with the program."""
    source = {name: value for name, value in platform.source if name not in _NO_READING}
    rules = [VERSION, source, platform.drop, platform.fields, platform.offers, platform.hosts]
    return hashlib.sha256(json.dumps(rules, default=_spelled, sort_keys=True).encode()).hexdigest()[:16]


def _spelled(value: object) -> Any:
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
