"""Tell what was open on a past day, as it was known that evening or as it is known today.

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
    """Return the last instant of a day in Paris, in UTC."""
    return get_day_start(day + timedelta(days=1)) - timedelta(microseconds=1)


def list_late_accepted_runs(session: Session, at: datetime) -> Sequence[Run]:
    """Return the runs begun by a moment and accepted after it: nobody knew then what they saw."""
    stmt = select(Run).where(col(Run.state) == RunState.ACCEPTED, col(Run.ended_at) > at, col(Run.started_at) <= at)
    return session.exec(stmt.order_by(col(Run.id))).all()


def was_open(at: datetime, late_runs: Sequence[Run] = ()) -> ColumnElement[bool]:
    """Return the SQL condition that an offer could be taken at a moment, as if the late runs had not happened."""
    if not late_runs:
        return is_open(at)
    has_begun = or_(col(Offer.starts).is_(None), col(Offer.starts) <= at)
    has_not_ended = or_(col(Offer.ends).is_(None), col(Offer.ends) > at)
    closed_late_only = and_(was_closed_by(late_runs), col(Offer.first_seen) <= at, has_begun, has_not_ended)
    return and_(was_seen_by(at, late_runs), or_(is_open(at), closed_late_only))


def was_seen_by(at: datetime, late_runs: Sequence[Run]) -> ColumnElement[bool]:
    """Return the SQL condition that an offer had been seen by a moment, by another run than the late ones."""
    return and_(col(Offer.first_seen) <= at, col(Offer.first_run_id).not_in([run.id for run in late_runs]))


def was_closed_by(runs: Sequence[Run]) -> ColumnElement[bool]:
    """Return the SQL condition that one of these runs closed an offer."""
    conditions = [and_(col(Offer.closed_at) == run.started_at, _is_of_platform(run.platform_id)) for run in runs]
    return or_(false(), *conditions)


def _is_of_platform(platform_id: int) -> ColumnElement[bool]:
    """Return the SQL condition that an offer is of a platform, by the run that first saw it: its entry need not be read."""
    return col(Offer.first_run_id).in_(select(Run.id).where(Run.platform_id == platform_id))


def is_in_force(at: datetime, knowledge: Knowledge = Knowledge.THEN, judgement: Any = Judgement) -> ColumnElement[bool]:
    """Return the SQL condition that a judgement is the one that counts for its entry; at most one is.

    `judgement` may be an alias of Judgement.
    """
    live = live_judgement(judgement)
    if knowledge is Knowledge.TODAY:
        return live
    return and_(col(judgement.decided_at) <= at, or_(live, col(judgement.superseded_at) > at))


def get_shown_platforms(session: Session, at: datetime) -> dict[int, Platform]:
    """Return the platforms that were shown to the public at a moment, by id, in the alphabetical order of their names.

    The day when a platform closed is not stored: it counts until its last accepted run.
    """
    stmt = select(Run.platform_id, func.max(Run.ended_at)).where(col(Run.state) == RunState.ACCEPTED)
    last_ends: dict[int, datetime | None] = dict(session.exec(stmt.group_by(col(Run.platform_id))).all())
    shown = {}
    for platform in session.exec(select(Platform).order_by(col(Platform.name), col(Platform.id))):
        assert platform.id is not None
        last_end = last_ends.get(platform.id)
        was_closed = platform.status is PlatformStatus.CLOSED and (last_end is None or last_end <= at)
        if platform.legal_basis is not LegalBasis.FORBIDDEN and not was_closed:
            shown[platform.id] = platform
    return shown


def was_available(session: Session, film_id: int, day: date, knowledge: Knowledge = Knowledge.THEN) -> bool:
    """Return whether some platform offered a film at the end of a day in Paris."""
    at = get_day_end(day)
    late_runs = list_late_accepted_runs(session, at) if knowledge is Knowledge.THEN else ()
    stmt = select(Offer.id).join(Entry).join(Judgement, col(Judgement.entry_id) == col(Entry.id))
    stmt = stmt.where(was_open(at, late_runs), is_in_force(at, knowledge))
    stmt = stmt.where(Judgement.verdict == Verdict.SAME, Judgement.film_id == film_id)
    stmt = stmt.where(col(Entry.platform_id).in_(list(get_shown_platforms(session, at))))
    return session.exec(stmt.limit(1)).first() is not None
