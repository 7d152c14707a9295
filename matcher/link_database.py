"""`ouvoir match`: the entries of the platforms' live catalogues matched against the films of the database."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from matcher.decision import Band, EntryDecision
from matcher.linking import link_entries
from matcher.model import Model, load_model
from matcher.read_database import read_catalogues, read_films
from matcher.shortlist import FilmIndex
from records.database import reading, writing
from records.judgements import Decision, Proposal, decide, live_judgements, propose
from records.links import Candidate
from records.vocabulary import Verdict

_VERDICTS = {Band.AUTO: Verdict.SAME, Band.REVIEW: Verdict.UNSURE, Band.NONE: Verdict.NONE}


@dataclass(frozen=True)
class MatchCounts:
    """Entries of the live catalogues by their decision in force, persons' included, and decisions that changed."""

    linked: int
    doubtful: int
    unlinked: int
    changed: int

    def sentence(self) -> str:
        """The counts, in French."""
        return f"{self.linked} liées, {self.doubtful} à vérifier, {self.unlinked} sans film ; {self.changed} décisions nouvelles"


def match_database(engine: Engine, progress: Callable[[str], None]) -> MatchCounts:
    """Matches every entry of the live catalogues and writes what changed, in one transaction.

    A person's decision is left alone; the same films and entries again write nothing.
    """
    model = load_model()
    with reading(engine) as session:
        index = FilmIndex(read_films(session))
        catalogues = read_catalogues(session)
    progress(f"{len(index.films)} films ; {len(catalogues)} catalogues")
    outcomes: dict[int, EntryDecision] = {}
    for name, entries in catalogues:
        found = link_entries(entries, index, model)
        outcomes |= {int(entry.id): outcome for entry, outcome in zip(entries, found, strict=True)}
        progress(f"{name} : {_told(found)}")
    with writing(engine) as session:
        return _write(session, outcomes, model)


def _told(outcomes: Sequence[EntryDecision]) -> str:
    counts = Counter(outcome.band for outcome in outcomes)
    return f"{counts[Band.AUTO]} liées, {counts[Band.REVIEW]} à vérifier, {counts[Band.NONE]} sans film"


def _decision(outcome: EntryDecision, who: str) -> Decision:
    best = outcome.proposals[0] if outcome.proposals else None
    linked = best is not None and outcome.band is Band.AUTO
    return Decision(
        verdict=_VERDICTS[outcome.band],
        film_id=int(best.film_id) if best and linked else None,
        who=who,
        reason=outcome.reason,
        probability=best.probability if best else None,
        clues=best.clues if best else {},
    )


def _proposals(outcome: EntryDecision) -> list[Proposal]:
    return [Proposal(int(film.film_id), film.probability, film.reason, film.clues) for film in outcome.proposals]


def _stored(session: Session) -> dict[int, list[Proposal]]:
    found: defaultdict[int, list[Proposal]] = defaultdict(list)
    for line in session.exec(select(Candidate).order_by(col(Candidate.id))):
        found[line.entry_id].append(Proposal(line.film_id, line.probability, line.reason, line.clues))
    return found


def _write(session: Session, outcomes: dict[int, EntryDecision], model: Model) -> MatchCounts:
    now, who = datetime.now(UTC), f"matcher {model.version}"
    live, stored = live_judgements(session), _stored(session)
    verdicts: Counter[Verdict] = Counter()
    changed = 0
    for entry_id, outcome in outcomes.items():
        standing = live.get(entry_id)
        if standing is not None and standing.by_person:
            verdicts[standing.verdict] += 1
            continue
        decision, proposals = _decision(outcome, who), _proposals(outcome)
        changed += decide(session, entry_id, standing, decision, now)
        verdicts[decision.verdict] += 1
        if proposals != stored.get(entry_id, []):
            propose(session, entry_id, proposals, model.version)
    return MatchCounts(verdicts[Verdict.SAME], verdicts[Verdict.UNSURE], verdicts[Verdict.NONE], changed)
