"""Write what the matcher decided about each entry: judgements, candidates, and review cases."""

from collections import Counter, defaultdict
from datetime import datetime

from sqlmodel import Session, col, select

from domain.common.enums import CaseCause, Verdict
from domain.linking.authors import Author
from domain.linking.judgements import Decision, Proposal, get_live_judgements, record_decision, replace_candidates
from domain.linking.reasons import Reason
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Candidate, Judgement
from domain.review.queue import ReviewRequest, get_open_cases, request_review, withdraw_case
from matcher.decision import Band, EntryDecision, ScoredProposal

_VERDICT_BY_BAND = {Band.AUTO: Verdict.SAME, Band.REVIEW: Verdict.UNSURE, Band.NONE: Verdict.NONE}


class LinkWriter:
    """Compare the matcher's decisions with those of the database and write the differences, in the caller's transaction.

    `verdicts` counts the entries by live verdict, `changed` the judgements written.
    """

    def __init__(self, session: Session, model_version: str, now: datetime) -> None:
        self.verdicts: Counter[Verdict] = Counter()
        self.changed = 0
        self._session = session
        self._model_version = model_version
        self._now = now
        self._live_judgements = get_live_judgements(session)
        self._open_cases = get_open_cases(session)
        self._content_hashes = dict(session.exec(select(col(Entry.id), col(Entry.content_hash))).all())
        self._films_updated_at = dict(session.exec(select(Film.id, Film.updated_at)).all())
        self._popularities = dict(session.exec(select(Film.id, Film.popularity)).all())
        self._stored_proposals = _load_proposals(session)
        self._seen_entry_ids: set[int] = set()

    def write_entry(self, entry_id: int, decision: EntryDecision) -> None:
        """Write one decision; a person's judgement stays, and a case is opened when the matcher has a new reason to disagree."""
        self._seen_entry_ids.add(entry_id)
        live = self._live_judgements.get(entry_id)
        if live is not None and live.by_person:
            self.verdicts[live.verdict] += 1
            cause = CaseCause.DISAGREEMENT if self._is_disagreement(live, decision) else None
            if cause:
                self._replace_candidates(entry_id, decision)
        else:
            judgement = self._build_judgement(entry_id, decision)
            self.changed += record_decision(self._session, entry_id, live, judgement, self._now)
            self.verdicts[judgement.verdict] += 1
            cause = CaseCause.DOUBT if decision.band is Band.REVIEW else None
            self._replace_candidates(entry_id, decision)
        self._update_case(entry_id, cause, decision)

    def withdraw_stale_cases(self) -> int:
        """Withdraw the cases of entries that no catalogue has any more; return the number of open cases."""
        for entry_id, case in self._open_cases.items():
            if entry_id not in self._seen_entry_ids:
                withdraw_case(self._session, case, self._now)
        self._session.flush()
        return len(get_open_cases(self._session))

    def _replace_candidates(self, entry_id: int, decision: EntryDecision) -> None:
        proposals = [build_proposal(proposal) for proposal in decision.proposals]
        if proposals != self._stored_proposals.get(entry_id, []):
            replace_candidates(self._session, entry_id, proposals, self._model_version)

    def _build_judgement(self, entry_id: int, decision: EntryDecision) -> Decision:
        best = decision.best
        return Decision(
            verdict=_VERDICT_BY_BAND[decision.band],
            film_id=int(best.film_id) if best and decision.band is Band.AUTO else None,
            author=Author.by_matcher(self._model_version),
            reasons=decision.reasons,
            probability=best.probability if best else None,
            weights_by_level=decision.weights_by_level,
            content_hash=self._content_hashes[entry_id],
        )

    def _is_disagreement(self, judgement: Judgement, decision: EntryDecision) -> bool:
        """Return whether the entry or the best film changed since a person decided, and the matcher disagrees."""
        best_id = int(decision.best.film_id) if decision.best and decision.band is not Band.NONE else None
        has_entry_changed = judgement.content_hash != self._content_hashes[judgement.entry_id]
        has_film_changed = best_id is not None and self._films_updated_at[best_id] > judgement.decided_at
        if not has_entry_changed and not has_film_changed:
            return False
        if judgement.verdict is Verdict.SAME:
            return best_id != judgement.film_id and (has_entry_changed or decision.band is Band.AUTO)
        return best_id is not None

    def _update_case(self, entry_id: int, cause: CaseCause | None, decision: EntryDecision) -> None:
        case = self._open_cases.get(entry_id)
        if cause is not None:
            request_review(self._session, entry_id, case, self._build_review_request(cause, decision), self._now)
        elif case is not None and case.cause in (CaseCause.DOUBT, CaseCause.DISAGREEMENT):
            withdraw_case(self._session, case, self._now)

    def _build_review_request(self, cause: CaseCause, decision: EntryDecision) -> ReviewRequest:
        if decision.best is None:
            return ReviewRequest(cause, None, None, decision.doubt, None)
        film_id = int(decision.best.film_id)
        return ReviewRequest(cause, film_id, decision.best.probability, decision.doubt, self._popularities[film_id])


def build_proposal(proposal: ScoredProposal) -> Proposal:
    """Return a proposal of the matcher as the database stores it."""
    return Proposal(int(proposal.film_id), proposal.probability, proposal.weights_by_level)


def _load_proposals(session: Session) -> dict[int, list[Proposal]]:
    proposals: defaultdict[int, list[Proposal]] = defaultdict(list)
    for row in session.exec(select(Candidate).order_by(col(Candidate.id))):
        proposals[row.entry_id].append(Proposal(row.film_id, row.probability, row.weights_by_level, Reason.from_row(row)))
    return proposals
