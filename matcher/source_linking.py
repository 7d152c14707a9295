"""Lines of a second base decided against the films of the database, with the same matcher as catalogues."""

from collections.abc import Callable, Sequence

from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.common.enums import LineState
from domain.db.engine import reading
from domain.films.formats import FilmLine
from domain.films.source_records import LineDecision, Linker
from domain.linking.judgements import Proposal
from domain.models.film import BaseLine, Film
from matcher.blocking import FilmIndex
from matcher.decision import Band, EntryDecision, ScoredProposal
from matcher.loaders.database import read_films
from matcher.model import load_model
from matcher.one_to_one import settle_base
from matcher.pipeline import decide_alone
from matcher.work import Work, make_work

_STATES = {Band.AUTO: LineState.LINKED, Band.REVIEW: LineState.DOUBTFUL, Band.NONE: LineState.NEW}


def line_linker(engine: Engine, source: str, progress: Callable[[str], None]) -> Linker:
    """What decides the lines of the base `source`: each is a film of another base, doubtful, or a film of its own."""

    def link(lines: Sequence[FilmLine]) -> list[LineDecision]:
        model = load_model()
        with reading(engine) as session:
            index, taken = FilmIndex(read_films(session)), _taken(session, source, lines)
        progress(f"{len(lines)} lignes comparées à {len(index.films)} films")
        works = [_work(line) for line in lines]
        outcomes = settle_base(works, decide_alone(works, index, model), index.films, taken)
        return [_decision(outcome, f"matcher {model.version}") for outcome in outcomes]

    return link


def _taken(session: Session, source: str, lines: Sequence[FilmLine]) -> set[str]:
    """The films that other lines of this base are already."""
    asked = select(BaseLine.film_id, BaseLine.source_ref).where(BaseLine.source == source, BaseLine.state == LineState.LINKED)
    again = {line.source_ref for line in lines}
    joined = {film_id for film_id, ref in session.exec(asked) if ref not in again}
    return {str(film_id) for film_id in joined.union(session.exec(select(Film.id).where(Film.source == source)))}


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


def _decision(outcome: EntryDecision, who: str) -> LineDecision:
    best = outcome.proposals[0] if outcome.proposals else None
    state = _STATES[outcome.band]
    return LineDecision(
        state=state,
        who=who,
        reason=outcome.reason,
        film_id=int(best.film_id) if best and state is LineState.LINKED else None,
        probability=best.probability if best else None,
        doubt=outcome.doubt,
        proposals=() if state is LineState.NEW else tuple(map(_proposal, outcome.proposals)),
    )


def _proposal(near: ScoredProposal) -> Proposal:
    return Proposal(int(near.film_id), near.probability, near.reason, near.clues)
