"""Count what a run received: rows, accepted entries, offers, filled fields, drops, carried pages."""

from collections.abc import Iterator

from crawlers.items import CarriedPage, CatalogueRow
from crawlers.pipelines.base import RunPipeline
from crawlers.pipelines.mapping import MappedItem
from crawlers.platform_files.loader import FILLABLE_FIELDS
from domain.runs.observation import ObservedEntry

_PRICE_FIELD = "price_cents"


class CountingPipeline(RunPipeline):
    """Add each item to the counts of the run."""

    def process_item(self, item: MappedItem) -> MappedItem:
        """Return the item as it came."""
        if isinstance(item, CatalogueRow):
            self._count_row(item)
        elif isinstance(item, CarriedPage):
            self._count_carried_page(item)
        return item

    def _count_row(self, item: CatalogueRow) -> None:
        self.run.counts.rows += 1
        if item.mapped.observation is not None:
            self._count_accepted(item.mapped.observation)
        elif item.mapped.dropped is not None:
            self.run.count_dropped(item.mapped.dropped)
        else:
            self.run.counts.unmapped += 1

    def _count_carried_page(self, item: CarriedPage) -> None:
        counts = self.run.counts
        counts.carried += 1
        counts.rows += len(item.entries)
        for entry in item.entries:
            self._count_accepted(entry)
        if item.page.dropped is not None and not item.page.lines:
            counts.rows += 1
            self.run.count_dropped(item.page.dropped)

    def _count_accepted(self, entry: ObservedEntry) -> None:
        counts = self.run.counts
        counts.kept += 1
        counts.offers += len(entry.offers)
        for name in _iter_filled_fields(entry):
            counts.filled[name] = counts.filled.get(name, 0) + 1


def _iter_filled_fields(entry: ObservedEntry) -> Iterator[str]:
    for name in FILLABLE_FIELDS:
        if name == _PRICE_FIELD:
            is_filled = any(offer.price_cents is not None for offer in entry.offers)
        else:
            is_filled = bool(getattr(entry, name))
        if is_filled:
            yield name
