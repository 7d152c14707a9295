"""What readers say is wrong: taken in without anyone in it, and followed by a public number."""

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

MAX_PER_HOUR, MAX_PER_HOUR_AND_FILM, MAX_PER_HOUR_WITHOUT_FILM = 300, 10, 100
"""Reports taken in an hour, for the whole site, on one film, and on none that is known: no address is kept, so that nobody can be
counted apart."""
MAX_MESSAGE_LENGTH, MAX_TITLE_LENGTH = 1_000, 200
PENDING_STATES = (ReportState.RECEIVED, ReportState.ONGOING)
"""The states in which an answer is still due."""
_DUPLICATE_PERIOD = timedelta(days=1)
_MAX_DELAYS = 1_000
# Neither vowels, which make words, nor letters and figures that are taken for one another.
_NUMBER_ALPHABET = "23456789CDFGHJKMNPQRTVWX"
_NUMBER_PATTERN = re.compile(rf"(?:R[ -]*)?([{_NUMBER_ALPHABET}]{{3}})[ -]*([{_NUMBER_ALPHABET}]{{3}})")


class TooManyReportsError(UserError):
    """More reports in an hour than are taken."""


@dataclass(frozen=True, slots=True)
class NewReport:
    """What a reader says: what is wrong, with which film or offer where known, in their words, already cleaned."""

    complaint: Complaint
    film_id: int | None = None
    offer_id: int | None = None
    title: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class ReportReceipt:
    """The number of a report, and whether the same had been received within a day."""

    number: str
    is_duplicate: bool = False


@dataclass(frozen=True)
class ReportStatistics:
    """What became of reports: how many by kind and state, and how long the last answers took."""

    counts: Counter[tuple[Complaint, ReportState]] = field(default_factory=Counter)
    delays: list[tuple[Complaint, timedelta]] = field(default_factory=list)

    def count_received(self, complaint: Complaint | None = None) -> int:
        """How many came, of a kind or of all."""
        return sum(number for (kind, _), number in self.counts.items() if complaint in (None, kind))

    def count_waiting(self, complaint: Complaint | None = None) -> int:
        """How many still wait for an answer."""
        return sum(
            number for (kind, state), number in self.counts.items() if complaint in (None, kind) and state in PENDING_STATES
        )

    def get_median_delay(self, complaint: Complaint | None = None) -> timedelta | None:
        """The median time to an answer, over the thousand latest reports answered; None when none was."""
        seconds = [delay.total_seconds() for kind, delay in self.delays if complaint in (None, kind)]
        return timedelta(seconds=median(seconds)) if seconds else None


def parse_report_number(text: str) -> str | None:
    """A public number in its one form, « R-7K3-9FQ », however it was typed; None when it cannot be one."""
    found = _NUMBER_PATTERN.fullmatch(text.strip().upper())
    return f"R-{found[1]}-{found[2]}" if found else None


def find_report(session: Session, number: str) -> ReaderReport | None:
    """The report of a number in its one form."""
    return session.exec(select(ReaderReport).where(ReaderReport.number == number)).first()


def create_report(session: Session, report: NewReport, now: datetime) -> ReportReceipt:
    """Takes a report in; the same one within a day gets the number of the first. Raises Crowded when too many came."""
    lock_tables(session, ReaderReport)
    if first := find_duplicate_number(session, report, now):
        return ReportReceipt(first, is_duplicate=True)
    latest = select(ReaderReport.received_at).order_by(col(ReaderReport.id).desc())
    alike = latest.where(ReaderReport.film_id == report.film_id)
    for asked, most in ((latest, MAX_PER_HOUR), (alike, MAX_PER_HOUR_AND_FILM if report.film_id else MAX_PER_HOUR_WITHOUT_FILM)):
        oldest_counted = session.exec(asked.offset(most - 1).limit(1)).first()
        if oldest_counted is not None and oldest_counted > now - timedelta(hours=1):
            raise TooManyReportsError("trop de signalements en une heure")
    number = _generate_number()
    while find_report(session, number):
        number = _generate_number()
    session.add(ReaderReport(number=number, received_at=now, **{name: getattr(report, name) for name in NewReport.__slots__}))
    session.flush()
    return ReportReceipt(number)


def _generate_number() -> str:
    drawn = "".join(secrets.choice(_NUMBER_ALPHABET) for _ in range(6))
    return f"R-{drawn[:3]}-{drawn[3:]}"


def find_duplicate_number(session: Session, report: NewReport, now: datetime) -> str | None:
    """The number of the first such report within a day, looked for among as many as a day can bring."""
    newest = session.exec(select(func.max(ReaderReport.id))).one() or 0
    facts = [getattr(ReaderReport, name) == getattr(report, name) for name in NewReport.__slots__]
    asked = select(ReaderReport.number).where(col(ReaderReport.id) > newest - 25 * MAX_PER_HOUR, *facts)
    return session.exec(asked.where(ReaderReport.received_at > now - _DUPLICATE_PERIOD).order_by(col(ReaderReport.id))).first()


def compute_report_statistics(session: Session) -> ReportStatistics:
    """All reports counted by kind and state, and the delays of the latest answers."""
    kind, state = col(ReaderReport.complaint), col(ReaderReport.state)
    counted = session.exec(select(kind, state, func.count()).group_by(kind, state)).all()
    answered = select(kind, ReaderReport.received_at, ReaderReport.decided_at).where(col(ReaderReport.decided_at).is_not(None))
    latest = session.exec(answered.order_by(col(ReaderReport.id).desc()).limit(_MAX_DELAYS))
    counts = Counter({(complaint, reached): number for complaint, reached, number in counted})
    return ReportStatistics(counts, [(complaint, end - start) for complaint, start, end in latest if end])
