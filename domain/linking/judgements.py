"""The only writer of judgements: one live decision per entry, a person's never changed by a machine."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete
from sqlmodel import Session, col, select

from domain.common.enums import Verdict
from domain.linking.redirects import get_canonical_film
from domain.models.judgement import Candidate, Judgement


@dataclass(frozen=True)
class Decision:
    """What is decided of an entry, by whom and why. `film_id` goes with the verdict `same` only.

    `content_hash` is that of the entry as it was read.
    """

    verdict: Verdict
    film_id: int | None
    who: str
    reason: str
    probability: float | None = None
    clues: dict[str, float] = field(default_factory=dict)
    by_person: bool = False
    content_hash: str = ""

    def __post_init__(self) -> None:
        if (self.verdict is Verdict.SAME) != (self.film_id is not None):
            raise ValueError("a film goes with the verdict « same », and only with it")


@dataclass(frozen=True)
class Proposal:
    """A film put forward for an entry."""

    film_id: int
    probability: float
    reason: str
    clues: dict[str, float]


def live_judgement(judgement: Any = Judgement) -> ColumnElement[bool]:
    """Return the SQL condition that a judgement is the one in force: each entry has one at most.

    `judgement` is the table, or an alias of it.
    """
    return col(judgement.superseded_at).is_(None)


def get_live_judgements(session: Session) -> dict[int, Judgement]:
    """The decision in force of each entry that has one."""
    judgements = session.exec(select(Judgement).where(live_judgement()))
    return {judgement.entry_id: judgement for judgement in judgements}


def get_live_judgement(session: Session, entry_id: int) -> Judgement | None:
    """The decision in force of an entry."""
    return session.exec(select(Judgement).where(Judgement.entry_id == entry_id, live_judgement())).first()


def _is_repeat(live: Judgement, decision: Decision) -> bool:
    told = (live.verdict, live.film_id, live.who, live.reason)
    return not decision.by_person and told == (decision.verdict, decision.film_id, decision.who, decision.reason)


def record_decision(session: Session, entry_id: int, live: Judgement | None, decision: Decision, now: datetime) -> bool:
    """Records a decision in place of the live one; whether anything was written.

    A machine's decision leaves a person's alone, and its same decision again writes nothing.
    """
    if live is not None and ((live.by_person and not decision.by_person) or _is_repeat(live, decision)):
        return False
    if live is not None:
        live.superseded_at = now
        session.add(live)
        session.flush()
    session.add(Judgement(entry_id=entry_id, decided_at=now, **asdict(decision)))
    return True


def get_superseded_judgement(session: Session, live: Judgement) -> Judgement | None:
    """The decision that the one in force took the place of, if any."""
    before = select(Judgement).where(Judgement.entry_id == live.entry_id, Judgement.superseded_at == live.decided_at)
    return session.exec(before.order_by(col(Judgement.id).desc())).first()


def reinstate_judgement(session: Session, live: Judgement, former: Judgement | None, now: datetime) -> None:
    """Takes back the decision in force: a former one, if any, is written anew; where its film was merged since, of that one."""
    live.superseded_at = now
    session.add(live)
    session.flush()
    if former is not None:
        facts = former.model_dump(exclude={"id", "superseded_at", "decided_at", "film_id"})
        film = get_canonical_film(session, former.film_id) if former.film_id else None
        session.add(Judgement(**facts, film_id=film.id if film else None, decided_at=now))
        session.flush()


def replace_candidates(session: Session, entry_id: int, proposals: Sequence[Proposal], matcher_version: str) -> None:
    """Replaces the films put forward for an entry."""
    session.exec(delete(Candidate).where(col(Candidate.entry_id) == entry_id))
    for proposal in proposals:
        session.add(Candidate(entry_id=entry_id, matcher_version=matcher_version, **asdict(proposal)))
