"""What changed since a past day of what is known of it: links decided otherwise, and runs accepted late."""

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
    """A line that stood on the day, and whose film was decided otherwise since; no film is « none » or « not settled »."""

    title: str
    service: str
    previous_title: str | None
    current_title: str | None
    decided_at: datetime
    by_person: bool


@dataclass(frozen=True)
class LaterChanges:
    """How many links changed, the latest of them, and how many runs of the day or before were accepted after it."""

    link_count: int
    latest_corrections: tuple[LinkCorrection, ...]
    late_run_count: int

    def __bool__(self) -> bool:
        return bool(self.link_count or self.late_run_count)


def find_later_changes(day: DaySnapshot) -> LaterChanges:
    """What makes the figures of the day, as it was known then, differ from those that today's knowledge gives."""
    now: Any
    then: Any
    after: Any
    before: Any
    now, then, after, before = aliased(Judgement), aliased(Judgement), aliased(Film), aliased(Film)
    standing = select(Offer.id).where(Offer.entry_id == Entry.id, *day.get_offer_conditions()).exists()
    was = and_(then.entry_id == now.entry_id, is_in_force(day.at, judgement=then))
    asked: Any = select(Entry, before.title, after.title, now.decided_at, now.by_person)  # type: ignore[call-overload]
    asked = asked.join(now, and_(now.entry_id == Entry.id, live_judgement(now))).join(then, was, isouter=True)
    asked = asked.join(after, after.id == now.film_id, isouter=True).join(before, before.id == then.film_id, isouter=True)
    other = or_(
        then.film_id != now.film_id,
        and_(col(then.film_id).is_(None), now.verdict == Verdict.SAME),
        and_(col(now.film_id).is_(None), then.verdict == Verdict.SAME),
    )
    asked = asked.where(col(now.decided_at) > day.at, other, standing, col(Entry.platform_id).in_(list(day.platforms)))
    rows = day.session.exec(asked.order_by(col(now.decided_at).desc(), col(Entry.id))).all()
    latest = [
        LinkCorrection(entry.title, day.platforms[entry.platform_id].name, was_film, is_film, when, by_person)
        for entry, was_film, is_film, when, by_person in rows[:MAX_CORRECTIONS]
    ]
    return LaterChanges(len(rows), tuple(latest), _count_late_runs(day))


def _count_late_runs(day: DaySnapshot) -> int:
    asked = select(Run.platform_id).where(
        col(Run.state) == RunState.ACCEPTED, col(Run.started_at) <= day.at, col(Run.ended_at) > day.at
    )
    return sum(platform in day.platforms for platform in day.session.exec(asked))
