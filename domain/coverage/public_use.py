"""T18 and T19: what the public does and says, without anyone in it."""

from collections import Counter
from datetime import UTC, datetime
from statistics import median
from typing import Any

from sqlalchemy import func, select
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
_ANSWERED_STATES = (ReportState.CORRECTED, ReportState.UNAVAILABLE, ReportState.NOT_OPEN, ReportState.UNFOUNDED)


def count_usage(day: DaySnapshot) -> TableBody:
    """T18: over the month that ends on the day, links followed, titles searched in vain, blocks loaded by partners' pages."""
    since = add_months(day.date, -1)
    forgotten = since < get_paris_date(datetime.now(UTC) - TITLE_RETENTION)
    counted: tuple[tuple[str, Any, Any, Any], ...] = (
        ("Liens suivis vers un service", FilmExit.count, FilmExit.film_id, FilmExit.day),
        ("Recherches sans résultat", UnfoundTitle.count, UnfoundTitle.key, UnfoundTitle.day),
        ("Blocs chargés chez les partenaires", PartnerCount.loads, PartnerCount.film_id, PartnerCount.day),
        ("Liens suivis depuis ces blocs", PartnerCount.exits, PartnerCount.film_id, PartnerCount.day),
    )
    rows = list[Row]()
    for label, number, thing, on in counted:
        asked = select(func.sum(number), func.count(func.distinct(thing)), func.count(func.distinct(on)))
        asked = asked.where(on > since, on <= day.date, number > 0)
        told = day.session.execute(asked).one()
        erased = forgotten and on is UnfoundTitle.day
        rows.append((label, None, None, None) if erased else (label, int(told[0] or 0), told[1], told[2]))
    rows += [(label, None, None, None) for label in ("Recherches", "Pages de films vues", "Liens suivis par service")]
    columns = (Column("Usage", Unit.TEXT), Column("Nombre"), Column("Films ou titres différents"), Column("Jours où il y en eut"))
    return TableBody(columns, tuple(rows))


def count_reader_reports(day: DaySnapshot) -> TableBody:
    """T19: readers' reports received by the day, by kind: answers given by then, those still due, days to an answer."""
    asked = select(
        col(ReaderReport.complaint), col(ReaderReport.state), col(ReaderReport.received_at), col(ReaderReport.decided_at)
    )
    received, waiting, answers = Counter[str](), Counter[str](), Counter[tuple[str, ReportState]]()
    delays: dict[str, list[int]] = {}
    for complaint, state, came, decided in day.session.execute(asked.where(col(ReaderReport.received_at) <= day.at)):
        for label in (ALL_LABEL, _COMPLAINT_LABELS[complaint]):
            received[label] += 1
            if decided is None or decided > day.at or state not in _ANSWERED_STATES:
                waiting[label] += 1
                continue
            answers[label, state] += 1
            delays.setdefault(label, []).append((decided - came).days)
    rows = [
        (
            *(label, received[label], compute_share(received[label], received[ALL_LABEL]), waiting[label]),
            *(answers[label, state] for state in _ANSWERED_STATES),
            median(delays[label]) if label in delays else None,
        )
        for label in (*_COMPLAINT_LABELS.values(), ALL_LABEL)
    ]
    columns = (
        *(Column("Ce qui est signalé", Unit.TEXT), Column("Reçus"), Column("Part", Unit.SHARE), Column("En attente")),
        *(
            Column("Corrigés"),
            Column("Introuvables"),
            Column("Pas encore permis"),
            Column("Non fondés"),
            Column("Délai médian (jours)", Unit.DAYS),
        ),
    )
    return TableBody(columns, tuple(rows), chart_column=1)
