"""What put right what a reader had reported: the acts at the desk that may be named, and how long answers take."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from domain.common.paris_time import get_paris_date
from domain.linking.redirects import get_canonical_film, list_film_and_merged_ids
from domain.models.agent import AuditLine
from domain.models.offer import Offer
from domain.models.reader_report import ReaderReport

CORRECTION_ACTIONS = (
    *("same", "none", "missing", "film-edit", "film-give-back", "film-title", "film-title-removed", "film-number"),
    *("film-number-removed", "film-merge", "film-merged", "film-split", "film-made", "film-undo"),
)
"""The acts that change what the public is told of a film or of one of its links."""


@dataclass(frozen=True)
class MonthlyReports:
    """The reports received in a month (its first day): how many, how many still wait, and the median time to an answer."""

    first: date
    received: int
    waiting: int
    delay: timedelta | None


def list_corrections(session: Session, report: ReaderReport, limit: int = 20) -> Sequence[AuditLine]:
    """The acts that may have put a report right, the latest first: on its film, or on the line of its offer."""
    about: list[ColumnElement[bool]] = []
    if report.film_id:
        film = get_canonical_film(session, report.film_id)
        about.append(col(AuditLine.film_id).in_({report.film_id, *(list_film_and_merged_ids(session, film.id) if film else ())}))
    if offer := session.get(Offer, report.offer_id) if report.offer_id else None:
        about.append(col(AuditLine.entry_id) == offer.entry_id)
    if not about:
        return []
    asked = select(AuditLine).where(or_(*about), col(AuditLine.action).in_(CORRECTION_ACTIONS))
    return session.exec(asked.order_by(col(AuditLine.id).desc()).limit(limit)).all()


def count_reports_by_month(session: Session, since: datetime) -> list[MonthlyReports]:
    """The reports received since a moment, by month in Paris, the latest first."""
    asked = select(ReaderReport.received_at, ReaderReport.decided_at).where(ReaderReport.received_at >= since)
    found = defaultdict[date, list[timedelta | None]](list)
    for received, decided in session.exec(asked):
        found[get_paris_date(received).replace(day=1)].append(decided - received if decided else None)
    return [_build_month(first, delays) for first, delays in sorted(found.items(), reverse=True)]


def _build_month(first: date, delays: Sequence[timedelta | None]) -> MonthlyReports:
    took = [delay.total_seconds() for delay in delays if delay is not None]
    return MonthlyReports(first, len(delays), len(delays) - len(took), timedelta(seconds=median(took)) if took else None)


def compute_delay(report: ReaderReport, now: datetime) -> timedelta:
    """How long a report waited for its answer, or has waited so far."""
    return (report.decided_at or now) - report.received_at
