"""Link the records of a second source to the films of the database, with the matcher that links catalogues."""

from collections.abc import Callable, Sequence

from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.common.enums import RecordState
from domain.db.engine import read_session
from domain.films.formats import FilmRecord
from domain.films.source_records import Linker, RecordDecision
from domain.linking.authors import Author
from domain.models.film import Film, SourceRecord
from matcher.assignment.source_records import assign_source_records
from matcher.decision import Band, EntryDecision
from matcher.model import load_model
from matcher.pipeline import decide_independently
from matcher.stored_index import open_database_index
from matcher.work import Work, make_work
from matcher.write_links import build_proposal

_STATE_BY_BAND = {Band.AUTO: RecordState.LINKED, Band.REVIEW: RecordState.DOUBTFUL, Band.NONE: RecordState.NEW}


def make_source_record_linker(engine: Engine, source: str, progress: Callable[[str], None]) -> Linker:
    """Return a function that decides the records of a source: a film of another source, a doubt, or a film of their own."""

    def link_records(records: Sequence[FilmRecord]) -> list[RecordDecision]:
        model = load_model()
        with read_session(engine) as session:
            index = open_database_index(session)
            linked_film_ids = _get_linked_film_ids(session, source, records)
        progress(f"{len(records)} lignes comparées à {len(index.films)} films")
        works = [_build_work(record) for record in records]
        decisions = decide_independently(works, index, model)
        author = Author.by_matcher(model.version)
        assigned = assign_source_records(works, decisions, index.films, linked_film_ids)
        return [_build_decision(decision, author) for decision in assigned]

    return link_records


def _get_linked_film_ids(session: Session, source: str, records: Sequence[FilmRecord]) -> set[str]:
    """Return the films that are, or come from, other records of the source than those being decided."""
    decided_refs = {record.source_ref for record in records}
    own_film_ids = session.exec(select(Film.id).where(Film.source == source))
    film_ids: set[int | None] = {*own_film_ids}
    linked_records = select(SourceRecord.film_id, SourceRecord.source_ref).where(
        SourceRecord.source == source, SourceRecord.state == RecordState.LINKED
    )
    for film_id, source_ref in session.exec(linked_records):
        if source_ref not in decided_refs:
            film_ids.add(film_id)
    return {str(film_id) for film_id in film_ids}


def _build_work(record: FilmRecord) -> Work:
    return make_work(
        record.source_ref,
        [record.title, record.original_title or "", record.french_title or "", *record.other_titles],
        year=record.year,
        release_date=record.release_date,
        runtime_min=record.runtime_min,
        directors=record.directors,
        countries=record.countries,
        kind=record.kind,
        popularity=record.popularity,
        ids=record.identifiers.items(),
    )


def _build_decision(decision: EntryDecision, author: Author) -> RecordDecision:
    best = decision.best
    state = _STATE_BY_BAND[decision.band]
    proposals = () if state is RecordState.NEW else tuple(map(build_proposal, decision.proposals))
    return RecordDecision(
        state=state,
        author=author,
        reasons=decision.reasons,
        weights_by_level=decision.weights_by_level,
        film_id=int(best.film_id) if best and state is RecordState.LINKED else None,
        probability=best.probability if best else None,
        doubt=decision.doubt,
        proposals=proposals,
    )
