"""Read a whole delivery: check its envelope, then read each of its titles on its own."""

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from domain.common.enums import IssueLevel
from domain.common.text import format_count
from domain.runs.deliveries import DeliveryIssue, PreparedDelivery, count_observations
from domain.runs.validation import RunCounts
from ingest.contract import Envelope
from ingest.refusals import IngestRefusedError, RefusalCode
from ingest.results import Fault, KeyHints, LineResult, Position, find_unknown_keys, list_faults
from ingest.titles import RawTitle, TitleResult, read_title

ONLY_PHYSICAL = "support physique"


@dataclass
class ReceivedDelivery:
    """A delivery whose envelope is valid; `announced` is the number of titles that its editor declared.

    `titles` are removed as they are read, so that a large catalogue is not in memory twice.
    """

    delta: bool
    titles: deque[RawTitle]
    removed: dict[str, Position] = field(default_factory=dict)
    announced: int | None = None
    warnings: list[Fault] = field(default_factory=list)
    hints: KeyHints = field(default_factory=KeyHints)


@dataclass
class CheckedDelivery:
    """A delivery read to its end: the result of each title, and the `parcel` that goes on to the checks of a run."""

    titles: list[TitleResult]
    parcel: PreparedDelivery


def read_envelope(data: Any) -> ReceivedDelivery:
    """Return the delivery that a JSON value holds, its titles not read yet. Raise IngestRefusedError when it is not valid."""
    if not isinstance(data, dict):
        raise IngestRefusedError(RefusalCode.NOT_AN_OBJECT)
    try:
        envelope = Envelope.model_validate(data)
    except ValidationError as error:
        raise IngestRefusedError(RefusalCode.INVALID_ENVELOPE, tuple(list_faults(error))) from None
    titles = deque(RawTitle(title, Position(f"/editorTitles/{rank}")) for rank, title in enumerate(envelope.editor_titles))
    check_total("totalTitles", envelope.total_titles, len(titles))
    check_total("totalProducts", envelope.total_products, _count_products(envelope))
    removed = {ref: Position(f"/removed/{rank}") for rank, ref in enumerate(envelope.removed)}
    received = ReceivedDelivery(envelope.delivery == "delta", titles, removed, envelope.total_titles)
    received.warnings = find_unknown_keys(data, Envelope.get_keys(), received.hints)
    return check_envelope(received)


def _count_products(envelope: Envelope) -> int:
    product_lists = (title.get("editorProduct") for title in envelope.editor_titles if isinstance(title, dict))
    return sum(len(products) for products in product_lists if isinstance(products, list))


def check_total(name: str, announced: int, received: int) -> None:
    """Raise IngestRefusedError when the delivery has not as many lines as it declares: it was cut on its way."""
    if announced != received:
        reason = f"{format_count(announced, 'annoncé')}, {format_count(received, 'reçu')}"
        raise IngestRefusedError(RefusalCode.COUNT_MISMATCH, (Fault(name, reason),))


def check_envelope(received: ReceivedDelivery) -> ReceivedDelivery:
    """Return the same delivery. Raise IngestRefusedError when it contradicts itself or is empty."""
    if not received.delta and received.removed:
        fault = Fault("removed", "ne va qu’avec « delta » : dans une liste complète, un titre retiré est un titre absent")
        raise IngestRefusedError(RefusalCode.REMOVAL_IN_FULL_LIST, (fault,))
    if not received.titles and not received.removed:
        raise IngestRefusedError(RefusalCode.NO_TITLE, (Fault("editorTitles", "liste vide"),))
    return received


def read_titles(received: ReceivedDelivery, hosts: Collection[str], now: datetime) -> CheckedDelivery:
    """Read every title; one whose reference came before in the same delivery is rejected."""
    results: list[TitleResult] = []
    positions: dict[str, Position] = {}
    counts = RunCounts(announced=received.announced)
    while received.titles:
        raw = received.titles.popleft()
        result = read_title(raw, hosts, now, received.hints)
        ref = result.outcome.ref
        if ref and ref in positions:
            _reject_duplicate(result, positions[ref])
            counts.duplicates += 1
        else:
            positions[ref] = raw.position
            _update_counts(counts, result)
        results.append(result)
    return CheckedDelivery(results, _prepare_delivery(received.delta, results, counts))


def _prepare_delivery(delta: bool, results: Sequence[TitleResult], counts: RunCounts) -> PreparedDelivery:
    observations = {result.observed.ref: result.observed for result in results if result.observed}
    counts = count_observations(observations.values(), counts)
    parcel = PreparedDelivery(delta, observations, counts, list(_list_issues(results)))
    if delta:
        parcel.complete_refs = [result.observed.ref for result in results if result.observed and result.is_complete]
    return parcel


def _reject_duplicate(result: TitleResult, first: Position) -> None:
    where = f"ligne {first.line}" if first.line is not None else first.pointer
    result.observed = None
    result.outcome.faults.append(Fault("idTitleEditor", f"numéro déjà donné dans cet envoi ({where})"))
    result.reject_products()


def _update_counts(counts: RunCounts, result: TitleResult) -> None:
    counts.rows += 1
    counts.unknown_words += result.has_unknown_word
    counts.strange_prices += result.has_strange_price
    if result.is_only_physical:
        counts.dropped[ONLY_PHYSICAL] = counts.dropped.get(ONLY_PHYSICAL, 0) + 1
    elif result.observed is None:
        counts.unmapped += 1


def _list_issues(results: Sequence[TitleResult]) -> Iterator[DeliveryIssue]:
    """Yield the issues that the run's log keeps."""
    for result in results:
        ref = result.outcome.ref
        yield from _list_line_issues(result.outcome, "titre rejeté", "", ref)
        for product in result.products:
            prefix = f"{product.ref} : " if product.ref else ""
            yield from _list_line_issues(product, "produit rejeté", prefix, ref)


def _list_line_issues(outcome: LineResult, kind: str, prefix: str, ref: str) -> Iterator[DeliveryIssue]:
    for fault in outcome.faults:
        yield DeliveryIssue(IssueLevel.ERROR, kind, prefix + fault.format_sentence(), ref)
    for warning in outcome.warnings:
        yield DeliveryIssue(IssueLevel.WARNING, warning.kind, prefix + warning.format_sentence(), ref)
