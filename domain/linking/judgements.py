"""Write judgements: one live decision per entry, a person's never changed by a machine. Nothing else writes them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert
from sqlmodel import Session, col, select

from domain.common.enums import Verdict
from domain.linking.authors import Author
from domain.linking.reasons import COMPARED, Reason, build_reason_columns, read_reasons
from domain.linking.redirects import get_canonical_film
from domain.models.judgement import Candidate, Judgement


@dataclass(frozen=True)
class Decision:
    """Represent what is decided of an entry, by whom and why. `film_id` goes with the verdict `same` only.

    `reasons` are in the order they applied: the last one decided. `weights_by_level` are what each comparison weighed, in
    log-odds, by its name and level. `content_hash` is that of the entry as it was read.
    """

    verdict: Verdict
    film_id: int | None
    author: Author
    reasons: Sequence[Reason]
    probability: float | None = None
    weights_by_level: Mapping[str, float] = field(default_factory=dict)
    by_person: bool = False
    content_hash: str = ""

    def __post_init__(self) -> None:
        if (self.verdict is Verdict.SAME) != (self.film_id is not None):
            raise ValueError("a film goes with the verdict « same », and only with it")


@dataclass(frozen=True)
class Proposal:
    """Represent a film put forward for an entry, and what each comparison weighed, in log-odds, by its name and level."""

    film_id: int
    probability: float
    weights_by_level: dict[str, float]
    reason: Reason = COMPARED


def live_judgement(judgement: Any = Judgement) -> ColumnElement[bool]:
    """Return the SQL condition that a judgement is the one in force: each entry has one at most.

    `judgement` is the table, or an alias of it.
    """
    return col(judgement.superseded_at).is_(None)


def get_live_judgements(session: Session) -> dict[int, Judgement]:
    """Return the decision in force of each entry that has one, by entry id."""
    judgements = session.exec(select(Judgement).where(live_judgement()))
    return {judgement.entry_id: judgement for judgement in judgements}


def get_live_judgement(session: Session, entry_id: int) -> Judgement | None:
    """Return the decision in force of an entry, or None."""
    return session.exec(select(Judgement).where(Judgement.entry_id == entry_id, live_judgement())).first()


def _is_repeat(live: Judgement, decision: Decision) -> bool:
    before = (live.verdict, live.film_id, Author.from_row(live), read_reasons(live), live.weights_by_level)
    after = (decision.verdict, decision.film_id, decision.author, tuple(decision.reasons), decision.weights_by_level)
    return not decision.by_person and before == after


def record_decision(session: Session, entry_id: int, live: Judgement | None, decision: Decision, now: datetime) -> bool:
    """Record a decision in place of the live one, and tell if anything was written.

    A machine's decision leaves a person's alone, and the same decision of a machine again writes nothing.
    """
    return record_decisions(session, {entry_id: decision}, {entry_id: live} if live else {}, now) > 0


def record_decisions(
    session: Session, decisions: Mapping[int, Decision], live_judgements: Mapping[int, Judgement], now: datetime
) -> int:
    """Record decisions by entry id, each in place of the live one as `record_decision` does, and count those written."""
    rows: list[dict[str, Any]] = []
    for entry_id, decision in decisions.items():
        live = live_judgements.get(entry_id)
        if live is not None and ((live.by_person and not decision.by_person) or _is_repeat(live, decision)):
            continue
        if live is not None:
            live.superseded_at = now
            session.add(live)
        rows.append(_build_judgement_row(entry_id, decision, now))
    session.flush()
    if rows:
        session.execute(insert(Judgement), rows)
    return len(rows)


def _build_judgement_row(entry_id: int, decision: Decision, now: datetime) -> dict[str, Any]:
    return {
        "entry_id": entry_id,
        "film_id": decision.film_id,
        "verdict": decision.verdict,
        "by_person": decision.by_person,
        "decided_at": now,
        "probability": decision.probability,
        "weights_by_level": dict(decision.weights_by_level),
        "content_hash": decision.content_hash,
        **asdict(decision.author),
        **build_reason_columns(decision.reasons),
    }


def get_superseded_judgement(session: Session, live: Judgement) -> Judgement | None:
    """Return the decision that the one in force superseded, if any."""
    stmt = select(Judgement).where(Judgement.entry_id == live.entry_id, Judgement.superseded_at == live.decided_at)
    return session.exec(stmt.order_by(col(Judgement.id).desc())).first()


def reinstate_judgement(session: Session, live: Judgement, former: Judgement | None, now: datetime) -> None:
    """Supersede the decision in force by a former one, written anew, or by none.

    Where the film of the former decision was merged since, the new one names the film it was merged into.
    """
    live.superseded_at = now
    session.add(live)
    session.flush()
    if former is not None:
        film_id = None
        if former.film_id is not None:
            film = get_canonical_film(session, former.film_id)
            film_id = film.id if film else None
        columns = former.model_dump(exclude={"id", "superseded_at", "decided_at", "film_id"})
        session.add(Judgement(**columns, film_id=film_id, decided_at=now))
        session.flush()


def replace_candidates(session: Session, entry_id: int, proposals: Sequence[Proposal], matcher_version: str) -> None:
    """Replace the films put forward for an entry."""
    replace_all_candidates(session, {entry_id: proposals}, matcher_version)


def replace_all_candidates(session: Session, proposals: Mapping[int, Sequence[Proposal]], matcher_version: str) -> None:
    """Replace the films put forward for some entries, by entry id."""
    session.execute(delete(Candidate).where(col(Candidate.entry_id).in_(proposals)))
    rows = []
    for entry_id, entry_proposals in proposals.items():
        rows += [_build_candidate_row(entry_id, proposal, matcher_version) for proposal in entry_proposals]
    if rows:
        session.execute(insert(Candidate), rows)


def _build_candidate_row(entry_id: int, proposal: Proposal, matcher_version: str) -> dict[str, Any]:
    return {
        "entry_id": entry_id,
        "film_id": proposal.film_id,
        "probability": proposal.probability,
        "weights_by_level": proposal.weights_by_level,
        "reason_code": proposal.reason.code,
        "reason_params": dict(proposal.reason.params),
        "matcher_version": matcher_version,
    }
