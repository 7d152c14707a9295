"""What the matcher found of each entry, written: judgements, films put forward, and questions to agents."""

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
from matcher.decision import Band, EntryDecision

_VERDICT_BY_BAND = {Band.AUTO: Verdict.SAME, Band.REVIEW: Verdict.UNSURE, Band.NONE: Verdict.NONE}


class LinkWriter:
    """The decisions, proposals and cases as they stand, and what changes of them, in the caller's transaction."""

    def __init__(self, session: Session, version: str, now: datetime) -> None:
        self.verdicts: Counter[Verdict] = Counter()
        self.changed = 0
        self._session, self._version, self._now = session, version, now
        self._live, self._waiting = get_live_judgements(session), get_open_cases(session)
        self._hashes = dict(session.exec(select(col(Entry.id), col(Entry.content_hash))).all())
        films = session.exec(select(Film.id, Film.updated_at, Film.popularity)).all()
        self._updated = {film_id: updated for film_id, updated, _ in films}
        self._popularity = {film_id: popularity for film_id, _, popularity in films}
        self._stored: defaultdict[int, list[Proposal]] = defaultdict(list)
        for line in session.exec(select(Candidate).order_by(col(Candidate.id))):
            self._stored[line.entry_id].append(Proposal(line.film_id, line.probability, line.clues, Reason.from_row(line)))
        self._seen: set[int] = set()

    def write_entry(self, entry_id: int, outcome: EntryDecision) -> None:
        """One entry: a person's decision stands, and is asked again when the matcher disagrees for a new reason."""
        self._seen.add(entry_id)
        live = self._live.get(entry_id)
        person = live if live is not None and live.by_person else None
        if person is None:
            decision = self._build_decision(entry_id, outcome)
            self.changed += record_decision(self._session, entry_id, live, decision, self._now)
            self.verdicts[decision.verdict] += 1
            cause = CaseCause.DOUBT if outcome.band is Band.REVIEW else None
        else:
            self.verdicts[person.verdict] += 1
            cause = CaseCause.DISAGREEMENT if self._is_disagreement(person, outcome) else None
        proposals = [Proposal(int(film.film_id), film.probability, film.weights_by_level) for film in outcome.proposals]
        if (person is None or cause) and proposals != self._stored.get(entry_id, []):
            replace_candidates(self._session, entry_id, proposals, self._version)
        self._update_case(entry_id, cause, outcome)

    def withdraw_stale_cases(self) -> int:
        """Withdraws the cases of entries that are in no catalogue any more; how many cases wait."""
        for entry_id, case in self._waiting.items():
            if entry_id not in self._seen:
                withdraw_case(self._session, case, self._now)
        self._session.flush()
        return len(get_open_cases(self._session))

    def _build_decision(self, entry_id: int, outcome: EntryDecision) -> Decision:
        best = outcome.proposals[0] if outcome.proposals else None
        return Decision(
            verdict=_VERDICT_BY_BAND[outcome.band],
            film_id=int(best.film_id) if best and outcome.band is Band.AUTO else None,
            author=Author.by_matcher(self._version),
            reasons=outcome.reasons,
            probability=best.probability if best else None,
            clues=outcome.weights_by_level,
            content_hash=self._hashes[entry_id],
        )

    def _is_disagreement(self, person: Judgement, outcome: EntryDecision) -> bool:
        """Whether the entry or the best film changed since a person decided, and the matcher would decide otherwise."""
        best = int(outcome.proposals[0].film_id) if outcome.proposals and outcome.band is not Band.NONE else None
        changed = person.content_hash != self._hashes[person.entry_id]
        if not changed and (best is None or self._updated[best] <= person.decided_at):
            return False
        if person.verdict is Verdict.SAME:
            return best != person.film_id and (changed or outcome.band is Band.AUTO)
        return best is not None

    def _update_case(self, entry_id: int, cause: CaseCause | None, outcome: EntryDecision) -> None:
        waiting = self._waiting.get(entry_id)
        if cause is not None:
            best = outcome.proposals[0] if outcome.proposals else None
            film_id = int(best.film_id) if best else None
            popularity = self._popularity[film_id] if film_id else None
            question = ReviewRequest(cause, film_id, best.probability if best else None, outcome.doubt, popularity)
            request_review(self._session, entry_id, waiting, question, self._now)
        elif waiting is not None and waiting.cause in (CaseCause.DOUBT, CaseCause.DISAGREEMENT):
            withdraw_case(self._session, waiting, self._now)
