"""A whole delivery: its head checked, then each of its titles read on its own."""

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
from ingest.results import Fault, KeyHints, LineResult, Position, find_unknown_keys, list_faults
from ingest.titles import RawTitle, TitleResult, read_title
from webapp.editors.problems import DeliveryRefusedError

ONLY_PHYSICAL = "support physique"


@dataclass
class ReceivedDelivery:
    """A delivery whose head is sound. `announced` is the number of titles that its editor told.

    `titles` are freed as they are read: a large catalogue is not held twice.
    """

    delta: bool
    titles: deque[RawTitle]
    removed: dict[str, Position] = field(default_factory=dict)
    announced: int | None = None
    warnings: list[Fault] = field(default_factory=list)
    hints: KeyHints = field(default_factory=KeyHints)


@dataclass
class CheckedDelivery:
    """A delivery read to its last line: what became of each title, and what goes on to the checks."""

    titles: list[TitleResult]
    parcel: PreparedDelivery


def read_envelope(data: Any) -> ReceivedDelivery:
    """The head of a JSON delivery. Raises DeliveryRefused when it is not sound: nothing of it is then kept."""
    if not isinstance(data, dict):
        raise DeliveryRefusedError("contenu", "Un objet JSON est attendu, avec editorTitles, totalTitles et totalProducts.")
    try:
        head = Envelope.model_validate(data)
    except ValidationError as error:
        raise DeliveryRefusedError("contenu", "L’en-tête de la livraison est refusé.", tuple(list_faults(error))) from None
    titles = deque(RawTitle(given, Position(f"/editorTitles/{rank}")) for rank, given in enumerate(head.editor_titles))
    listed = (given.get("editorProduct") for given in head.editor_titles if isinstance(given, dict))
    check_total("totalTitles", head.total_titles, len(titles))
    check_total("totalProducts", head.total_products, sum(len(found) for found in listed if isinstance(found, list)))
    removed = {ref: Position(f"/removed/{rank}") for rank, ref in enumerate(head.removed)}
    received = ReceivedDelivery(head.delivery == "delta", titles, removed, head.total_titles)
    received.warnings = find_unknown_keys(data, Envelope.get_keys(), received.hints)
    return check_envelope(received)


def check_total(name: str, announced: int, received: int) -> None:
    """Raises DeliveryRefused when fewer or more lines arrived than were told: the delivery was cut on its way."""
    if announced != received:
        reason = f"{format_count(announced, 'annoncé')}, {format_count(received, 'reçu')}"
        raise DeliveryRefusedError("totaux", f"{name} : {reason}. Rien n’a été changé.", (Fault(name, reason),))


def check_envelope(received: ReceivedDelivery) -> ReceivedDelivery:
    """The same delivery. Raises DeliveryRefused when what it asks for has no sense."""
    if not received.delta and received.removed:
        fault = Fault("removed", "ne va qu’avec « delta » : dans une liste complète, un titre retiré est un titre absent")
        raise DeliveryRefusedError("contenu", f"removed {fault.reason}.", (fault,))
    if not received.titles and not received.removed:
        raise DeliveryRefusedError("contenu", "La livraison ne contient aucun titre.", (Fault("editorTitles", "liste vide"),))
    return received


def read_titles(received: ReceivedDelivery, hosts: Collection[str], now: datetime) -> CheckedDelivery:
    """Reads every title; one that was given before in the same delivery is rejected."""
    results: list[TitleResult] = []
    first: dict[str, Position] = {}
    counts = RunCounts(announced=received.announced)
    while received.titles:
        raw = received.titles.popleft()
        result = read_title(raw, hosts, now, received.hints)
        name = result.outcome.ref
        if name and name in first:
            _reject_duplicate(result, first[name])
            counts.duplicates += 1
        else:
            first[name] = raw.position
            _update_counts(counts, result)
        results.append(result)
    lines = {result.observed.ref: result.observed for result in results if result.observed}
    parcel = PreparedDelivery(received.delta, lines, count_observations(lines.values(), counts), list(_list_remarks(results)))
    if received.delta:
        parcel.complete_refs = [result.observed.ref for result in results if result.observed and result.is_complete]
    return CheckedDelivery(results, parcel)


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


def _list_remarks(results: Sequence[TitleResult]) -> Iterator[DeliveryIssue]:
    """What goes to the run's log."""
    for result in results:
        ref = result.outcome.ref
        yield from _list_line_remarks(result.outcome, "titre rejeté", "", ref)
        for product in result.products:
            yield from _list_line_remarks(product, "produit rejeté", f"{product.ref} : " if product.ref else "", ref)


def _list_line_remarks(outcome: LineResult, kind: str, before: str, ref: str) -> Iterator[DeliveryIssue]:
    for fault in outcome.faults:
        yield DeliveryIssue(IssueLevel.ERROR, kind, before + fault.format_sentence(), ref)
    for warning in outcome.warnings:
        yield DeliveryIssue(IssueLevel.WARNING, warning.kind, before + warning.format_sentence(), ref)
