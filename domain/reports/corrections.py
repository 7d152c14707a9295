"""Find the agents' actions that corrected what a reader reported, and measure how long replies take."""

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
"""The audited actions that change what the public sees of a film or of one of its links."""


@dataclass(frozen=True)
class MonthlyReports:
    """Count the reports received in a month (its first day), those still without a reply, and the median time to one."""

    first: date
    received: int
    waiting: int
    delay: timedelta | None


def list_corrections(session: Session, report: ReaderReport, limit: int = 20) -> Sequence[AuditLine]:
    """Return the actions that may have corrected a report, the latest first: on its film, or on the entry of its offer."""
    targets: list[ColumnElement[bool]] = []
    if report.film_id:
        targets.append(col(AuditLine.film_id).in_(_list_film_ids(session, report.film_id)))
    offer = session.get(Offer, report.offer_id) if report.offer_id else None
    if offer:
        targets.append(col(AuditLine.entry_id) == offer.entry_id)
    if not targets:
        return []
    stmt = select(AuditLine).where(or_(*targets), col(AuditLine.action).in_(CORRECTION_ACTIONS))
    return session.exec(stmt.order_by(col(AuditLine.id).desc()).limit(limit)).all()


def _list_film_ids(session: Session, film_id: int) -> set[int]:
    """Return the ids of a film, of the one it was merged into, and of all those merged into that one."""
    canonical = get_canonical_film(session, film_id)
    if canonical is None:
        return {film_id}
    return {film_id, *list_film_and_merged_ids(session, canonical.id)}


def count_reports_by_month(session: Session, since: datetime) -> list[MonthlyReports]:
    """Count the reports received since a moment, by month in Paris, the latest first."""
    stmt = select(ReaderReport.received_at, ReaderReport.decided_at).where(ReaderReport.received_at >= since)
    delays_by_month = defaultdict[date, list[timedelta | None]](list)
    for received_at, decided_at in session.exec(stmt):
        month = get_paris_date(received_at).replace(day=1)
        delays_by_month[month].append(decided_at - received_at if decided_at else None)
    return [_build_month(month, delays) for month, delays in sorted(delays_by_month.items(), reverse=True)]


def _build_month(first: date, delays: Sequence[timedelta | None]) -> MonthlyReports:
    seconds = [delay.total_seconds() for delay in delays if delay is not None]
    median_delay = timedelta(seconds=median(seconds)) if seconds else None
    return MonthlyReports(first, len(delays), len(delays) - len(seconds), median_delay)


def compute_delay(report: ReaderReport, now: datetime) -> timedelta:
    """Return how long a report waited for its reply, or has waited so far."""
    return (report.decided_at or now) - report.received_at
