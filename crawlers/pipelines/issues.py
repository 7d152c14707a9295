"""Report what is doubtful in the rows: what the mapping could not read, unknown words, unusual prices."""

from crawlers.extract.mapper import UNKNOWN_WORD, Issue
from crawlers.items import CarriedPage, CatalogueRow
from crawlers.pipelines.base import RunPipeline
from crawlers.pipelines.mapping import MappedItem
from domain.runs.observation import ObservedEntry, ObservedOffer
from domain.runs.validation import is_unusual_price

UNUSUAL_PRICE_ISSUE = "prix inhabituel"


class IssuesPipeline(RunPipeline):
    """Record the issues of each row, and count the rows with an unknown word or an unusual price."""

    def process_item(self, item: MappedItem) -> MappedItem:
        """Return the item as it came. Raises UserError when the log cannot be written."""
        if isinstance(item, CatalogueRow):
            self._record_mapping_issues(item)
            if item.mapped.observation is not None:
                self._report_unusual_prices(item.mapped.observation)
        elif isinstance(item, CarriedPage):
            for entry in item.entries:
                self._report_unusual_prices(entry)
        return item

    def _record_mapping_issues(self, item: CatalogueRow) -> None:
        for issue in item.mapped.issues:
            self.run.record_issue(issue)
        if item.mapped.has_issue(UNKNOWN_WORD):
            self.run.counts.unknown_words += 1

    def _report_unusual_prices(self, entry: ObservedEntry) -> None:
        unusual_offers = [offer for offer in entry.offers if is_unusual_price(offer.access, offer.price_cents)]
        if unusual_offers:
            self.run.counts.strange_prices += 1
        for offer in unusual_offers:
            message = f"{offer.access} à {_format_price(offer)} : {entry.title}"
            self.run.record_issue(Issue(UNUSUAL_PRICE_ISSUE, message, entry.ref))


def _format_price(offer: ObservedOffer) -> str:
    assert offer.price_cents is not None
    amount = f"{offer.price_cents / 100:.2f}".replace(".", ",")
    return f"{amount} {offer.currency}"
