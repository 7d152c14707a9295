"""A record that is two films: what belongs to the other leaves, for a film of its own; and back again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from domain.accounts.audit_trail import log_audit_event
from domain.common.enums import ReasonCode, RecordState, TitleKind
from domain.common.errors import UserError
from domain.common.text import clean_text, slugify
from domain.common.titles import build_title_key
from domain.films.attribute_merge import merge_attributes
from domain.films.edits import lock_film, parse_reason
from domain.films.formats import FilmRecord
from domain.films.merge import list_film_entries, move_entries, restore_entries, restore_film
from domain.films.overrides import (
    REMOVED_KEY,
    format_identifier_token,
    format_title_token,
    get_removed_tokens,
    sync_title_kinds,
)
from domain.films.reassigned_records import FormerState, capture_state, link_record
from domain.films.snapshot import diff_snapshots, revert_changes, take_film_snapshot
from domain.films.source_records import resolve_record
from domain.linking.authors import Author
from domain.linking.provenance import Provenance
from domain.models.agent import Agent, AuditLine
from domain.models.film import Film, FilmDirector, FilmIdentifier, FilmTitle, SourceRecord

_Row = TypeVar("_Row", FilmTitle, FilmIdentifier)
AGENTS_SOURCE = "agents"
"""The base of the films that agents make."""


@dataclass(frozen=True)
class SplitSelection:
    """What leaves a film, by number: a line of a base, entries, titles, identifiers. `title` and `year` tell a film without."""

    line_id: int | None = None
    entry_ids: Sequence[int] = ()
    title_ids: Sequence[int] = ()
    identifier_ids: Sequence[int] = ()
    title: str = ""
    year: int | None = None


def split_film(session: Session, film_id: int, agent: Agent, selection: SplitSelection, reason: str, now: datetime) -> AuditLine:
    """Makes a film of what leaves another; the line of a film merged before gives that film back, under its number.

    Raises Problem when what leaves is not of the film any more, or when nothing says what the new film is.
    """
    film, told = lock_film(session, film_id), parse_reason(reason)
    entries = [entry for entry, _ in list_film_entries(session, film_id) if entry.id in selection.entry_ids]
    if len(entries) != len(set(selection.entry_ids)):
        raise UserError("une des lignes choisies n’est plus reliée à ce film : relisez la fiche")
    line = _lock_record(session, film, selection.line_id)
    was, former = take_film_snapshot(session, film), capture_state(line).to_dict() if line else None
    film.updated_at = now
    rows = _detach_rows(session, film, selection)
    new_id, into = (
        _create_film_from_record(session, film, line, agent, now)
        if line
        else (_create_film_from_title(session, selection, now), None)
    )
    _attach_rows(session, new_id, rows, agent)
    merge_attributes(session, {film_id}, now)
    merge_attributes(session, {new_id}, now)
    moved = move_entries(session, entries, new_id, Author.by_agent(agent), ReasonCode.FILM_SPLIT, now)
    session.flush()
    before, after = diff_snapshots(was, take_film_snapshot(session, session.get_one(Film, film_id)))
    detail = {"reason": told, "film": new_id, "entries": moved, "line": former, "merged_into": into}
    log_audit_event(session, now, agent.id, "film-made", film_id=new_id, detail={"reason": told, "from": film_id})
    return log_audit_event(session, now, agent.id, "film-split", film_id=film_id, detail=detail, before=before, after=after)


def _lock_record(session: Session, film: Film, line_id: int | None) -> SourceRecord | None:
    if line_id is None:
        return None
    line = session.exec(select(SourceRecord).where(SourceRecord.id == line_id).with_for_update()).first()
    if line is None or line.film_id != film.id or line.state is not RecordState.LINKED:
        raise UserError("cette ligne de base n’est plus rattachée à ce film : relisez la fiche")
    return line


def _detach_rows(session: Session, film: Film, selection: SplitSelection) -> tuple[list[FilmTitle], list[FilmIdentifier]]:
    """Takes titles and numbers away from the film, for ever. Raises Problem when one is not its own, or names it."""
    titles, numbers = (
        _select_rows(session, FilmTitle, film, selection.title_ids),
        _select_rows(session, FilmIdentifier, film, selection.identifier_ids),
    )
    names = {build_title_key(title) for title in (film.title, film.original_title) if title}
    if any(row.key in names for row in titles):
        raise UserError("le titre affiché et le titre original restent : corrigez-les dans la fiche")
    marks = [format_title_token(row.key) for row in titles] + [format_identifier_token(row.scheme, row.value) for row in numbers]
    if marks:
        film.edited = {**film.edited, REMOVED_KEY: sorted(get_removed_tokens(film.edited).union(marks))}
    for one in (*titles, *numbers):
        session.delete(one)
    session.add(film)
    session.flush()
    return titles, numbers


def _select_rows(session: Session, table: type[_Row], film: Film, row_ids: Sequence[int]) -> list[_Row]:
    found = session.exec(select(table).where(table.film_id == film.id, col(table.id).in_(row_ids)).order_by(col(table.id))).all()
    if len(found) != len(set(row_ids)):
        raise UserError("un des titres ou numéros choisis n’est plus dans la fiche : relisez-la")
    return list(found)


def _create_film_from_record(
    session: Session, film: Film, record: SourceRecord, agent: Agent, now: datetime
) -> tuple[int, int | None]:
    """The film that the line is: the one that was merged, with the film it was merged into; or one of its own."""
    same = select(Film).where(Film.source == record.source, Film.source_ref == record.source_ref)
    merged = session.exec(same.with_for_update()).first()
    if merged is None:
        resolve_record(session, record, None, Author.by_agent(agent), now)
        return record.film_id or 0, None
    into, merged.merged_into, merged.updated_at = merged.merged_into, None, now
    record.state, record.film_id, record.by_person, record.decided_at = RecordState.NEW, merged.id, True, now
    session.add(merged)
    session.add(record)
    session.flush()
    merge_attributes(session, {film.id}, now)
    restore_film(session, merged, FilmRecord.model_validate({"line": 0, **record.payload}), now)
    return merged.id, into


def _create_film_from_title(session: Session, selection: SplitSelection, now: datetime) -> int:
    title = clean_text(selection.title)
    if not title or len(title) > 500:
        raise UserError("le titre du nouveau film est attendu, ou une ligne de base qui dit ce qu’il est")
    number = (session.exec(select(func.max(Film.id))).one() or 0) + 1
    told: dict[str, Any] = {"title": title, "year": selection.year, "slug": slugify(title)}
    film = Film(id=number, source=AGENTS_SOURCE, source_ref=str(number), **told, content_hash="", updated_at=now)
    session.add(film)
    session.flush()
    sync_title_kinds(session, film, Provenance.by_source(AGENTS_SOURCE))
    return number


def _attach_rows(session: Session, film_id: int, rows: tuple[list[FilmTitle], list[FilmIdentifier]], agent: Agent) -> None:
    provenance = Provenance.by_agent(agent).to_columns()
    known = set(session.exec(select(FilmTitle.key).where(FilmTitle.film_id == film_id)))
    for row in rows[0]:
        if row.key not in known:
            copy = FilmTitle(film_id=film_id, title=row.title, kind=TitleKind.ALTERNATIVE, key=row.key, **provenance)
            copy.language = row.language
            session.add(copy)
    held = set(session.exec(select(FilmIdentifier.scheme, FilmIdentifier.value).where(FilmIdentifier.film_id == film_id)))
    for one in rows[1]:
        if (one.scheme, one.value) not in held:
            session.add(FilmIdentifier(film_id=film_id, scheme=one.scheme, value=one.value, **provenance))
    session.flush()


def undo_split(session: Session, split_event: AuditLine, now: datetime) -> None:
    """Undoes a split: the film made has the first one's number as another name. Raises Problem when it has served since."""
    told, film = split_event.detail, lock_film(session, split_event.film_id or 0)
    made = lock_film(session, told["film"])
    if {entry.id for entry, _ in list_film_entries(session, made.id)} - {entry_id for entry_id, _ in told["entries"]}:
        raise UserError(f"d’autres lignes sont reliées au film n° {made.id} depuis : rien n’est annulé")
    if _is_corrected_since(session, made.id, split_event.id or 0):
        raise UserError(f"la fiche du film n° {made.id} a été corrigée depuis : rien n’est annulé")
    restore_entries(session, told["entries"], made.id, ReasonCode.FILM_SPLIT, now)
    for table in (FilmTitle, FilmIdentifier, FilmDirector):
        session.exec(delete(table).where(col(table.film_id) == made.id))
    made.merged_into, made.updated_at, made.content_hash = told["merged_into"] or film.id, now, ""
    session.add(made)
    if told["line"]:
        former = FormerState.from_dict(told["line"])
        link_record(session.get_one(SourceRecord, former.id), film.id, former.author, now)
    session.flush()
    revert_changes(session, film, split_event.before or {}, split_event.after or {})
    merge_attributes(session, {film.id}, now)


def _is_corrected_since(session: Session, film_id: int, act_id: int) -> bool:
    """Whether something done to a film after an act stands, or something done before was taken back."""
    later = select(AuditLine).where(AuditLine.film_id == film_id, col(AuditLine.id) > act_id)
    others = col(AuditLine.action).like("film-%") & col(AuditLine.action).not_in(("film-made", "film-merged"))
    acts = session.exec(later.where(others)).all()
    undone = {one.detail["act"] for one in acts if one.action == "film-undo"}
    return undone != {one.id for one in acts if one.action != "film-undo"}
