"""Sitemaps: which addresses a site lists, and when it says each changed. A sitemap says what exists, not what is available."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from domain.common.csv_reader import decompress_gzip
from domain.common.errors import UserError

UNPACKED_SIZE_LIMIT = 64 * 2**20
ENTRIES_LIMIT = 200_000
_PARTS_LIMIT = 20_000
_MAX_URL_LENGTH = 2000
_ENTRY_TAGS = {"sitemapindex": "sitemap", "urlset": "url"}


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """An address of a sitemap, and the day or moment when its page last changed, as written."""

    url: str
    lastmod: str | None = None

    def is_unchanged_since(self, day: date) -> bool:
        """Whether `lastmod` can vouch for a page read on that day: a day alone says nothing of that day's later changes."""
        return self.lastmod is not None and (len(self.lastmod) > 10 or self.lastmod < day.isoformat())


@dataclass
class Sitemap:
    """What a sitemap lists: other sitemaps when it is an index, pages when not."""

    is_index: bool
    entries: list[SitemapEntry]


def read_sitemap(body: bytes, url: str) -> Sitemap:
    """A sitemap or a sitemap index, gzip or not; addresses of other languages and of images are left aside.

    Raises Problem when it is cut, a bomb, longer than sitemaps may be, or no sitemap at all.
    """
    packed = decompress_gzip(body, url, UNPACKED_SIZE_LIMIT)
    try:
        found = list(_iter_entries(packed, url))
    except ParseError:
        began = any(f"<{root}".encode() in packed[:2000] for root in _ENTRY_TAGS)
        raise UserError(f"plan de site {'coupé ou abîmé' if began else 'attendu, autre chose reçu'} : {url}") from None
    except (DefusedXmlException, LookupError, ValueError):
        raise UserError(f"plan de site refusé, il déclare des entités ou un codage inconnu : {url}") from None
    root = found.pop()
    return Sitemap(root == "sitemapindex", [entry for entry in found if isinstance(entry, SitemapEntry)])


def _iter_entries(packed: bytes, url: str) -> Iterator[SitemapEntry | str]:
    """The entries, then the name of the root."""
    root: Element | None = None
    depth, entries, parts = 0, 0, 0
    for event, element in iterparse(BytesIO(packed), events=("start", "end")):
        depth += 1 if event == "start" else -1
        parts += 1
        if root is None:
            root = element
            if _get_local_name(root) not in _ENTRY_TAGS:
                raise ParseError("root")
        if entries > ENTRIES_LIMIT or parts > _PARTS_LIMIT:
            raise UserError(f"plan de site démesuré : {url}")
        if event == "end" and depth == 1:
            root.clear()
            entries, parts = entries + 1, 0
            if _get_local_name(element) == _ENTRY_TAGS[_get_local_name(root)] and (listed := _parse_entry(element)):
                yield listed
    assert root is not None
    yield _get_local_name(root)


def _get_local_name(element: Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _parse_entry(element: Element) -> SitemapEntry | None:
    told = {_get_local_name(child): (child.text or "").strip() for child in reversed(element)}
    url, lastmod = told.get("loc", ""), told.get("lastmod", "")
    return SitemapEntry(url, lastmod[:40] or None) if is_crawlable_url(url) else None


def is_crawlable_url(url: str) -> bool:
    """Whether a written address is a plain http(s) one, of a length that a database indexes."""
    try:
        parts = urlsplit(url)
        fit = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return fit and not parts.username and url.isprintable() and " " not in url and len(url.encode()) <= _MAX_URL_LENGTH


def drop_uniform_lastmod(entries: list[SitemapEntry]) -> list[SitemapEntry]:
    """The same addresses, without a `lastmod` that the site stamps alike on all of them: it says nothing of each."""
    if len({entry.lastmod for entry in entries}) > 1:
        return entries
    return [SitemapEntry(entry.url) for entry in entries]
