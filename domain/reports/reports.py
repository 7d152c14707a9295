"""What readers say is wrong: taken in without anyone in it, and followed by a public number."""

import re
import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from sqlmodel import Session, col, func, select

from domain.common.enums import Complaint, ReportState
from domain.common.errors import Problem
from domain.db.engine import keep_others_out
from domain.models.reader_report import ReaderReport

MOST_AN_HOUR, MOST_OF_A_FILM, MOST_OF_NONE = 300, 10, 100
"""Reports taken in an hour, for the whole site, on one film, and on none that is known: no address is kept, so that nobody can be
counted apart."""
LONGEST_MESSAGE, LONGEST_TITLE = 1_000, 200
WAITING = (ReportState.RECEIVED, ReportState.ONGOING)
"""The states in which an answer is still due."""
_SAME_FOR = timedelta(days=1)
_DELAYS = 1_000
# Neither vowels, which make words, nor letters and figures that are taken for one another.
_LETTERS = "23456789CDFGHJKMNPQRTVWX"
_NUMBER = re.compile(rf"(?:R[ -]*)?([{_LETTERS}]{{3}})[ -]*([{_LETTERS}]{{3}})")


class Crowded(Problem):
    """More reports in an hour than are taken."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a reader says: what is wrong, with which film or offer where known, in their words, already cleaned."""

    complaint: Complaint
    film_id: int | None = None
    offer_id: int | None = None
    title: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The number of a report, and whether the same had been received within a day."""

    number: str
    again: bool = False


@dataclass(frozen=True)
class Treatment:
    """What became of reports: how many by kind and state, and how long the last answers took."""

    counts: Counter[tuple[Complaint, ReportState]] = field(default_factory=Counter)
    delays: list[tuple[Complaint, timedelta]] = field(default_factory=list)

    def received(self, complaint: Complaint | None = None) -> int:
        """How many came, of a kind or of all."""
        return sum(number for (kind, _), number in self.counts.items() if complaint in (None, kind))

    def waiting(self, complaint: Complaint | None = None) -> int:
        """How many still wait for an answer."""
        return sum(number for (kind, state), number in self.counts.items() if complaint in (None, kind) and state in WAITING)

    def delay(self, complaint: Complaint | None = None) -> timedelta | None:
        """The median time to an answer, over the thousand latest reports answered; None when none was."""
        seconds = [delay.total_seconds() for kind, delay in self.delays if complaint in (None, kind)]
        return timedelta(seconds=median(seconds)) if seconds else None


def read_number(text: str) -> str | None:
    """A public number in its one form, « R-7K3-9FQ », however it was typed; None when it cannot be one."""
    found = _NUMBER.fullmatch(text.strip().upper())
    return f"R-{found[1]}-{found[2]}" if found else None


def find_report(session: Session, number: str) -> ReaderReport | None:
    """The report of a number in its one form."""
    return session.exec(select(ReaderReport).where(ReaderReport.number == number)).first()


def receive(session: Session, said: Said, now: datetime) -> Receipt:
    """Takes a report in; the same one within a day gets the number of the first. Raises Crowded when too many came."""
    keep_others_out(session, ReaderReport)
    if first := same_report(session, said, now):
        return Receipt(first, again=True)
    latest = select(ReaderReport.received).order_by(col(ReaderReport.id).desc())
    alike = latest.where(ReaderReport.film_id == said.film_id)
    for asked, most in ((latest, MOST_AN_HOUR), (alike, MOST_OF_A_FILM if said.film_id else MOST_OF_NONE)):
        oldest_counted = session.exec(asked.offset(most - 1).limit(1)).first()
        if oldest_counted is not None and oldest_counted > now - timedelta(hours=1):
            raise Crowded("trop de signalements en une heure")
    number = _draw_number()
    while find_report(session, number):
        number = _draw_number()
    session.add(ReaderReport(number=number, received=now, **{name: getattr(said, name) for name in Said.__slots__}))
    session.flush()
    return Receipt(number)


def _draw_number() -> str:
    drawn = "".join(secrets.choice(_LETTERS) for _ in range(6))
    return f"R-{drawn[:3]}-{drawn[3:]}"


def same_report(session: Session, said: Said, now: datetime) -> str | None:
    """The number of the first such report within a day, looked for among as many as a day can bring."""
    newest = session.exec(select(func.max(ReaderReport.id))).one() or 0
    facts = [getattr(ReaderReport, name) == getattr(said, name) for name in Said.__slots__]
    asked = select(ReaderReport.number).where(col(ReaderReport.id) > newest - 25 * MOST_AN_HOUR, *facts)
    return session.exec(asked.where(ReaderReport.received > now - _SAME_FOR).order_by(col(ReaderReport.id))).first()


def count_treatment(session: Session) -> Treatment:
    """All reports counted by kind and state, and the delays of the latest answers."""
    kind, state = col(ReaderReport.complaint), col(ReaderReport.state)
    counted = session.exec(select(kind, state, func.count()).group_by(kind, state)).all()
    answered = select(kind, ReaderReport.received, ReaderReport.decided).where(col(ReaderReport.decided).is_not(None))
    latest = session.exec(answered.order_by(col(ReaderReport.id).desc()).limit(_DELAYS))
    counts = Counter({(complaint, reached): number for complaint, reached, number in counted})
    return Treatment(counts, [(complaint, end - start) for complaint, start, end in latest if end])
