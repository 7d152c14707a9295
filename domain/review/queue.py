"""Manage the review queue: open cases, hand each to one agent at a time, withdraw those that are moot."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, true
from sqlmodel import Session, col, select

from domain.accounts.audit_trail import log_audit_event
from domain.common.enums import CaseCause
from domain.linking.cases import is_open_case
from domain.models.entry import Entry
from domain.models.review_case import ReviewCase

CLAIM_DURATION = timedelta(minutes=10)
"""How long a case stays with the agent who claimed it before another may get it."""
SNOOZE_DURATION = timedelta(hours=1)
"""How long a case that an agent skipped is handed to nobody."""
KNOWN_POPULARITY = 50.0
"""The popularity, from 0 to 100, from which a film is well known."""


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Filter cases by platform, cause and kind of doubt, or keep those about well-known films only; nothing set keeps all."""

    platform_id: int | None = None
    cause: CaseCause | None = None
    doubt: str = ""
    known_only: bool = False

    def build_conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield the SQL conditions, on ReviewCase outer-joined to Entry."""
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
    """Represent what a case asks: why, about which film, how sure the matcher was, and what made it doubt.

    `popularity` is the film's, from 0 to 100.
    """

    cause: CaseCause
    film_id: int | None
    probability: float | None
    doubt: str = ""
    popularity: float | None = None


def get_open_cases(session: Session) -> dict[int, ReviewCase]:
    """Return the open case of each entry that has one, by entry id."""
    open_cases = session.exec(select(ReviewCase).where(is_open_case(), col(ReviewCase.entry_id).is_not(None)))
    return {case.entry_id: case for case in open_cases if case.entry_id is not None}


def list_entries_in_review(session: Session) -> list[int]:
    """Return the ids of the entries that have an open case."""
    stmt = select(ReviewCase.entry_id).where(is_open_case(), col(ReviewCase.entry_id).is_not(None))
    return [entry_id for entry_id in session.exec(stmt) if entry_id is not None]


def request_review(session: Session, entry_id: int, waiting: ReviewCase | None, request: ReviewRequest, now: datetime) -> None:
    """Open a case about an entry, or update the one that waits; an audit or a reader's report is left alone."""
    if waiting is None:
        waiting = ReviewCase(entry_id=entry_id, cause=request.cause, opened_at=now)
    elif waiting.cause in (CaseCause.AUDIT, CaseCause.SILENT, CaseCause.REPORT):
        return
    values = asdict(request)
    if waiting.id is None or values != waiting.model_dump(include=set(values)):
        waiting.sqlmodel_update(values)
        session.add(waiting)


def withdraw_case(session: Session, case: ReviewCase, now: datetime) -> None:
    """Close a case that nobody need answer any more: it has no outcome, and no agent closed it."""
    case.closed_at = now
    session.add(case)
    log_audit_event(session, now, None, "withdrawn", case_id=case.id, entry_id=case.entry_id, film_id=case.film_id)


def _is_claimable(agent_id: int, now: datetime) -> ColumnElement[bool]:
    """Return the SQL condition that a case is open, and free or already this agent's."""
    free = or_(col(ReviewCase.claimed_until).is_(None), col(ReviewCase.claimed_until) <= now)
    return and_(is_open_case(), or_(free, col(ReviewCase.claimed_by) == agent_id))


def claim_cases(
    session: Session, agent_id: int, case_filter: CaseFilter, now: datetime, limit: int = 2, first_id: int = 0
) -> list[ReviewCase]:
    """Hand an agent the next cases: `first_id`, those already handed, then the best-known films, then the oldest.

    To be called in a writing transaction: nobody else is handed these until CLAIM_DURATION is over. Cases claimed under
    another filter are released.
    """
    is_first = col(ReviewCase.id) == first_id
    is_mine = (col(ReviewCase.claimed_by) == agent_id) & (col(ReviewCase.claimed_until) > now)
    matches = or_(is_first, and_(true(), *case_filter.build_conditions()))
    order = (is_first.desc(), is_mine.desc().nulls_last(), col(ReviewCase.popularity).desc().nulls_last(), col(ReviewCase.id))
    stmt = select(ReviewCase).join(Entry, col(Entry.id) == col(ReviewCase.entry_id), isouter=True)
    stmt = stmt.where(_is_claimable(agent_id, now), matches).order_by(*order).limit(limit)
    cases = session.exec(stmt.with_for_update(skip_locked=True, of=ReviewCase)).all()
    for case in session.exec(select(ReviewCase).where(is_mine, is_open_case())):
        if case not in cases:
            case.claimed_by = case.claimed_until = None
    for case in cases:
        case.claimed_by, case.claimed_until = agent_id, now + CLAIM_DURATION
        session.add(case)
    session.flush()
    return list(cases)


def snooze_case(session: Session, case: ReviewCase, now: datetime) -> None:
    """Skip a case: nobody is handed it for SNOOZE_DURATION."""
    case.claimed_by, case.claimed_until = None, now + SNOOZE_DURATION
    session.add(case)


def count_open_cases(session: Session) -> dict[CaseCause, int]:
    """Count the open cases by cause, zeros included."""
    stmt = select(ReviewCase.cause, func.count()).where(is_open_case()).group_by(col(ReviewCase.cause))
    counts = dict(session.exec(stmt).all())
    return {cause: counts.get(cause, 0) for cause in CaseCause}
