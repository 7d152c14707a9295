"""Receive what readers report, without personal data, under a public number that follows its answer."""

import re
import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from sqlmodel import Session, col, func, select

from domain.common.enums import Complaint, ReportState
from domain.common.errors import UserError
from domain.db.engine import lock_tables
from domain.models.reader_report import ReaderReport

MAX_PER_HOUR = 300
"""Reports accepted in an hour for the whole site: no address is kept, so readers cannot be limited one by one."""
MAX_PER_HOUR_AND_FILM = 10
MAX_PER_HOUR_WITHOUT_FILM = 100
MAX_MESSAGE_LENGTH = 1_000
MAX_TITLE_LENGTH = 200
PENDING_STATES = (ReportState.RECEIVED, ReportState.ONGOING)
"""The states in which an answer is still due."""
_DUPLICATE_PERIOD = timedelta(days=1)
_MAX_DELAYS = 1_000
_DUPLICATE_SEARCH_SPAN = 25 * MAX_PER_HOUR  # as many reports as a day of 25 hours can bring
# Neither vowels, which make words, nor letters and digits that are taken for one another.
_NUMBER_ALPHABET = "23456789CDFGHJKMNPQRTVWX"
_NUMBER_PATTERN = re.compile(rf"(?:R[ -]*)?([{_NUMBER_ALPHABET}]{{3}})[ -]*([{_NUMBER_ALPHABET}]{{3}})")


class TooManyReportsError(UserError):
    """Report that more reports came in an hour than are accepted."""


@dataclass(frozen=True, slots=True)
class NewReport:
    """Hold what a reader reports: what is wrong, with which film or offer if known, in their words, already cleaned."""

    complaint: Complaint
    film_id: int | None = None
    offer_id: int | None = None
    title: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class ReportReceipt:
    """Hold the public number of a report, and whether the same report had been received within a day."""

    number: str
    is_duplicate: bool = False


@dataclass(frozen=True)
class ReportStatistics:
    """Count reports by kind and state, with the delays of the latest answers."""

    counts: Counter[tuple[Complaint, ReportState]] = field(default_factory=Counter)
    delays: list[tuple[Complaint, timedelta]] = field(default_factory=list)

    def count_received(self, complaint: Complaint | None = None) -> int:
        """Return how many were received, of a kind or in all."""
        return sum(count for (kind, _), count in self.counts.items() if complaint in (None, kind))

    def count_waiting(self, complaint: Complaint | None = None) -> int:
        """Return how many still wait for an answer, of a kind or in all."""
        pending = {key: count for key, count in self.counts.items() if key[1] in PENDING_STATES}
        return sum(count for (kind, _), count in pending.items() if complaint in (None, kind))

    def get_median_delay(self, complaint: Complaint | None = None) -> timedelta | None:
        """Return the median time to an answer, over the thousand latest reports answered; None when none was."""
        seconds = [delay.total_seconds() for kind, delay in self.delays if complaint in (None, kind)]
        return timedelta(seconds=median(seconds)) if seconds else None


def parse_report_number(text: str) -> str | None:
    """Return a typed public number in its canonical form, « R-7K3-9FQ »; None when it cannot be one."""
    match = _NUMBER_PATTERN.fullmatch(text.strip().upper())
    return f"R-{match[1]}-{match[2]}" if match else None


def find_report(session: Session, number: str) -> ReaderReport | None:
    """Return the report of a public number in its canonical form."""
    return session.exec(select(ReaderReport).where(ReaderReport.number == number)).first()


def create_report(session: Session, report: NewReport, now: datetime) -> ReportReceipt:
    """Store a report; the same one within a day gets the number of the first.

    Raises TooManyReportsError when too many were received in an hour.
    """
    lock_tables(session, ReaderReport)
    duplicate_number = find_duplicate_number(session, report, now)
    if duplicate_number:
        return ReportReceipt(duplicate_number, is_duplicate=True)
    _check_hourly_limits(session, report, now)
    number = _generate_number()
    while find_report(session, number):
        number = _generate_number()
    session.add(ReaderReport(number=number, received_at=now, **{name: getattr(report, name) for name in NewReport.__slots__}))
    session.flush()
    return ReportReceipt(number)


def _check_hourly_limits(session: Session, report: NewReport, now: datetime) -> None:
    """Raise TooManyReportsError when the site, or the film of a report, received its limit of reports in an hour."""
    latest = select(ReaderReport.received_at).order_by(col(ReaderReport.id).desc())
    latest_on_film = latest.where(ReaderReport.film_id == report.film_id)
    film_limit = MAX_PER_HOUR_AND_FILM if report.film_id else MAX_PER_HOUR_WITHOUT_FILM
    for stmt, limit in ((latest, MAX_PER_HOUR), (latest_on_film, film_limit)):
        oldest_counted = session.exec(stmt.offset(limit - 1).limit(1)).first()
        if oldest_counted is not None and oldest_counted > now - timedelta(hours=1):
            raise TooManyReportsError("trop de signalements en une heure")


def _generate_number() -> str:
    letters = "".join(secrets.choice(_NUMBER_ALPHABET) for _ in range(6))
    return f"R-{letters[:3]}-{letters[3:]}"


def find_duplicate_number(session: Session, report: NewReport, now: datetime) -> str | None:
    """Return the number of the first identical report within a day, searched among as many as a day can bring."""
    newest_id = session.exec(select(func.max(ReaderReport.id))).one() or 0
    is_identical = [getattr(ReaderReport, name) == getattr(report, name) for name in NewReport.__slots__]
    stmt = select(ReaderReport.number).where(col(ReaderReport.id) > newest_id - _DUPLICATE_SEARCH_SPAN, *is_identical)
    stmt = stmt.where(ReaderReport.received_at > now - _DUPLICATE_PERIOD).order_by(col(ReaderReport.id))
    return session.exec(stmt).first()


def compute_report_statistics(session: Session) -> ReportStatistics:
    """Count all reports by kind and state, and compute the delays of the latest answers."""
    kind, state = col(ReaderReport.complaint), col(ReaderReport.state)
    counts = Counter[tuple[Complaint, ReportState]]()
    for complaint, report_state, count in session.exec(select(kind, state, func.count()).group_by(kind, state)):
        counts[complaint, report_state] = count
    answered = select(kind, ReaderReport.received_at, ReaderReport.decided_at).where(col(ReaderReport.decided_at).is_not(None))
    latest = session.exec(answered.order_by(col(ReaderReport.id).desc()).limit(_MAX_DELAYS))
    delays = [(complaint, decided_at - received_at) for complaint, received_at, decided_at in latest if decided_at]
    return ReportStatistics(counts, delays)
