"""T18 and T19: what the public does and says, without anyone in it."""

from collections import Counter
from datetime import UTC, datetime
from statistics import median
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from domain.common.enums import Complaint, ReportState
from domain.common.paris_time import day_in_paris
from domain.coverage.dataset import Day
from domain.coverage.labels import ALL
from domain.coverage.schema import Body, Column, Row, Unit, share
from domain.models.partner import PartnerCount
from domain.models.public_use import FilmExit, UnfoundTitle
from domain.models.reader_report import ReaderReport
from domain.reports.replies import TITLES_KEPT
from domain.windows.rules import add_months

_COMPLAINTS = {
    Complaint.NOT_THIS_FILM: "ce n’est pas ce film",
    Complaint.DEAD_LINK: "lien mort",
    Complaint.PRICE: "prix",
    Complaint.LANGUAGE: "langue ou version",
    Complaint.MISSING_OFFER: "offre absente",
    Complaint.FACTS: "fiche du film",
    Complaint.MISSING_FILM: "film introuvable",
    Complaint.OTHER: "autre",
}
_ANSWERS = (ReportState.CORRECTED, ReportState.UNAVAILABLE, ReportState.NOT_OPEN, ReportState.UNFOUNDED)


def usage(day: Day) -> Body:
    """T18: over the month that ends on the day, links followed, titles searched in vain, blocks loaded by partners' pages."""
    since = add_months(day.date, -1)
    forgotten = since < day_in_paris(datetime.now(UTC) - TITLES_KEPT)
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
    return Body(columns, tuple(rows))


def reports(day: Day) -> Body:
    """T19: readers' reports received by the day, by kind: answers given by then, those still due, days to an answer."""
    asked = select(col(ReaderReport.complaint), col(ReaderReport.state), col(ReaderReport.received), col(ReaderReport.decided))
    received, waiting, answers = Counter[str](), Counter[str](), Counter[tuple[str, ReportState]]()
    delays: dict[str, list[int]] = {}
    for complaint, state, came, decided in day.session.execute(asked.where(col(ReaderReport.received) <= day.at)):
        for label in (ALL, _COMPLAINTS[complaint]):
            received[label] += 1
            if decided is None or decided > day.at or state not in _ANSWERS:
                waiting[label] += 1
                continue
            answers[label, state] += 1
            delays.setdefault(label, []).append((decided - came).days)
    rows = [
        (
            *(label, received[label], share(received[label], received[ALL]), waiting[label]),
            *(answers[label, state] for state in _ANSWERS),
            median(delays[label]) if label in delays else None,
        )
        for label in (*_COMPLAINTS.values(), ALL)
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
    return Body(columns, tuple(rows), chart=1)
