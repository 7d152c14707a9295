"""Map raw rows to observations with the rules of the platform file."""

from crawlers.extract.mapper import UNREADABLE_ROW, Issue, MappedRow, map_row
from crawlers.items import CarriedPage, CatalogueItem, CatalogueRow, RawRow, ReadPage, UnreadableRow
from crawlers.pipelines.base import RunPipeline
from domain.runs.observation import ObservedEntry

MappedItem = CatalogueRow | CarriedPage | ReadPage


class MappingPipeline(RunPipeline):
    """Turn raw and unreadable rows into catalogue rows, and the stored entries of a carried page into observations."""

    def process_item(self, item: CatalogueItem) -> MappedItem:
        """Return the mapped item. Nothing that a platform writes makes it raise."""
        if isinstance(item, RawRow):
            return CatalogueRow(map_row(self.run.platform, item.row, item.base_url))
        if isinstance(item, UnreadableRow):
            return CatalogueRow(MappedRow(issues=[Issue(UNREADABLE_ROW, item.reason)]))
        if isinstance(item, CarriedPage):
            item.entries = [ObservedEntry.model_validate(payload) for payload in item.page.lines]
        return item
