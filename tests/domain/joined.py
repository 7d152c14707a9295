"""Two small bases, one joined to the other by decisions given line by line."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.common.enums import RecordState
from domain.films.formats import FilmRecord
from domain.films.importing import ImportReport, import_films
from domain.films.source_records import Linker, RecordDecision
from domain.linking.authors import get_agent_logins
from domain.linking.provenance import format_provenance
from domain.linking.reasons import Reason
from domain.models.film import Film, FilmIdentifier, FilmTitle, SourceRecord
from tests.domain.builders import make_author, make_proposal

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
FIRST_CSV = "id,title,year,directors,visa\nc1,MON ONCLE,1958,TATI Jacques,20321\nc2,PLAYTIME,,,\n"
CSV_HEADER = "id,title,original_title,year,runtime_min,directors,countries,kind,popularity,imdb,tmdb\n"
SECOND_CSV = CSV_HEADER + (
    "w1,My Uncle,Mon oncle,1959,117,Jacques Tati,France,film,80.5,tt0050706,427\n"
    "w2,Playtime,,1967,124,Jacques Tati,France,film,82,tt0062136,\n"
    "w3,Parade,,1974,89,Jacques Tati,France,film,40,tt0071969,\n"
)


def link_by_ref(**films: int | None) -> Linker:
    """Decides lines by their number in the base: linked to that film, doubtful under 0, a film of its own for None."""

    def decide(record: FilmRecord) -> RecordDecision:
        film, by = films.get(record.source_ref), make_author("matcher test")
        if film is None:
            return RecordDecision(RecordState.NEW, by, [Reason.from_text("aucun titre proche")])
        near = (make_proposal(abs(film), 0.6, "titre proche", {"title": 1.0}),)
        if film < 0:
            reasons = [Reason.from_text("deux films conviennent")]
            return RecordDecision(RecordState.DOUBTFUL, by, reasons, probability=0.6, proposals=near)
        return RecordDecision(RecordState.LINKED, by, [Reason.from_text("titre exact")], film, 0.999, proposals=near)

    return lambda records: [decide(record) for record in records]


def reject_records(records: Sequence[FilmRecord]) -> list[RecordDecision]:
    """Nothing is left to decide."""
    raise AssertionError([record.source_ref for record in records])


def import_text(
    engine: Engine, folder: Path, text: str, link: Linker | None = None, source: str = "monde", aside: bool = False
) -> ImportReport:
    path = folder / f"{source}.csv"
    path.write_text(text, "utf-8")
    return import_films(engine, path, "films", lambda message: None, source=source, linker=link, aside=aside)


def get_film(session: Session, film_id: int) -> Film:
    return session.get_one(Film, film_id)


def get_source_record(session: Session, ref: str) -> SourceRecord:
    return session.exec(select(SourceRecord).where(SourceRecord.source_ref == ref)).one()


def get_titles(session: Session, film_id: int) -> dict[str, str]:
    titles = session.exec(select(FilmTitle).where(FilmTitle.film_id == film_id).order_by(col(FilmTitle.key)))
    logins = get_agent_logins(session)
    return {title.key: format_provenance(title, logins) for title in titles}


def get_identifiers(session: Session, film_id: int) -> dict[tuple[str, str], str]:
    identifiers = session.exec(select(FilmIdentifier).where(FilmIdentifier.film_id == film_id))
    logins = get_agent_logins(session)
    return {(row.scheme, row.value): format_provenance(row, logins) for row in identifiers}
