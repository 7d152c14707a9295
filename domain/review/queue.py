"""The queue of the desk: cases opened, handed to one agent at a time, withdrawn when they have no object any more."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, true
from sqlmodel import Session, col, select

from domain.accounts.audit_trail import log_audit_event
from domain.common.enums import CaseCause
from domain.models.entry import Entry
from domain.models.review_case import ReviewCase

CLAIM_DURATION = timedelta(minutes=10)
"""How long an agent keeps a case on screen before it may go to another."""
SNOOZE_DURATION = timedelta(hours=1)
"""How long a case that an agent passed over stays out of everybody's way."""
KNOWN_POPULARITY = 50.0
"""From this popularity on (rank from 0 to 100), a film is known."""


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases an agent wants: of a platform, a cause, a kind of doubt, about known films only; all when nothing is said."""

    platform_id: int | None = None
    cause: CaseCause | None = None
    doubt: str = ""
    known_only: bool = False

    def build_conditions(self) -> Iterator[ColumnElement[bool]]:
        """The same in SQL, on ReviewCase joined to Entry from outside."""
        if self.platform_id is not None:
            yield col(Entry.platform_id) == self.platform_id
        if self.cause is not None:
            yield col(ReviewCase.cause) == self.cause
        if self.doubt:
            yield col(ReviewCase.doubt) == self.doubt
        if self.known_only:
            yield col(ReviewCase.popularity) >= KNOWN_POPULARITY


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """What a case asks: why, about which film, how sure the matcher was, what made it doubt, how well known the film is."""

    cause: CaseCause
    film_id: int | None
    probability: float | None
    doubt: str = ""
    popularity: float | None = None


def get_open_cases(session: Session) -> dict[int, ReviewCase]:
    """The case that waits, by entry."""
    asked = select(ReviewCase).where(col(ReviewCase.closed_at).is_(None), col(ReviewCase.entry_id).is_not(None))
    return {case.entry_id or 0: case for case in session.exec(asked)}


def request_review(session: Session, entry_id: int, waiting: ReviewCase | None, request: ReviewRequest, now: datetime) -> None:
    """Puts a question about an entry, or brings the one that waits up to date; a check or a reader's objection is left alone."""
    if waiting is None:
        waiting = ReviewCase(entry_id=entry_id, cause=request.cause, opened_at=now)
    elif waiting.cause in (CaseCause.AUDIT, CaseCause.SILENT, CaseCause.REPORT):
        return
    told = (request.cause, request.film_id, request.probability, request.doubt, request.popularity)
    if told != (waiting.cause, waiting.film_id, waiting.probability, waiting.doubt, waiting.popularity) or waiting.id is None:
        waiting.cause, waiting.film_id, waiting.probability, waiting.doubt, waiting.popularity = told
        session.add(waiting)


def withdraw_case(session: Session, case: ReviewCase, now: datetime) -> None:
    """Closes a case that nobody need answer any more: nobody closed it, and it has no outcome."""
    case.closed_at = now
    session.add(case)
    log_audit_event(session, now, None, "withdrawn", case_id=case.id, entry_id=case.entry_id, film_id=case.film_id)


def _is_claimable(agent_id: int, now: datetime) -> ColumnElement[bool]:
    """Open, and free or already this agent's."""
    free = or_(col(ReviewCase.claimed_until).is_(None), col(ReviewCase.claimed_until) <= now)
    return and_(col(ReviewCase.closed_at).is_(None), or_(free, col(ReviewCase.claimed_by) == agent_id))


def claim_cases(
    session: Session, agent_id: int, case_filter: CaseFilter, now: datetime, limit: int = 2, first_id: int = 0
) -> list[ReviewCase]:
    """Hands an agent the next cases: the one numbered `first`, those already handed, the best known films, the oldest.

    To be called in a writing transaction: nobody else is handed these until HOLD is over. Cases handed under another
    filter are given back.
    """
    asked = select(ReviewCase).join(Entry, col(Entry.id) == col(ReviewCase.entry_id), isouter=True)
    named = col(ReviewCase.id) == first_id
    asked = asked.where(_is_claimable(agent_id, now), or_(named, and_(true(), *case_filter.build_conditions())))
    mine = (col(ReviewCase.claimed_by) == agent_id) & (col(ReviewCase.claimed_until) > now)
    order = (named.desc(), mine.desc().nulls_last(), col(ReviewCase.popularity).desc().nulls_last(), col(ReviewCase.id))
    found = session.exec(asked.order_by(*order).limit(limit).with_for_update(skip_locked=True, of=ReviewCase)).all()
    for case in session.exec(select(ReviewCase).where(mine, col(ReviewCase.closed_at).is_(None))):
        if case not in found:
            case.claimed_by = case.claimed_until = None
    for case in found:
        case.claimed_by, case.claimed_until = agent_id, now + CLAIM_DURATION
        session.add(case)
    session.flush()
    return list(found)


def snooze_case(session: Session, case: ReviewCase, now: datetime) -> None:
    """Passes over a case: nobody is handed it for a while."""
    case.claimed_by, case.claimed_until = None, now + SNOOZE_DURATION
    session.add(case)


def count_open_cases(session: Session) -> dict[CaseCause, int]:
    """How many cases wait, by cause."""
    asked = select(ReviewCase.cause, func.count()).where(col(ReviewCase.closed_at).is_(None)).group_by(col(ReviewCase.cause))
    found = dict(session.exec(asked).all())
    return {cause: found.get(cause, 0) for cause in CaseCause}
