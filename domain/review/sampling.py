"""Precision measured: each week a few automatic decisions are drawn for the desk, and what persons said of them is counted."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from domain.common.confidence import lower_bound, upper_bound
from domain.common.enums import CaseCause, Verdict
from domain.db.engine import lock_tables
from domain.linking.judgements import live_judgement
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Candidate, Judgement
from domain.models.platform import Platform
from domain.models.review_case import ReviewCase
from domain.runs.runs import is_in_current_run

LINKS_PER_WEEK, UNMATCHED_PER_WEEK = 50, 20
"""How many links of each platform are drawn every week, and how many entries left without a film though one was near."""
NEAR_PROBABILITY = 0.01
"""From this probability on, a film that was not even shown to a person is near."""
AUDIT_PERIOD = timedelta(days=365)
"""Checks older than that no longer count: the matcher and the catalogues have changed."""
_HALF_RISK = 0.025


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """What persons said of decisions drawn at random. Rates are from 0 to 1; those left undecided count in none."""

    right: int = 0
    wrong: int = 0
    unsure: int = 0

    @property
    def checked(self) -> int:
        """Decisions of which a person could say whether they are right."""
        return self.right + self.wrong

    @property
    def rate(self) -> float | None:
        """The share that is wrong; None when nothing was checked."""
        return self.wrong / self.checked if self.checked else None

    @property
    def interval(self) -> tuple[float, float]:
        """The exact 95 % interval of Clopper and Pearson."""
        return lower_bound(self.wrong, self.checked, _HALF_RISK), upper_bound(self.wrong, self.checked, _HALF_RISK)

    def __add__(self, other: "ErrorRate") -> "ErrorRate":
        return ErrorRate(self.right + other.right, self.wrong + other.wrong, self.unsure + other.unsure)


@dataclass(frozen=True, slots=True)
class _AuditCandidate:
    """A decision of the matcher that may be drawn, and the film it concerns."""

    entry_id: int
    ref: str
    film_id: int
    probability: float | None


def _order_sample(candidates: Iterable[_AuditCandidate], seed: str) -> list[_AuditCandidate]:
    """The decisions in the order of the draw, which anybody can compute again from the week, the platform and the entries."""
    return sorted(candidates, key=lambda found: hashlib.sha256(f"{seed} {found.ref}".encode()).digest())


def format_week(now: datetime) -> str:
    """« 2026-W48 »."""
    year, week, _ = now.isocalendar()
    return f"{year}-W{week:02d}"


def _is_automatic() -> ColumnElement[bool]:
    return live_judgement() & col(Judgement.by_person).is_(False)


def _list_automatic_links(session: Session, platform_id: int) -> list[_AuditCandidate]:
    """The platform's automatic links, as they stand."""
    asked = (
        select(Entry.id, Entry.ref, Judgement.film_id, Judgement.probability).join(Judgement).join(Platform, is_in_current_run())
    )
    asked = asked.where(Entry.platform_id == platform_id, Judgement.verdict == Verdict.SAME, _is_automatic())
    return [_AuditCandidate(row[0] or 0, row[1], row[2] or 0, row[3]) for row in session.exec(asked)]


def _list_unmatched_entries(session: Session, platform_id: int) -> list[_AuditCandidate]:
    """The platform's entries left without a film though one was near."""
    asked = select(Entry.id, Entry.ref, Candidate.film_id, Candidate.probability).join(Judgement).join(Candidate)
    asked = asked.join(Platform, is_in_current_run()).where(
        Entry.platform_id == platform_id, Candidate.probability >= NEAR_PROBABILITY
    )
    asked = asked.where(Judgement.verdict == Verdict.NONE, _is_automatic()).order_by(col(Candidate.probability))
    nearest = {row[0]: _AuditCandidate(row[0] or 0, *row[1:]) for row in session.exec(asked)}
    return list(nearest.values())


def _get_sampled_platforms(session: Session, cause: CaseCause, monday: datetime) -> set[int]:
    """The platforms of which some case of this cause was opened since."""
    asked = select(Entry.platform_id).join(ReviewCase).where(ReviewCase.cause == cause, col(ReviewCase.opened_at) >= monday)
    return set(session.exec(asked.distinct()))


def sample_audit_cases(session: Session, now: datetime) -> Counter[CaseCause]:
    """Sends this week's checks to the desk, drawn at random; how many of each cause.

    A platform that had its checks this week gets no more. The draw depends only on the week, the platform and its entries;
    those that wait at the desk already are left aside.
    """
    lock_tables(session, ReviewCase)
    monday = (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    waiting = set(session.exec(select(ReviewCase.entry_id).where(col(ReviewCase.closed_at).is_(None))))
    kinds = (
        (CaseCause.AUDIT, LINKS_PER_WEEK, _list_automatic_links),
        (CaseCause.SILENT, UNMATCHED_PER_WEEK, _list_unmatched_entries),
    )
    drawn: Counter[CaseCause] = Counter()
    for cause, most, drawable in kinds:
        done = _get_sampled_platforms(session, cause, monday)
        for platform in session.exec(select(Platform).order_by(col(Platform.id))).all():
            if platform.id is None or platform.id in done:
                continue
            free = [found for found in drawable(session, platform.id) if found.entry_id not in waiting]
            chosen = _order_sample(free, f"{format_week(now)} {platform.slug}")[:most]
            _open_audit_cases(session, chosen, cause, now)
            drawn[cause] += len(chosen)
    return drawn


def _open_audit_cases(session: Session, chosen: Iterable[_AuditCandidate], cause: CaseCause, now: datetime) -> None:
    for found in chosen:
        session.add(
            ReviewCase(
                entry_id=found.entry_id,
                cause=cause,
                film_id=found.film_id,
                probability=found.probability,
                popularity=session.get_one(Film, found.film_id).popularity,
                opened_at=now,
            )
        )
    session.flush()


def _score_case(case: ReviewCase) -> ErrorRate:
    if case.outcome is Verdict.UNSURE:
        return ErrorRate(unsure=1)
    confirmed = case.chosen_id == case.film_id if case.cause is CaseCause.AUDIT else case.outcome is Verdict.NONE
    return ErrorRate(right=1) if confirmed else ErrorRate(wrong=1)


def get_error_rates(session: Session, cause: CaseCause, now: datetime) -> dict[int, ErrorRate]:
    """By platform, what the checks of a cause (audit or silent) said over a year; platforms never checked are absent."""
    asked = select(ReviewCase, Entry.platform_id).join(Entry).where(ReviewCase.cause == cause)
    answered = asked.where(col(ReviewCase.outcome).is_not(None), col(ReviewCase.closed_at) > now - AUDIT_PERIOD)
    rates: defaultdict[int, ErrorRate] = defaultdict(ErrorRate)
    for case, platform_id in session.exec(answered):
        rates[platform_id] += _score_case(case)
    return dict(rates)
