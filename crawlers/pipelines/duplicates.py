"""Drop the rows whose reference was already seen in the run."""

from scrapy.exceptions import DropItem

from crawlers.crawl_run import CrawlRun
from crawlers.extract.mapper import Issue
from crawlers.items import CarriedPage, CatalogueRow
from crawlers.pipelines.base import RunPipeline
from crawlers.pipelines.mapping import MappedItem
from domain.runs.observation import ObservedEntry

DUPLICATE_ISSUE = "doublon"


class DuplicatesPipeline(RunPipeline):
    """Let each reference through once; repeats are counted, and reported unless they were expected."""

    def __init__(self, run: CrawlRun) -> None:
        super().__init__(run)
        self._seen_refs: set[str] = set()

    def process_item(self, item: MappedItem) -> MappedItem:
        """Return a row seen for the first time, or a carried page without its repeats. Raises DropItem for a repeat."""
        if isinstance(item, CarriedPage):
            self._remove_repeats(item)
        elif isinstance(item, CatalogueRow) and item.mapped.observation is not None:
            self._require_new(item.mapped.observation, item.is_repeat_expected)
        return item

    def _require_new(self, entry: ObservedEntry, is_repeat_expected: bool) -> None:
        if self._add_ref(entry.ref):
            return
        if not is_repeat_expected:
            self.run.counts.duplicates += 1
            self.run.record_issue(Issue(DUPLICATE_ISSUE, f"ligne reçue deux fois : {entry.title}", entry.ref))
        raise DropItem(f"repeated ref {entry.ref}")

    def _remove_repeats(self, item: CarriedPage) -> None:
        new_entries = [entry for entry in item.entries if self._add_ref(entry.ref)]
        if item.is_seen:
            self.run.counts.duplicates += len(item.entries) - len(new_entries)
        item.entries = new_entries

    def _add_ref(self, ref: str) -> bool:
        """Remember a reference, and tell whether it is new."""
        if ref in self._seen_refs:
            return False
        self._seen_refs.add(ref)
        return True
