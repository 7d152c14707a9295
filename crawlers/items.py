"""Items that spiders yield, and that the item pipelines map, deduplicate, count and store."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from scrapy.http import Request

from crawlers.extract.mapper import MappedRow
from domain.runs.observation import ObservedEntry
from domain.runs.page_reads import PageSnapshot


@dataclass
class RawRow:
    """Hold a row as the platform wrote it; `base_url` completes its relative links."""

    row: object
    base_url: str | None


@dataclass
class UnreadableRow:
    """Hold the reason, in French, why something that should be a row could not even be read as one."""

    reason: str


@dataclass
class CatalogueRow:
    """Hold a mapped row. With `is_repeat_expected`, one whose ref was already seen is dropped without a word."""

    mapped: MappedRow
    is_repeat_expected: bool = False


@dataclass
class CarriedPage:
    """Hold a page taken over from an earlier run; `is_seen` tells that its entries count as seen now."""

    page: PageSnapshot
    is_seen: bool
    entries: list[ObservedEntry] = field(default_factory=list)


@dataclass
class ReadPage:
    """Hold a page to remember for the next run."""

    page: PageSnapshot


CatalogueItem = RawRow | UnreadableRow | CatalogueRow | CarriedPage | ReadPage
SpiderOutput = Request | CatalogueItem
SpiderOutputs = Iterator[SpiderOutput]
