"""Count T18 and T19: what the public does and reports, by day, without personal data."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from statistics import median
from typing import Any, NamedTuple

from sqlalchemy import distinct, func, select
from sqlmodel import col

from domain.common.enums import Complaint, ReportState
from domain.common.paris_time import get_paris_date
from domain.coverage.dataset import DaySnapshot
from domain.coverage.labels import ALL_LABEL
from domain.coverage.schema import Column, Row, TableBody, Unit, compute_share
from domain.models.partner import PartnerCount
from domain.models.public_use import FilmExit, UnfoundTitle
from domain.models.reader_report import ReaderReport
from domain.reports.replies import TITLE_RETENTION
from domain.windows.rules import add_months

_COMPLAINT_LABELS = {
    Complaint.NOT_THIS_FILM: "ce n’est pas ce film",
    Complaint.DEAD_LINK: "lien mort",
    Complaint.PRICE: "prix",
    Complaint.LANGUAGE: "langue ou version",
    Complaint.MISSING_OFFER: "offre absente",
    Complaint.FACTS: "fiche du film",
    Complaint.MISSING_FILM: "film introuvable",
    Complaint.OTHER: "autre",
}
_ANSWER_LABELS = {
    ReportState.CORRECTED: "Corrigés",
    ReportState.UNAVAILABLE: "Introuvables",
    ReportState.NOT_OPEN: "Pas encore permis",
    ReportState.UNFOUNDED: "Non fondés",
}
_USAGE_COLUMNS = (
    *(Column("Usage", Unit.TEXT), Column("Nombre"), Column("Films ou titres différents"), Column("Jours où il y en eut")),
)
_REPORT_COLUMNS = (
    *(Column("Ce qui est signalé", Unit.TEXT), Column("Reçus"), Column("Part", Unit.SHARE), Column("En attente")),
    *map(Column, _ANSWER_LABELS.values()),
    Column("Délai médian (jours)", Unit.DAYS),
)


class _UsageCounter(NamedTuple):
    """Name a table of counts by day: its French label, and its columns of the count, of what is counted, and of the day."""

    label: str
    count: Any
    subject: Any
    day: Any


_USAGE_COUNTERS = (
    _UsageCounter("Liens suivis vers un service", FilmExit.count, FilmExit.film_id, FilmExit.day),
    _UsageCounter("Recherches sans résultat", UnfoundTitle.count, UnfoundTitle.key, UnfoundTitle.day),
    _UsageCounter("Blocs chargés chez les partenaires", PartnerCount.loads, PartnerCount.film_id, PartnerCount.day),
    _UsageCounter("Liens suivis depuis ces blocs", PartnerCount.exits, PartnerCount.film_id, PartnerCount.day),
)
_UNCOUNTED_LABELS = ("Recherches", "Pages de films vues", "Liens suivis par service")
"""Usages that nothing counts: their cells are unknown, not zero."""


def count_usage(day: DaySnapshot) -> TableBody:
    """Count T18: over the month that ends on the day, links followed, searches without result, blocks loaded by partners."""
    since = add_months(day.date, -1)
    are_titles_erased = since < get_paris_date(datetime.now(UTC) - TITLE_RETENTION)
    rows: list[Row] = []
    for counter in _USAGE_COUNTERS:
        is_erased = are_titles_erased and counter.day is UnfoundTitle.day
        rows.append(_build_unknown_usage_row(counter.label) if is_erased else _count_usage_row(day, counter, since))
    rows += [_build_unknown_usage_row(label) for label in _UNCOUNTED_LABELS]
    return TableBody(_USAGE_COLUMNS, tuple(rows))


def _build_unknown_usage_row(label: str) -> Row:
    return (label, None, None, None)


def _count_usage_row(day: DaySnapshot, counter: _UsageCounter, since: date) -> Row:
    stmt = select(func.sum(counter.count), func.count(distinct(counter.subject)), func.count(distinct(counter.day)))
    stmt = stmt.where(counter.day > since, counter.day <= day.date, counter.count > 0)
    count, subject_count, day_count = day.session.execute(stmt).one()
    return (counter.label, int(count or 0), subject_count, day_count)


@dataclass
class _ReportCounts:
    """Count the reports of one kind, or of all."""

    received: int = 0
    waiting: int = 0
    answers: Counter[ReportState] = field(default_factory=Counter)
    delays: list[int] = field(default_factory=list)

    def build_row(self, label: str, total_received: int) -> Row:
        return (
            *(label, self.received, compute_share(self.received, total_received), self.waiting),
            *(self.answers[state] for state in _ANSWER_LABELS),
            median(self.delays) if self.delays else None,
        )


def count_reader_reports(day: DaySnapshot) -> TableBody:
    """Count T19: readers' reports received by the day, by kind: answers given by then, those still due, days to an answer."""
    counts = defaultdict[str, _ReportCounts](_ReportCounts)
    stmt = select(
        col(ReaderReport.complaint), col(ReaderReport.state), col(ReaderReport.received_at), col(ReaderReport.decided_at)
    )
    for complaint, state, received_at, decided_at in day.session.execute(stmt.where(col(ReaderReport.received_at) <= day.at)):
        is_answered = decided_at is not None and decided_at <= day.at and state in _ANSWER_LABELS
        for label in (ALL_LABEL, _COMPLAINT_LABELS[complaint]):
            counts[label].received += 1
            if is_answered:
                counts[label].answers[state] += 1
                counts[label].delays.append((decided_at - received_at).days)
            else:
                counts[label].waiting += 1
    total_received = counts[ALL_LABEL].received
    rows = [counts[label].build_row(label, total_received) for label in (*_COMPLAINT_LABELS.values(), ALL_LABEL)]
    return TableBody(_REPORT_COLUMNS, tuple(rows), chart_column=1)
