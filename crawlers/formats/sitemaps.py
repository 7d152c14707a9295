"""Read sitemaps: which addresses a site lists, and when it says each changed. They say what exists, not what is available."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from crawlers.addresses import is_web_url
from domain.common.csv_reader import decompress_gzip
from domain.common.errors import UserError

UNPACKED_SIZE_LIMIT = 64 * 2**20
ENTRIES_LIMIT = 200_000
_PARTS_LIMIT = 20_000
_MAX_URL_LENGTH = 2000
_MAX_LASTMOD_LENGTH = 40
_DAY_LENGTH = 10
_ENTRY_TAGS = {"sitemapindex": "sitemap", "urlset": "url"}


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """Hold an address of a sitemap, and the day or moment when its page last changed, as written."""

    url: str
    lastmod: str | None = None

    def is_unchanged_since(self, day: date) -> bool:
        """Tell whether `lastmod` vouches for a page read on that day: a day alone says nothing of that day's later changes."""
        if self.lastmod is None:
            return False
        return len(self.lastmod) > _DAY_LENGTH or self.lastmod < day.isoformat()


@dataclass
class Sitemap:
    """Hold what a sitemap lists: other sitemaps when it is an index, pages when not."""

    is_index: bool
    entries: list[SitemapEntry]


def read_sitemap(body: bytes, url: str) -> Sitemap:
    """Return a sitemap or a sitemap index, gzip or not; addresses of other languages and of images are left aside.

    Raises UserError when it is cut, a bomb, longer than sitemaps may be, or no sitemap at all.
    """
    document = decompress_gzip(body, url, UNPACKED_SIZE_LIMIT)
    parser = _SitemapParser(url)
    try:
        entries = list(parser.iter_entries(document))
    except ParseError:
        is_sitemap = any(f"<{root}".encode() in document[:2000] for root in _ENTRY_TAGS)
        fault = "coupé ou abîmé" if is_sitemap else "attendu, autre chose reçu"
        raise UserError(f"plan de site {fault} : {url}") from None
    except (DefusedXmlException, LookupError, ValueError):
        raise UserError(f"plan de site refusé, il déclare des entités ou un codage inconnu : {url}") from None
    return Sitemap(parser.root_name == "sitemapindex", entries)


class _SitemapParser:
    """Parse one sitemap entry by entry, within limits."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._entry_count = 0
        self._part_count = 0
        self.root_name = ""

    def iter_entries(self, document: bytes) -> Iterator[SitemapEntry]:
        """Yield the entries. Raises ParseError when it is no sitemap, UserError past the limits."""
        root: Element | None = None
        depth = 0
        for event, element in iterparse(BytesIO(document), events=("start", "end")):
            depth += 1 if event == "start" else -1
            if root is None:
                root = element
                self._read_root(root)
            self._count_part()
            if event == "end" and depth == 1:
                root.clear()
                self._entry_count += 1
                self._part_count = 0
                entry = self._parse_entry(element)
                if entry is not None:
                    yield entry

    def _read_root(self, root: Element) -> None:
        self.root_name = _get_local_name(root)
        if self.root_name not in _ENTRY_TAGS:
            raise ParseError("root")

    def _count_part(self) -> None:
        self._part_count += 1
        if self._entry_count > ENTRIES_LIMIT or self._part_count > _PARTS_LIMIT:
            raise UserError(f"plan de site démesuré : {self._url}")

    def _parse_entry(self, element: Element) -> SitemapEntry | None:
        if _get_local_name(element) != _ENTRY_TAGS[self.root_name]:
            return None
        texts = {_get_local_name(child): (child.text or "").strip() for child in reversed(element)}  # the first one counts
        url = texts.get("loc", "")
        if not is_crawlable_url(url):
            return None
        return SitemapEntry(url, texts.get("lastmod", "")[:_MAX_LASTMOD_LENGTH] or None)


def _get_local_name(element: Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def is_crawlable_url(url: str) -> bool:
    """Tell whether a written address is a plain http(s) one, of a length that a database indexes."""
    is_plain = url.isprintable() and " " not in url and len(url.encode()) <= _MAX_URL_LENGTH
    return is_plain and is_web_url(url)


def drop_uniform_lastmod(entries: list[SitemapEntry]) -> list[SitemapEntry]:
    """Return the same addresses, without a `lastmod` that the site stamps alike on all of them: it says nothing of each."""
    if len({entry.lastmod for entry in entries}) > 1:
        return entries
    return [SitemapEntry(entry.url) for entry in entries]
