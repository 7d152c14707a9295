"""What stood on a past day, as it was known that evening, or as it is known today.

Known that evening: only runs accepted by then, and the judgements in force then. Both are dated and never erased, so that the
answer never changes. Known today: what `domain.offers.availability` says of that moment.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_
from sqlmodel import Session, col, func, select

from domain.common.enums import LegalBasis, PlatformStatus, RunState, Verdict
from domain.common.paris_time import get_day_start
from domain.coverage.schema import Knowledge
from domain.linking.judgements import live_judgement
from domain.models.entry import Entry
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run
from domain.offers.availability import is_open


def get_day_end(day: date) -> datetime:
    """The last instant of a day in Paris, in UTC."""
    return get_day_start(day + timedelta(days=1)) - timedelta(microseconds=1)


def list_late_accepted_runs(session: Session, at: datetime) -> Sequence[Run]:
    """The runs begun by a moment and accepted after it: nobody knew of what they saw."""
    asked = select(Run).where(col(Run.state) == RunState.ACCEPTED, col(Run.ended_at) > at, col(Run.started_at) <= at)
    return session.exec(asked.order_by(col(Run.id))).all()


def was_open(at: datetime, late: Sequence[Run] = ()) -> ColumnElement[bool]:
    """Whether an offer could be taken at a moment, late runs left out, as an SQL condition on Offer."""
    if not late:
        return is_open(at)
    dated = and_(or_(col(Offer.starts).is_(None), col(Offer.starts) <= at), or_(col(Offer.ends).is_(None), col(Offer.ends) > at))
    reopened = and_(was_closed_by(late), col(Offer.first_seen) <= at, dated)
    return and_(was_seen_by(at, late), or_(is_open(at), reopened))


def was_seen_by(at: datetime, late: Sequence[Run]) -> ColumnElement[bool]:
    """Whether an offer had been seen by a moment, by another run than the late ones, as an SQL condition."""
    return and_(col(Offer.first_seen) <= at, col(Offer.first_run_id).not_in([run.id for run in late]))


def was_closed_by(runs: Sequence[Run]) -> ColumnElement[bool]:
    """Whether it is one of these runs that closed an offer, as an SQL condition on Offer."""
    return or_(false(), *(and_(col(Offer.closed_at) == run.started_at, _is_of_platform(run.platform_id)) for run in runs))


def _is_of_platform(platform_id: int) -> ColumnElement[bool]:
    """Whether an offer is of a platform, told by the run that first saw it: its line need not be read."""
    return col(Offer.first_run_id).in_(select(Run.id).where(Run.platform_id == platform_id))


def is_in_force(at: datetime, known: Knowledge = Knowledge.THEN, judgement: Any = Judgement) -> ColumnElement[bool]:
    """Whether a judgement is the one that counts, as an SQL condition: there is one an entry at most. `of` may be an alias."""
    live = live_judgement(judgement)
    if known is Knowledge.TODAY:
        return live
    return and_(col(judgement.decided_at) <= at, or_(live, col(judgement.superseded_at) > at))


def get_shown_platforms(session: Session, at: datetime) -> dict[int, Platform]:
    """The services that the public was shown at a moment, by number, in alphabetical order.

    The day a service closed is not kept: it counts until its last accepted run.
    """
    latest = (
        select(Run.platform_id, func.max(Run.ended_at)).where(col(Run.state) == RunState.ACCEPTED).group_by(col(Run.platform_id))
    )
    ended = dict(session.exec(latest).all())
    found = {}
    for platform in session.exec(select(Platform).order_by(col(Platform.name), col(Platform.id))):
        last = ended.get(platform.id or 0)
        closed = platform.status is PlatformStatus.CLOSED and (last is None or last <= at)
        if platform.legal_basis is not LegalBasis.FORBIDDEN and not closed:
            found[platform.id or 0] = platform
    return found


def was_available(session: Session, film_id: int, day: date, known: Knowledge = Knowledge.THEN) -> bool:
    """Whether some service showed a film at the end of a day in Paris."""
    at = get_day_end(day)
    late = list_late_accepted_runs(session, at) if known is Knowledge.THEN else ()
    asked = select(Offer.id).join(Entry).join(Judgement, col(Judgement.entry_id) == col(Entry.id))
    asked = asked.where(
        was_open(at, late), is_in_force(at, known), Judgement.verdict == Verdict.SAME, Judgement.film_id == film_id
    )
    return (
        session.exec(asked.where(col(Entry.platform_id).in_(list(get_shown_platforms(session, at)))).limit(1)).first() is not None
    )
