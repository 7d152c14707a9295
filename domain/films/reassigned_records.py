"""The lines of bases that follow a film when it is merged into another, and come back with it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from domain.common.enums import RecordState, TitleKind
from domain.films.formats import FilmRecord
from domain.films.overrides import EDITABLE_FACTS
from domain.films.source_records import build_record_payload, hash_payload
from domain.models.film import Film, FilmIdentifier, FilmTitle, SourceRecord


@dataclass(frozen=True)
class FormerState:
    """A line as it was before it followed a film; left aside, of no film, for one that had no row."""

    id: int
    state: str = RecordState.ASIDE
    film_id: int | None = None
    by_person: bool = False
    who: str = ""
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As the trail keeps it."""
        return asdict(self)


def capture_state(record: SourceRecord) -> FormerState:
    """A line as it is now."""
    return FormerState(record.id or 0, record.state, record.film_id, record.by_person, record.who, record.reason)


def reassign_records(session: Session, film_id: int, other_id: int, who: str, now: datetime) -> list[FormerState]:
    """Links to another film the lines that were linked to one, as a person's word."""
    asked = (
        select(SourceRecord)
        .where(SourceRecord.film_id == film_id, SourceRecord.state == RecordState.LINKED)
        .order_by(col(SourceRecord.id))
    )
    lines = session.exec(asked.with_for_update()).all()
    formers = [capture_state(line) for line in lines]
    for line in lines:
        link_record(line, other_id, who, now)
    session.flush()
    return formers


def link_record(record: SourceRecord, film_id: int, who: str, now: datetime) -> None:
    """Says, as a person's word, that a line is a film."""
    record.state, record.film_id, record.by_person, record.decided_at = RecordState.LINKED, film_id, True, now
    record.who, record.reason = who, "fiches réunies"


def build_own_record(session: Session, film: Film) -> FilmRecord:
    """What a film's own base says of it, as a line; a fact that a person set is told as the base told it."""
    facts = {fact: film.edited.get(fact, getattr(film, fact)) for fact in (*EDITABLE_FACTS, "popularity")}
    facts |= {fact: [] if isinstance(facts[fact], list) else None for fact in film.merged_attributes}
    ours = (film.source, "")
    titles = select(FilmTitle).where(FilmTitle.film_id == film.id, col(FilmTitle.source).in_(ours)).order_by(col(FilmTitle.id))
    others: Sequence[FilmTitle] = session.exec(titles).all()
    french = next((title.title for title in others if title.kind is TitleKind.ALTERNATIVE and title.language == "fr"), None)
    told = {facts["title"], facts["original_title"], french}
    numbers = select(FilmIdentifier.scheme, FilmIdentifier.value)
    held = session.exec(numbers.where(FilmIdentifier.film_id == film.id, col(FilmIdentifier.source).in_(ours)))
    facts |= {
        "source_ref": film.source_ref,
        "french_title": french,
        "identifiers": dict(held.all()),
    }
    facts["other_titles"] = [title.title for title in others if title.title not in told]
    return FilmRecord.model_validate({"line": 0, **facts})


def reassign_own_record(session: Session, film: Film, record: FilmRecord, other_id: int, who: str, now: datetime) -> FormerState:
    """Makes the film's own line one of another film; what it was before."""
    same = select(SourceRecord).where(SourceRecord.source == film.source, SourceRecord.source_ref == film.source_ref)
    kept = session.exec(same.with_for_update()).first()
    payload = build_record_payload(record)
    told: dict[str, Any] = {"payload": payload, "content_hash": hash_payload(payload)}
    if kept is None:
        kept = SourceRecord(
            source=film.source, source_ref=film.source_ref, **told, state=RecordState.LINKED, who=who, decided_at=now
        )
        former = None
    else:
        former = capture_state(kept)
        kept.sqlmodel_update(told)
    link_record(kept, other_id, who, now)
    session.add(kept)
    session.flush()
    return former or FormerState(kept.id or 0)


def restore_records(session: Session, formers: Iterable[FormerState], own: FormerState) -> SourceRecord:
    """Puts lines back as they were; the film's own line, which is left aside where there was none."""
    for former in (*formers, own):
        _restore_record(session.get_one(SourceRecord, former.id), former)
    session.flush()
    return session.get_one(SourceRecord, own.id)


def _restore_record(line: SourceRecord, former: FormerState) -> None:
    line.state, line.film_id, line.by_person = RecordState(former.state), former.film_id, former.by_person
    line.who, line.reason = former.who, former.reason
