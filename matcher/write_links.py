"""Write what the matcher decided about entries: judgements, candidates, and review cases."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Self

from sqlmodel import Session, col, select

from domain.common.batches import iter_batches
from domain.common.enums import CaseCause, Verdict
from domain.linking.authors import Author
from domain.linking.cases import is_open_case
from domain.linking.judgements import Decision, Proposal, live_judgement, record_decisions, replace_all_candidates
from domain.linking.reasons import Reason
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Candidate, Judgement
from domain.models.review_case import ReviewCase
from domain.review.queue import ReviewRequest, request_review, withdraw_case
from matcher.decision import Band, EntryDecision, ScoredProposal

_VERDICT_BY_BAND = {Band.AUTO: Verdict.SAME, Band.REVIEW: Verdict.UNSURE, Band.NONE: Verdict.NONE}
_BATCH = 500


class LiveVerdict(NamedTuple):
    """Represent the verdict in force about an entry, and tell whether a person gave it."""

    verdict: Verdict
    by_person: bool


@dataclass(frozen=True)
class _StoredRows:
    """Hold what the database says of a few entries, by entry id, and of the films that they may be, by film id."""

    judgements: Mapping[int, Judgement]
    cases: Mapping[int, ReviewCase]
    content_hashes: Mapping[int, str]
    proposals: Mapping[int, Sequence[Proposal]]
    films_updated_at: Mapping[int, datetime]
    popularities: Mapping[int, float | None]

    @classmethod
    def read(cls, session: Session, entry_ids: Sequence[int], film_ids: Iterable[int]) -> Self:
        """Read what a batch needs."""
        judgements = select(Judgement).where(live_judgement(), col(Judgement.entry_id).in_(entry_ids))
        cases = select(ReviewCase).where(is_open_case(), col(ReviewCase.entry_id).in_(entry_ids))
        hashes = select(col(Entry.id), col(Entry.content_hash)).where(col(Entry.id).in_(entry_ids))
        films = select(Film.id, Film.updated_at, Film.popularity).where(col(Film.id).in_(film_ids))
        film_rows = session.exec(films).all()
        return cls(
            judgements={judgement.entry_id: judgement for judgement in session.exec(judgements)},
            cases={case.entry_id: case for case in session.exec(cases) if case.entry_id is not None},
            content_hashes={entry_id: content_hash for entry_id, content_hash in session.exec(hashes) if entry_id is not None},
            proposals=_read_proposals(session, entry_ids),
            films_updated_at={film_id: updated_at for film_id, updated_at, _ in film_rows},
            popularities={film_id: popularity for film_id, _, popularity in film_rows},
        )


class LinkWriter:
    """Compare the matcher's decisions with those of the database and write the differences, in the caller's transaction.

    `changed` counts the judgements written.
    """

    def __init__(self, session: Session, model_version: str, now: datetime) -> None:
        self.changed = 0
        self._session = session
        self._model_version = model_version
        self._now = now

    def write_entries(self, decisions: Mapping[int, EntryDecision]) -> dict[int, LiveVerdict]:
        """Write decisions by entry id, and return the verdicts in force after that.

        A person's judgement stays, and a case is opened when the matcher has a new reason to disagree.
        """
        verdicts: dict[int, LiveVerdict] = {}
        for entry_ids in iter_batches(list(decisions), _BATCH):
            best = [decisions[entry_id].best for entry_id in entry_ids]
            film_ids = {int(proposal.film_id) for proposal in best if proposal}
            stored = _StoredRows.read(self._session, entry_ids, film_ids)
            verdicts |= self._write_batch({entry_id: decisions[entry_id] for entry_id in entry_ids}, stored)
            self._session.flush()
            self._session.expunge_all()
        return verdicts

    def _write_batch(self, decisions: Mapping[int, EntryDecision], stored: _StoredRows) -> dict[int, LiveVerdict]:
        verdicts: dict[int, LiveVerdict] = {}
        judged: dict[int, Decision] = {}
        proposals: dict[int, Sequence[Proposal]] = {}
        for entry_id, decision in decisions.items():
            live = stored.judgements.get(entry_id)
            if live is not None and live.by_person:
                verdicts[entry_id] = LiveVerdict(live.verdict, by_person=True)
                cause = CaseCause.DISAGREEMENT if _is_disagreement(live, decision, stored) else None
            else:
                judged[entry_id] = self._build_judgement(decision, stored.content_hashes[entry_id])
                verdicts[entry_id] = LiveVerdict(judged[entry_id].verdict, by_person=False)
                cause = CaseCause.DOUBT if decision.band is Band.REVIEW else None
            if entry_id in judged or cause:
                proposals[entry_id] = [build_proposal(proposal) for proposal in decision.proposals]
            self._update_case(entry_id, cause, decision, stored)
        self.changed += record_decisions(self._session, judged, stored.judgements, self._now)
        changed = {key: films for key, films in proposals.items() if films != stored.proposals.get(key, [])}
        if changed:
            replace_all_candidates(self._session, changed, self._model_version)
        return verdicts

    def withdraw_cases(self, entry_ids: Iterable[int]) -> None:
        """Withdraw the cases of entries that no catalogue has any more."""
        for batch in iter_batches(sorted(entry_ids), _BATCH):
            for case in self._session.exec(select(ReviewCase).where(is_open_case(), col(ReviewCase.entry_id).in_(batch))):
                withdraw_case(self._session, case, self._now)
        self._session.flush()

    def _build_judgement(self, decision: EntryDecision, content_hash: str) -> Decision:
        best = decision.best
        return Decision(
            verdict=_VERDICT_BY_BAND[decision.band],
            film_id=int(best.film_id) if best and decision.band is Band.AUTO else None,
            author=Author.by_matcher(self._model_version),
            reasons=decision.reasons,
            probability=best.probability if best else None,
            weights_by_level=decision.weights_by_level,
            content_hash=content_hash,
        )

    def _update_case(self, entry_id: int, cause: CaseCause | None, decision: EntryDecision, stored: _StoredRows) -> None:
        case = stored.cases.get(entry_id)
        if cause is not None:
            request_review(self._session, entry_id, case, _build_review_request(cause, decision, stored), self._now)
        elif case is not None and case.cause in (CaseCause.DOUBT, CaseCause.DISAGREEMENT):
            withdraw_case(self._session, case, self._now)


def _is_disagreement(judgement: Judgement, decision: EntryDecision, stored: _StoredRows) -> bool:
    """Return whether the entry or the best film changed since a person decided, and the matcher disagrees."""
    best_id = int(decision.best.film_id) if decision.best and decision.band is not Band.NONE else None
    has_entry_changed = judgement.content_hash != stored.content_hashes[judgement.entry_id]
    has_film_changed = best_id is not None and stored.films_updated_at[best_id] > judgement.decided_at
    if not has_entry_changed and not has_film_changed:
        return False
    if judgement.verdict is Verdict.SAME:
        return best_id != judgement.film_id and (has_entry_changed or decision.band is Band.AUTO)
    return best_id is not None


def _build_review_request(cause: CaseCause, decision: EntryDecision, stored: _StoredRows) -> ReviewRequest:
    if decision.best is None:
        return ReviewRequest(cause, None, None, decision.doubt, None)
    film_id = int(decision.best.film_id)
    return ReviewRequest(cause, film_id, decision.best.probability, decision.doubt, stored.popularities[film_id])


def build_proposal(proposal: ScoredProposal) -> Proposal:
    """Return a proposal of the matcher as the database stores it."""
    return Proposal(int(proposal.film_id), proposal.probability, proposal.weights_by_level)


def _read_proposals(session: Session, entry_ids: Sequence[int]) -> dict[int, list[Proposal]]:
    proposals: defaultdict[int, list[Proposal]] = defaultdict(list)
    stmt = select(Candidate).where(col(Candidate.entry_id).in_(entry_ids))
    for row in session.exec(stmt.order_by(col(Candidate.id))):
        proposals[row.entry_id].append(Proposal(row.film_id, row.probability, row.weights_by_level, Reason.from_row(row)))
    return proposals
