"""A whole delivery: its head checked, then each of its titles read on its own."""

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from domain.common.enums import Level
from domain.common.text import counted
from domain.runs.deliveries import Parcel, Remark, counted_lines
from domain.runs.validation import RunCounts
from ingest.contract import Envelope
from ingest.results import Fault, KeyHints, LineResult, Place, faults_of, unknown_keys
from ingest.titles import RawTitle, TitleResult, read_title
from webapp.editors.problems import DeliveryRefused

ONLY_PHYSICAL = "support physique"


@dataclass
class Received:
    """A delivery whose head is sound. `announced` is the number of titles that its editor told.

    `titles` are freed as they are read: a large catalogue is not held twice.
    """

    delta: bool
    titles: deque[RawTitle]
    removed: dict[str, Place] = field(default_factory=dict)
    announced: int | None = None
    warnings: list[Fault] = field(default_factory=list)
    hints: KeyHints = field(default_factory=KeyHints)


@dataclass
class Read:
    """A delivery read to its last line: what became of each title, and what goes on to the checks."""

    titles: list[TitleResult]
    parcel: Parcel


def open_envelope(data: Any) -> Received:
    """The head of a JSON delivery. Raises DeliveryRefused when it is not sound: nothing of it is then kept."""
    if not isinstance(data, dict):
        raise DeliveryRefused("contenu", "Un objet JSON est attendu, avec editorTitles, totalTitles et totalProducts.")
    try:
        head = Envelope.model_validate(data)
    except ValidationError as error:
        raise DeliveryRefused("contenu", "L’en-tête de la livraison est refusé.", tuple(faults_of(error))) from None
    titles = deque(RawTitle(given, Place(f"/editorTitles/{rank}")) for rank, given in enumerate(head.editor_titles))
    listed = (given.get("editorProduct") for given in head.editor_titles if isinstance(given, dict))
    check_total("totalTitles", head.total_titles, len(titles))
    check_total("totalProducts", head.total_products, sum(len(found) for found in listed if isinstance(found, list)))
    removed = {ref: Place(f"/removed/{rank}") for rank, ref in enumerate(head.removed)}
    received = Received(head.delivery == "delta", titles, removed, head.total_titles)
    received.warnings = unknown_keys(data, Envelope.keys(), received.hints)
    return checked_head(received)


def check_total(name: str, told: int, seen: int) -> None:
    """Raises DeliveryRefused when fewer or more lines arrived than were told: the delivery was cut on its way."""
    if told != seen:
        reason = f"{counted(told, 'annoncé')}, {counted(seen, 'reçu')}"
        raise DeliveryRefused("totaux", f"{name} : {reason}. Rien n’a été changé.", (Fault(name, reason),))


def checked_head(received: Received) -> Received:
    """The same delivery. Raises DeliveryRefused when what it asks for has no sense."""
    if not received.delta and received.removed:
        fault = Fault("removed", "ne va qu’avec « delta » : dans une liste complète, un titre retiré est un titre absent")
        raise DeliveryRefused("contenu", f"removed {fault.reason}.", (fault,))
    if not received.titles and not received.removed:
        raise DeliveryRefused("contenu", "La livraison ne contient aucun titre.", (Fault("editorTitles", "liste vide"),))
    return received


def read_titles(received: Received, hosts: Collection[str], now: datetime) -> Read:
    """Reads every title; one that was given before in the same delivery is rejected."""
    results: list[TitleResult] = []
    first: dict[str, Place] = {}
    counts = RunCounts(announced=received.announced)
    while received.titles:
        raw = received.titles.popleft()
        result = read_title(raw, hosts, now, received.hints)
        name = result.outcome.name
        if name and name in first:
            _reject_twin(result, first[name])
            counts.duplicates += 1
        else:
            first[name] = raw.place
            _count(counts, result)
        results.append(result)
    lines = {result.observed.ref: result.observed for result in results if result.observed}
    parcel = Parcel(received.delta, lines, counted_lines(lines.values(), counts), list(_remarks(results)))
    if received.delta:
        parcel.told_whole = [result.observed.ref for result in results if result.observed and result.told_whole]
    return Read(results, parcel)


def _reject_twin(result: TitleResult, first: Place) -> None:
    where = f"ligne {first.line}" if first.line is not None else first.pointer
    result.observed = None
    result.outcome.faults.append(Fault("idTitleEditor", f"numéro déjà donné dans cet envoi ({where})"))
    result.reject_products()


def _count(counts: RunCounts, result: TitleResult) -> None:
    counts.rows += 1
    counts.unknown_words += result.has_unknown_word
    counts.strange_prices += result.has_strange_price
    if result.only_physical:
        counts.dropped[ONLY_PHYSICAL] = counts.dropped.get(ONLY_PHYSICAL, 0) + 1
    elif result.observed is None:
        counts.unmapped += 1


def _remarks(results: Sequence[TitleResult]) -> Iterator[Remark]:
    """What goes to the run's log."""
    for result in results:
        ref = result.outcome.name
        yield from _of_line(result.outcome, "titre rejeté", "", ref)
        for product in result.products:
            yield from _of_line(product, "produit rejeté", f"{product.name} : " if product.name else "", ref)


def _of_line(outcome: LineResult, kind: str, before: str, ref: str) -> Iterator[Remark]:
    for fault in outcome.faults:
        yield Remark(Level.ERROR, kind, before + fault.sentence(), ref)
    for warning in outcome.warnings:
        yield Remark(Level.WARNING, warning.kind, before + warning.sentence(), ref)
