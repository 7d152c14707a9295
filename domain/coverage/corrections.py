"""Find what changed since a past day in what is known of it: links decided otherwise, and runs accepted late."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from domain.common.enums import RunState, Verdict
from domain.coverage.as_of import is_in_force
from domain.coverage.dataset import DaySnapshot
from domain.linking.judgements import live_judgement
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.run import Run

MAX_CORRECTIONS = 50


@dataclass(frozen=True)
class LinkCorrection:
    """Represent an entry open on the day whose film was decided otherwise since.

    A title is None where the entry was, or is, linked to no film or not decided.
    """

    title: str
    service: str
    previous_title: str | None
    current_title: str | None
    decided_at: datetime
    by_person: bool


@dataclass(frozen=True)
class LaterChanges:
    """Count the links changed since the day and the runs of then accepted after it, with the latest link corrections."""

    link_count: int
    latest_corrections: tuple[LinkCorrection, ...]
    late_run_count: int

    def __bool__(self) -> bool:
        return bool(self.link_count or self.late_run_count)


def find_later_changes(day: DaySnapshot) -> LaterChanges:
    """Return what makes the figures of the day as known then differ from those that today's knowledge gives."""
    rows = day.session.exec(_build_correction_query(day)).all()
    corrections = [
        LinkCorrection(entry.title, day.platforms[entry.platform_id].name, before, after, decided_at, by_person)
        for entry, before, after, decided_at, by_person in rows[:MAX_CORRECTIONS]
    ]
    return LaterChanges(len(rows), tuple(corrections), _count_late_runs(day))


def _build_correction_query(day: DaySnapshot) -> Any:
    """Build the query of entries open on the day that today's judgement links otherwise, the latest decision first."""
    now: Any = aliased(Judgement)
    then: Any = aliased(Judgement)
    film_now: Any = aliased(Film)
    film_then: Any = aliased(Film)
    was_open = select(Offer.id).where(Offer.entry_id == Entry.id, *day.get_offer_conditions()).exists()
    is_linked_otherwise = or_(
        then.film_id != now.film_id,
        and_(col(then.film_id).is_(None), now.verdict == Verdict.SAME),
        and_(col(now.film_id).is_(None), then.verdict == Verdict.SAME),
    )
    stmt: Any = select(Entry, film_then.title, film_now.title, now.decided_at, now.by_person)  # type: ignore[call-overload]
    return (
        stmt.join(now, and_(now.entry_id == Entry.id, live_judgement(now)))
        .join(then, and_(then.entry_id == now.entry_id, is_in_force(day.at, judgement=then)), isouter=True)
        .join(film_now, film_now.id == now.film_id, isouter=True)
        .join(film_then, film_then.id == then.film_id, isouter=True)
        .where(col(now.decided_at) > day.at, is_linked_otherwise, was_open)
        .where(col(Entry.platform_id).in_(list(day.platforms)))
        .order_by(col(now.decided_at).desc(), col(Entry.id))
    )


def _count_late_runs(day: DaySnapshot) -> int:
    stmt = select(Run.platform_id).where(
        col(Run.state) == RunState.ACCEPTED, col(Run.started_at) <= day.at, col(Run.ended_at) > day.at
    )
    return sum(platform_id in day.platforms for platform_id in day.session.exec(stmt))
