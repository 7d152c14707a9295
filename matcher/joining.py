"""Lines of a second base decided against the films of the database, with the same matcher as catalogues."""

from collections.abc import Callable, Sequence

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from matcher.decision import Band, EntryDecision, ScoredProposal
from matcher.linking import link_entries
from matcher.model import load_model
from matcher.read_database import read_films
from matcher.shortlist import FilmIndex
from matcher.work import Work, make_work
from records.database import reading
from records.films import BaseLine, Film
from records.joining import LineDecision, Linker
from records.judgements import Proposal
from records.layouts import FilmLine
from records.vocabulary import LineState

_STATES = {Band.AUTO: LineState.LINKED, Band.REVIEW: LineState.DOUBTFUL, Band.NONE: LineState.NEW}


def line_linker(engine: Engine, source: str, progress: Callable[[str], None]) -> Linker:
    """What decides the lines of the base `source`: each is a film of another base, doubtful, or a film of its own."""

    def link(lines: Sequence[FilmLine]) -> list[LineDecision]:
        model = load_model()
        with reading(engine) as session:
            index, taken = FilmIndex(read_films(session)), _taken(session, source)
        progress(f"{len(lines)} lignes comparées à {len(index.films)} films")
        works = [_work(line) for line in lines]
        outcomes = link_entries(works, index, model)
        who = f"matcher {model.version}"
        return [_decision(line, outcome, taken, who) for line, outcome in zip(lines, outcomes, strict=True)]

    return link


def _taken(session: Session, source: str) -> dict[int, str]:
    """The films that a line of this base is already, with that line."""
    own = session.exec(select(Film.id, Film.source_ref).where(Film.source == source))
    asked = select(BaseLine.film_id, BaseLine.source_ref).where(BaseLine.source == source, BaseLine.state == LineState.LINKED)
    joined = session.exec(asked.where(col(BaseLine.film_id).is_not(None)))
    return {film_id or 0: ref for film_id, ref in (*own, *joined)}


def _work(line: FilmLine) -> Work:
    return make_work(
        line.source_ref,
        [line.title, line.original_title or "", line.french_title or "", *line.other_titles],
        year=line.year,
        release_date=line.release_date,
        runtime_min=line.runtime_min,
        directors=line.directors,
        countries=line.countries,
        kind=line.kind,
        popularity=line.popularity,
        ids=line.identifiers.items(),
    )


def _decision(line: FilmLine, outcome: EntryDecision, taken: dict[int, str], who: str) -> LineDecision:
    best = outcome.proposals[0] if outcome.proposals else None
    state, reason, doubt = _STATES[outcome.band], outcome.reason, outcome.doubt
    other = taken.get(int(best.film_id), line.source_ref) if best else line.source_ref
    if state is LineState.LINKED and other != line.source_ref:
        state, doubt = LineState.DOUBTFUL, "assignment"
        reason = f"{reason} — veto : la ligne {other} de cette base est déjà ce film"
    return LineDecision(
        state=state,
        who=who,
        reason=reason,
        film_id=int(best.film_id) if best and state is LineState.LINKED else None,
        probability=best.probability if best else None,
        doubt=doubt,
        proposals=() if state is LineState.NEW else tuple(map(_proposal, outcome.proposals)),
    )


def _proposal(near: ScoredProposal) -> Proposal:
    return Proposal(int(near.film_id), near.probability, near.reason, near.clues)
