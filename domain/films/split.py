"""Split a film that is two: what belongs to the other leaves for a film of its own; and undo it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from domain.accounts.audit_trail import log_audit_event
from domain.common.enums import ReasonCode, RecordState, TitleKind
from domain.common.errors import UserError
from domain.common.text import clean_text, slugify
from domain.common.titles import build_title_key
from domain.films.attribute_merge import merge_attributes
from domain.films.edits import lock_film, parse_reason
from domain.films.entry_moves import list_film_entries, move_entries, restore_entries
from domain.films.formats import FilmRecord
from domain.films.merge import restore_film
from domain.films.overrides import (
    add_removed_tokens,
    format_identifier_token,
    format_title_token,
    sync_title_kinds,
)
from domain.films.reassigned_records import FormerState, capture_state, link_record
from domain.films.snapshot import diff_snapshots, revert_changes, take_film_snapshot
from domain.films.source_records import resolve_record
from domain.linking.authors import Author
from domain.linking.provenance import Provenance
from domain.models.agent import Agent, AuditLine
from domain.models.entry import Entry
from domain.models.film import Film, FilmDirector, FilmIdentifier, FilmTitle, SourceRecord

_Row = TypeVar("_Row", FilmTitle, FilmIdentifier)
_MAX_TITLE_LENGTH = 500
AGENTS_SOURCE = "agents"
"""The source of the films that agents create."""


@dataclass(frozen=True)
class SplitSelection:
    """Represent what leaves a film, by id: a source record, entries, titles, identifiers.

    Without a source record, `title` and `year` are those of the new film.
    """

    record_id: int | None = None
    entry_ids: Sequence[int] = ()
    title_ids: Sequence[int] = ()
    identifier_ids: Sequence[int] = ()
    title: str = ""
    year: int | None = None


def split_film(session: Session, film_id: int, agent: Agent, selection: SplitSelection, reason: str, now: datetime) -> AuditLine:
    """Create a film of what leaves another; the record of a film merged before restores that film, under its id.

    Raises UserError when what leaves is not the film's any more, or when nothing says what the new film is.
    """
    film, clean_reason = lock_film(session, film_id), parse_reason(reason)
    entries = _select_entries(session, film_id, selection.entry_ids)
    snapshot = take_film_snapshot(session, film)
    record, former = None, None
    if selection.record_id is not None:
        record = _lock_record(session, film, selection.record_id)
        former = capture_state(record).to_dict()
    film.updated_at = now
    titles, identifiers = _detach_rows(session, film, selection)
    merged_into = None
    if record is not None:
        new_id, merged_into = _create_film_from_record(session, film, record, agent, now)
    else:
        new_id = _create_film_from_title(session, selection, now)
    _attach_titles(session, new_id, titles, agent)
    _attach_identifiers(session, new_id, identifiers, agent)
    merge_attributes(session, {film_id}, now)
    merge_attributes(session, {new_id}, now)
    moves = move_entries(session, entries, new_id, Author.by_agent(agent), ReasonCode.FILM_SPLIT, now)
    session.flush()
    before, after = diff_snapshots(snapshot, take_film_snapshot(session, session.get_one(Film, film_id)))
    detail = {"reason": clean_reason, "film": new_id, "entries": moves, "line": former, "merged_into": merged_into}
    log_audit_event(session, now, agent.id, "film-made", film_id=new_id, detail={"reason": clean_reason, "from": film_id})
    return log_audit_event(session, now, agent.id, "film-split", film_id=film_id, detail=detail, before=before, after=after)


def _select_entries(session: Session, film_id: int, entry_ids: Sequence[int]) -> list[Entry]:
    """Return some of the film's entries. Raises UserError when one is not the film's any more."""
    entries = [entry for entry, _ in list_film_entries(session, film_id) if entry.id in entry_ids]
    if len(entries) != len(set(entry_ids)):
        raise UserError("une des lignes choisies n’est plus reliée à ce film : relisez la fiche")
    return entries


def _lock_record(session: Session, film: Film, record_id: int) -> SourceRecord:
    record = session.exec(select(SourceRecord).where(SourceRecord.id == record_id).with_for_update()).first()
    if record is None or record.film_id != film.id or record.state is not RecordState.LINKED:
        raise UserError("cette ligne de base n’est plus rattachée à ce film : relisez la fiche")
    return record


def _detach_rows(session: Session, film: Film, selection: SplitSelection) -> tuple[list[FilmTitle], list[FilmIdentifier]]:
    """Remove titles and identifiers from the film for ever. Raises UserError when one is not its own, or names it."""
    titles = _select_rows(session, FilmTitle, film, selection.title_ids)
    identifiers = _select_rows(session, FilmIdentifier, film, selection.identifier_ids)
    name_keys = {build_title_key(title) for title in (film.title, film.original_title) if title}
    if any(row.key in name_keys for row in titles):
        raise UserError("le titre affiché et le titre original restent : corrigez-les dans la fiche")
    tokens = [format_title_token(row.key) for row in titles]
    tokens += [format_identifier_token(row.scheme, row.value) for row in identifiers]
    if tokens:
        add_removed_tokens(film, tokens)
    for row in (*titles, *identifiers):
        session.delete(row)
    session.add(film)
    session.flush()
    return titles, identifiers


def _select_rows(session: Session, table: type[_Row], film: Film, row_ids: Sequence[int]) -> list[_Row]:
    stmt = select(table).where(table.film_id == film.id, col(table.id).in_(row_ids))
    rows = session.exec(stmt.order_by(col(table.id))).all()
    if len(rows) != len(set(row_ids)):
        raise UserError("un des titres ou numéros choisis n’est plus dans la fiche : relisez-la")
    return list(rows)


def _create_film_from_record(
    session: Session, film: Film, record: SourceRecord, agent: Agent, now: datetime
) -> tuple[int, int | None]:
    """Make the record a film: the one that was merged, returned with what it was merged into, or a new one."""
    same_record = select(Film).where(Film.source == record.source, Film.source_ref == record.source_ref)
    merged = session.exec(same_record.with_for_update()).first()
    if merged is None:
        resolve_record(session, record, None, Author.by_agent(agent), now)
        assert record.film_id is not None
        return record.film_id, None
    merged_into = merged.merged_into
    merged.merged_into, merged.updated_at = None, now
    record.state, record.film_id, record.by_person, record.decided_at = RecordState.NEW, merged.id, True, now
    session.add(merged)
    session.add(record)
    session.flush()
    merge_attributes(session, {film.id}, now)
    restore_film(session, merged, FilmRecord.from_payload(record.payload), now)
    return merged.id, merged_into


def _create_film_from_title(session: Session, selection: SplitSelection, now: datetime) -> int:
    title = clean_text(selection.title)
    if not title or len(title) > _MAX_TITLE_LENGTH:
        raise UserError("le titre du nouveau film est attendu, ou une ligne de base qui dit ce qu’il est")
    film_id = (session.exec(select(func.max(Film.id))).one() or 0) + 1
    film = Film(
        id=film_id,
        source=AGENTS_SOURCE,
        source_ref=str(film_id),
        title=title,
        year=selection.year,
        slug=slugify(title),
        content_hash="",
        updated_at=now,
    )
    session.add(film)
    session.flush()
    sync_title_kinds(session, film, Provenance.by_source(AGENTS_SOURCE))
    return film_id


def _attach_titles(session: Session, film_id: int, titles: Sequence[FilmTitle], agent: Agent) -> None:
    provenance = Provenance.by_agent(agent).to_columns()
    keys = set(session.exec(select(FilmTitle.key).where(FilmTitle.film_id == film_id)))
    for row in titles:
        if row.key not in keys:
            copy = FilmTitle(film_id=film_id, title=row.title, kind=TitleKind.ALTERNATIVE, key=row.key, **provenance)
            copy.language = row.language
            session.add(copy)
    session.flush()


def _attach_identifiers(session: Session, film_id: int, identifiers: Sequence[FilmIdentifier], agent: Agent) -> None:
    provenance = Provenance.by_agent(agent).to_columns()
    stmt = select(FilmIdentifier.scheme, FilmIdentifier.value).where(FilmIdentifier.film_id == film_id)
    pairs = set(session.exec(stmt))
    for row in identifiers:
        if (row.scheme, row.value) not in pairs:
            session.add(FilmIdentifier(film_id=film_id, scheme=row.scheme, value=row.value, **provenance))
    session.flush()


def undo_split(session: Session, split_event: AuditLine, now: datetime) -> None:
    """Undo a split: the film it created is merged into the first one. Raises UserError when it has served since."""
    assert split_event.film_id is not None and split_event.id is not None
    detail, film = split_event.detail, lock_film(session, split_event.film_id)
    created = lock_film(session, detail["film"])
    moved_ids = {entry_id for entry_id, _ in detail["entries"]}
    if {entry.id for entry, _ in list_film_entries(session, created.id)} - moved_ids:
        raise UserError(f"d’autres lignes sont reliées au film n° {created.id} depuis : rien n’est annulé")
    if _is_corrected_since(session, created.id, split_event.id):
        raise UserError(f"la fiche du film n° {created.id} a été corrigée depuis : rien n’est annulé")
    restore_entries(session, detail["entries"], created.id, ReasonCode.FILM_SPLIT, now)
    for table in (FilmTitle, FilmIdentifier, FilmDirector):
        session.exec(delete(table).where(col(table.film_id) == created.id))
    created.merged_into, created.updated_at, created.content_hash = detail["merged_into"] or film.id, now, ""
    session.add(created)
    if detail["line"]:
        former = FormerState.from_dict(detail["line"])
        link_record(session.get_one(SourceRecord, former.id), film.id, former.author, now)
    session.flush()
    revert_changes(session, film, split_event.before or {}, split_event.after or {})
    merge_attributes(session, {film.id}, now)


def _is_corrected_since(session: Session, film_id: int, act_id: int) -> bool:
    """Tell whether a later act on a film was not undone, or an earlier one was undone since."""
    later = select(AuditLine).where(AuditLine.film_id == film_id, col(AuditLine.id) > act_id)
    is_correction = col(AuditLine.action).like("film-%") & col(AuditLine.action).not_in(("film-made", "film-merged"))
    events = session.exec(later.where(is_correction)).all()
    undone_ids = {event.detail["act"] for event in events if event.action == "film-undo"}
    return undone_ids != {event.id for event in events if event.action != "film-undo"}
