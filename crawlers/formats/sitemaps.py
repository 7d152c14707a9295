"""Sitemaps: which addresses a site lists, and when it says each changed. A sitemap says what exists, not what is available."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from domain.common.csv_reader import unpack
from domain.common.errors import Problem

UNPACKED_LIMIT = 64 * 2**20
ENTRIES_LIMIT = 200_000
_PARTS_LIMIT = 20_000
_LONGEST = 2000
_KINDS = {"sitemapindex": "sitemap", "urlset": "url"}


@dataclass(frozen=True, slots=True)
class Listed:
    """An address of a sitemap, and the day or moment when its page last changed, as written."""

    url: str
    lastmod: str | None = None

    def changed_before(self, day: date) -> bool:
        """Whether `lastmod` can vouch for a page read on that day: a day alone says nothing of that day's later changes."""
        return self.lastmod is not None and (len(self.lastmod) > 10 or self.lastmod < day.isoformat())


@dataclass
class Sitemap:
    """What a sitemap lists: other sitemaps when it is an index, pages when not."""

    index: bool
    listed: list[Listed]


def read_sitemap(body: bytes, url: str) -> Sitemap:
    """A sitemap or a sitemap index, gzip or not; addresses of other languages and of images are left aside.

    Raises Problem when it is cut, a bomb, longer than sitemaps may be, or no sitemap at all.
    """
    packed = unpack(body, url, UNPACKED_LIMIT)
    try:
        found = list(_elements(packed, url))
    except ParseError:
        began = any(f"<{root}".encode() in packed[:2000] for root in _KINDS)
        raise Problem(f"plan de site {'coupé ou abîmé' if began else 'attendu, autre chose reçu'} : {url}") from None
    except (DefusedXmlException, LookupError, ValueError):
        raise Problem(f"plan de site refusé, il déclare des entités ou un codage inconnu : {url}") from None
    root = found.pop()
    return Sitemap(root == "sitemapindex", [entry for entry in found if isinstance(entry, Listed)])


def _elements(packed: bytes, url: str) -> Iterator[Listed | str]:
    """The entries, then the name of the root."""
    root: Element | None = None
    depth, entries, parts = 0, 0, 0
    for event, element in iterparse(BytesIO(packed), events=("start", "end")):
        depth += 1 if event == "start" else -1
        parts += 1
        if root is None:
            root = element
            if _name(root) not in _KINDS:
                raise ParseError("root")
        if entries > ENTRIES_LIMIT or parts > _PARTS_LIMIT:
            raise Problem(f"plan de site démesuré : {url}")
        if event == "end" and depth == 1:
            root.clear()
            entries, parts = entries + 1, 0
            if _name(element) == _KINDS[_name(root)] and (listed := _entry(element)):
                yield listed
    assert root is not None
    yield _name(root)


def _name(element: Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _entry(element: Element) -> Listed | None:
    told = {_name(child): (child.text or "").strip() for child in reversed(element)}
    url, lastmod = told.get("loc", ""), told.get("lastmod", "")
    return Listed(url, lastmod[:40] or None) if is_askable(url) else None


def is_askable(url: str) -> bool:
    """Whether a written address is a plain http(s) one, of a length that a database indexes."""
    try:
        parts = urlsplit(url)
        fit = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return fit and not parts.username and url.isprintable() and " " not in url and len(url.encode()) <= _LONGEST


def trusted(listed: list[Listed]) -> list[Listed]:
    """The same addresses, without a `lastmod` that the site stamps alike on all of them: it says nothing of each."""
    if len({entry.lastmod for entry in listed}) > 1:
        return listed
    return [Listed(entry.url) for entry in listed]
