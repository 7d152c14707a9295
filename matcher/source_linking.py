"""Lines of a second base decided against the films of the database, with the same matcher as catalogues."""

from collections.abc import Callable, Sequence

from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.common.enums import RecordState
from domain.db.engine import read_session
from domain.films.formats import FilmRecord
from domain.films.source_records import Linker, RecordDecision
from domain.linking.authors import Author
from domain.linking.judgements import Proposal
from domain.models.film import Film, SourceRecord
from matcher.assignment.source_records import assign_source_records
from matcher.blocking import FilmIndex
from matcher.decision import Band, EntryDecision, ScoredProposal
from matcher.loaders.database import read_films
from matcher.model import load_model
from matcher.pipeline import decide_independently
from matcher.work import Work, make_work

_STATE_BY_BAND = {Band.AUTO: RecordState.LINKED, Band.REVIEW: RecordState.DOUBTFUL, Band.NONE: RecordState.NEW}


def make_source_record_linker(engine: Engine, source: str, progress: Callable[[str], None]) -> Linker:
    """What decides the lines of the base `source`: each is a film of another base, doubtful, or a film of its own."""

    def link(lines: Sequence[FilmRecord]) -> list[RecordDecision]:
        model = load_model()
        with read_session(engine) as session:
            index, taken = FilmIndex(read_films(session)), _get_linked_film_ids(session, source, lines)
        progress(f"{len(lines)} lignes comparées à {len(index.films)} films")
        works = [_build_work(line) for line in lines]
        outcomes = assign_source_records(works, decide_independently(works, index, model), index.films, taken)
        return [_build_decision(outcome, Author.by_matcher(model.version)) for outcome in outcomes]

    return link


def _get_linked_film_ids(session: Session, source: str, source_records: Sequence[FilmRecord]) -> set[str]:
    """The films that other lines of this base are already."""
    asked = select(SourceRecord.film_id, SourceRecord.source_ref).where(
        SourceRecord.source == source, SourceRecord.state == RecordState.LINKED
    )
    again = {line.source_ref for line in source_records}
    joined = {film_id for film_id, ref in session.exec(asked) if ref not in again}
    return {str(film_id) for film_id in joined.union(session.exec(select(Film.id).where(Film.source == source)))}


def _build_work(source_record: FilmRecord) -> Work:
    return make_work(
        source_record.source_ref,
        [source_record.title, source_record.original_title or "", source_record.french_title or "", *source_record.other_titles],
        year=source_record.year,
        release_date=source_record.release_date,
        runtime_min=source_record.runtime_min,
        directors=source_record.directors,
        countries=source_record.countries,
        kind=source_record.kind,
        popularity=source_record.popularity,
        ids=source_record.identifiers.items(),
    )


def _build_decision(outcome: EntryDecision, author: Author) -> RecordDecision:
    best = outcome.proposals[0] if outcome.proposals else None
    state = _STATE_BY_BAND[outcome.band]
    return RecordDecision(
        state=state,
        author=author,
        reasons=outcome.reasons,
        clues=outcome.weights_by_level,
        film_id=int(best.film_id) if best and state is RecordState.LINKED else None,
        probability=best.probability if best else None,
        doubt=outcome.doubt,
        proposals=() if state is RecordState.NEW else tuple(map(_build_proposal, outcome.proposals)),
    )


def _build_proposal(proposal: ScoredProposal) -> Proposal:
    return Proposal(int(proposal.film_id), proposal.probability, proposal.weights_by_level)
