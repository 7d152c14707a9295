"""Measure precision: sample automatic decisions for review each week, and count what agents said of them."""

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
from domain.linking.cases import is_open_case
from domain.linking.judgements import live_judgement
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Candidate, Judgement
from domain.models.platform import Platform
from domain.models.review_case import ReviewCase
from domain.runs.runs import is_in_current_run

LINKS_PER_WEEK, UNMATCHED_PER_WEEK = 50, 20
"""How many links of each platform are sampled every week, and how many entries left without a film though one was near."""
NEAR_PROBABILITY = 0.01
"""The probability from which a film that nobody was shown counts as near."""
AUDIT_PERIOD = timedelta(days=365)
"""How long an audit counts; later, the matcher and the catalogues have changed."""
_HALF_RISK = 0.025


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """Count what agents said of decisions sampled at random. Rates are from 0 to 1; undecided ones count in none."""

    right: int = 0
    wrong: int = 0
    unsure: int = 0

    @property
    def checked(self) -> int:
        """The number of decisions that an agent could call right or wrong."""
        return self.right + self.wrong

    @property
    def rate(self) -> float | None:
        """The share that is wrong; None when nothing was checked."""
        return self.wrong / self.checked if self.checked else None

    @property
    def interval(self) -> tuple[float, float]:
        """The exact 95 % interval of Clopper and Pearson, as (lower, upper)."""
        return lower_bound(self.wrong, self.checked, _HALF_RISK), upper_bound(self.wrong, self.checked, _HALF_RISK)

    def __add__(self, other: "ErrorRate") -> "ErrorRate":
        return ErrorRate(self.right + other.right, self.wrong + other.wrong, self.unsure + other.unsure)


@dataclass(frozen=True, slots=True)
class _AuditCandidate:
    """Represent a decision of the matcher that may be sampled, and the film it concerns."""

    entry_id: int
    ref: str
    film_id: int
    probability: float | None


def _order_sample(candidates: Iterable[_AuditCandidate], seed: str) -> list[_AuditCandidate]:
    """Return the decisions in the order of the draw, which anybody can recompute from the week, the platform and the entries."""

    def hash_candidate(candidate: _AuditCandidate) -> bytes:
        return hashlib.sha256(f"{seed} {candidate.ref}".encode()).digest()

    return sorted(candidates, key=hash_candidate)


def format_week(now: datetime) -> str:
    """Return the ISO week of a moment: « 2026-W48 »."""
    year, week, _ = now.isocalendar()
    return f"{year}-W{week:02d}"


def _is_automatic() -> ColumnElement[bool]:
    """Return the SQL condition that a judgement is in force and was made by the matcher."""
    return live_judgement() & col(Judgement.by_person).is_(False)


def _list_automatic_links(session: Session, platform_id: int) -> list[_AuditCandidate]:
    """Return the platform's automatic links that are in force."""
    stmt = select(col(Entry.id), Entry.ref, Judgement.film_id, Judgement.probability)
    stmt = stmt.join(Judgement).join(Platform, is_in_current_run())
    stmt = stmt.where(Entry.platform_id == platform_id, Judgement.verdict == Verdict.SAME, _is_automatic())
    return [
        _AuditCandidate(entry_id, ref, film_id, probability)
        for entry_id, ref, film_id, probability in session.exec(stmt)
        if entry_id is not None and film_id is not None
    ]


def _list_unmatched_entries(session: Session, platform_id: int) -> list[_AuditCandidate]:
    """Return the platform's entries left without a film though one was near, each with the nearest."""
    stmt = select(col(Entry.id), Entry.ref, Candidate.film_id, Candidate.probability).join(Judgement).join(Candidate)
    stmt = stmt.join(Platform, is_in_current_run())
    stmt = stmt.where(Entry.platform_id == platform_id, Candidate.probability >= NEAR_PROBABILITY)
    stmt = stmt.where(Judgement.verdict == Verdict.NONE, _is_automatic()).order_by(col(Candidate.probability))
    nearest: dict[int, _AuditCandidate] = {}
    for entry_id, ref, film_id, probability in session.exec(stmt):
        if entry_id is not None:
            nearest[entry_id] = _AuditCandidate(entry_id, ref, film_id, probability)
    return list(nearest.values())


def _get_sampled_platforms(session: Session, cause: CaseCause, monday: datetime) -> set[int]:
    """Return the ids of the platforms of which a case of this cause was opened since a Monday."""
    stmt = select(Entry.platform_id).join(ReviewCase).where(ReviewCase.cause == cause, col(ReviewCase.opened_at) >= monday)
    return set(session.exec(stmt.distinct()))


def sample_audit_cases(session: Session, now: datetime) -> Counter[CaseCause]:
    """Open this week's audit cases, drawn at random, and return how many there are by cause.

    A platform that had its cases this week gets no more. The draw depends only on the week, the platform and its entries;
    entries that already have an open case are left out.
    """
    lock_tables(session, ReviewCase)
    monday = (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    waiting = set(session.exec(select(ReviewCase.entry_id).where(is_open_case())))
    strata = (
        (CaseCause.AUDIT, LINKS_PER_WEEK, _list_automatic_links),
        (CaseCause.SILENT, UNMATCHED_PER_WEEK, _list_unmatched_entries),
    )
    counts: Counter[CaseCause] = Counter()
    for cause, limit, list_candidates in strata:
        sampled = _get_sampled_platforms(session, cause, monday)
        for platform in session.exec(select(Platform).order_by(col(Platform.id))).all():
            if platform.id is None or platform.id in sampled:
                continue
            free = [candidate for candidate in list_candidates(session, platform.id) if candidate.entry_id not in waiting]
            sample = _order_sample(free, f"{format_week(now)} {platform.slug}")[:limit]
            _open_audit_cases(session, sample, cause, now)
            counts[cause] += len(sample)
    return counts


def _open_audit_cases(session: Session, sample: Iterable[_AuditCandidate], cause: CaseCause, now: datetime) -> None:
    for candidate in sample:
        session.add(
            ReviewCase(
                entry_id=candidate.entry_id,
                cause=cause,
                film_id=candidate.film_id,
                probability=candidate.probability,
                popularity=session.get_one(Film, candidate.film_id).popularity,
                opened_at=now,
            )
        )
    session.flush()


def _score_case(case: ReviewCase) -> ErrorRate:
    if case.outcome is Verdict.UNSURE:
        return ErrorRate(unsure=1)
    confirmed = case.outcome is Verdict.NONE
    if case.cause is CaseCause.AUDIT:
        confirmed = case.chosen_id == case.film_id
    return ErrorRate(right=1) if confirmed else ErrorRate(wrong=1)


def get_error_rates(session: Session, cause: CaseCause, now: datetime) -> dict[int, ErrorRate]:
    """Return what the audits of a cause (audit or silent) said over a year, by platform id; those never audited are absent."""
    stmt = select(ReviewCase, Entry.platform_id).join(Entry).where(ReviewCase.cause == cause)
    answered = stmt.where(col(ReviewCase.outcome).is_not(None), col(ReviewCase.closed_at) > now - AUDIT_PERIOD)
    rates: defaultdict[int, ErrorRate] = defaultdict(ErrorRate)
    for case, platform_id in session.exec(answered):
        rates[platform_id] += _score_case(case)
    return dict(rates)
