"""Reassign source records when their film is merged into another, and restore them with it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from domain.common.enums import ReasonCode, RecordState, TitleKind
from domain.common.titles import split_title
from domain.films.formats import FilmRecord, RecordTitle
from domain.films.overrides import EDITABLE_FACTS
from domain.films.source_records import build_record_payload, hash_payload
from domain.linking.authors import Author
from domain.linking.provenance import is_from_sources
from domain.linking.reasons import Reason, build_reason_columns, read_reasons
from domain.models.film import Film, FilmIdentifier, FilmTitle, SourceRecord

_UNKNOWN_AUTHOR, _UNKNOWN_REASON = Author.from_text(""), Reason.from_text("")
_MERGED = Reason(ReasonCode.FILMS_MERGED)


@dataclass(frozen=True)
class FormerState:
    """Represent a record as it was before it followed a film; left aside, of no film, for one that had no row."""

    id: int
    state: str = RecordState.ASIDE
    film_id: int | None = None
    by_person: bool = False
    author: Author = _UNKNOWN_AUTHOR
    reasons: tuple[Reason, ...] = (_UNKNOWN_REASON,)

    def to_dict(self) -> dict[str, Any]:
        """Return the state as the audit trail keeps it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "FormerState":
        """Return a state that the audit trail keeps, where the oldest tell author and reason as texts: `who` and `reason`."""
        facts = {name: stored[name] for name in ("id", "state", "film_id", "by_person")}
        if "author" in stored:
            reasons = tuple(Reason.from_json(reason) for reason in stored["reasons"])
            return cls(**facts, author=Author.from_json(stored["author"]), reasons=reasons)
        return cls(**facts, author=Author.from_text(stored["who"]), reasons=(Reason.from_text(stored["reason"]),))


def capture_state(record: SourceRecord) -> FormerState:
    """Return the state of a record as it is now."""
    assert record.id is not None
    author, reasons = Author.from_row(record), read_reasons(record)
    return FormerState(record.id, record.state, record.film_id, record.by_person, author, reasons)


def reassign_records(session: Session, film_id: int, other_id: int, author: Author, now: datetime) -> list[FormerState]:
    """Link to another film the records that were linked to one, as a person's word, and return their former states."""
    linked = select(SourceRecord).where(SourceRecord.film_id == film_id, SourceRecord.state == RecordState.LINKED)
    records = session.exec(linked.order_by(col(SourceRecord.id)).with_for_update()).all()
    formers = [capture_state(record) for record in records]
    for record in records:
        link_record(record, other_id, author, now)
    session.flush()
    return formers


def link_record(record: SourceRecord, film_id: int, author: Author, now: datetime) -> None:
    """Link a record to a film that another was merged into, as a person's word."""
    record.state, record.film_id, record.by_person, record.decided_at = RecordState.LINKED, film_id, True, now
    record.sqlmodel_update(asdict(author) | build_reason_columns([_MERGED]))


def build_own_record(session: Session, film: Film) -> FilmRecord:
    """Return what a film's own source says of it, as a record; a fact that a person set is what the source said."""
    facts = {fact: film.edited.get(fact, getattr(film, fact)) for fact in (*EDITABLE_FACTS, "popularity")}
    for fact in film.merged_attributes:
        facts[fact] = [] if isinstance(facts[fact], list) else None
    own_sources = (film.source, "")
    stmt = select(FilmTitle).where(FilmTitle.film_id == film.id, is_from_sources(FilmTitle, own_sources))
    titles = session.exec(stmt.order_by(col(FilmTitle.id))).all()
    french = next((title.title for title in titles if _is_french_title(title)), None)
    named = {facts["title"], facts["original_title"], french}
    pairs = select(FilmIdentifier.scheme, FilmIdentifier.value).where(FilmIdentifier.film_id == film.id)
    identifiers = session.exec(pairs.where(is_from_sources(FilmIdentifier, own_sources))).all()
    facts |= {"source_ref": film.source_ref, "french_title": french, "identifiers": dict(identifiers)}
    named |= set(split_title(facts["title"]).alternatives)
    others = [title for title in titles if title.title not in named]
    facts["titles"] = [_describe_title(title) for title in others if not _is_unspecified(title)]
    facts["other_titles"] = [title.title for title in others if _is_unspecified(title)]
    return FilmRecord.model_validate({"line": 0, **facts})


def _is_unspecified(title: FilmTitle) -> bool:
    """Tell whether nothing more is known of a title than that the film bears it."""
    return title.kind is TitleKind.ALIAS and title.language is None


def _describe_title(title: FilmTitle) -> RecordTitle:
    return RecordTitle(title=title.title, kind=title.kind, language=title.language)


def _is_french_title(title: FilmTitle) -> bool:
    return title.kind is TitleKind.ALTERNATIVE and title.language == "fr"


def reassign_own_record(
    session: Session, film: Film, record: FilmRecord, other_id: int, author: Author, now: datetime
) -> FormerState:
    """Make the film's own record one of another film, and return what it was before."""
    same = select(SourceRecord).where(SourceRecord.source == film.source, SourceRecord.source_ref == film.source_ref)
    row = session.exec(same.with_for_update()).first()
    payload = build_record_payload(record)
    former = None
    if row is None:
        row = _build_linked_record(film, payload, author, now)
    else:
        former = capture_state(row)
        row.payload, row.content_hash = payload, hash_payload(payload)
    link_record(row, other_id, author, now)
    session.add(row)
    session.flush()
    assert row.id is not None
    return former or FormerState(row.id)


def _build_linked_record(film: Film, payload: dict[str, Any], author: Author, now: datetime) -> SourceRecord:
    return SourceRecord(
        source=film.source,
        source_ref=film.source_ref,
        payload=payload,
        content_hash=hash_payload(payload),
        state=RecordState.LINKED,
        decided_at=now,
        **asdict(author),
        **build_reason_columns([_MERGED]),
    )


def restore_records(session: Session, formers: Iterable[FormerState], own: FormerState) -> SourceRecord:
    """Put records back as they were, and return the film's own, which is left aside where there was none."""
    for former in (*formers, own):
        _restore_record(session.get_one(SourceRecord, former.id), former)
    session.flush()
    return session.get_one(SourceRecord, own.id)


def _restore_record(record: SourceRecord, former: FormerState) -> None:
    record.state, record.film_id, record.by_person = RecordState(former.state), former.film_id, former.by_person
    record.sqlmodel_update(asdict(former.author) | build_reason_columns(former.reasons))
