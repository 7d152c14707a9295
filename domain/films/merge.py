"""Merge a film into another when they are one: what the other takes over, and how the merge is undone."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, SQLModel, col, select

from domain.accounts.audit_trail import log_audit_event
from domain.common.enums import ProvenanceKind, ReasonCode, RecordState
from domain.common.errors import UserError
from domain.films.attribute_merge import get_linked_sources, merge_attributes
from domain.films.edits import lock_film, parse_reason
from domain.films.entry_moves import list_film_entries, move_entries, restore_entries
from domain.films.formats import FilmRecord
from domain.films.overrides import EDITABLE_FACTS
from domain.films.reassigned_records import FormerState, build_own_record, reassign_own_record, reassign_records, restore_records
from domain.films.snapshot import build_title, describe_title, diff_snapshots, get_known_sources, take_film_snapshot
from domain.films.upsert import FilmWriter
from domain.linking.authors import Author, get_agent_logins
from domain.linking.cases import is_open_case
from domain.linking.provenance import format_provenance
from domain.models.agent import Agent, AuditLine
from domain.models.entry import Entry
from domain.models.film import Film, FilmDirector, FilmIdentifier, FilmTitle, SourceRecord
from domain.models.judgement import Candidate
from domain.models.platform import Platform
from domain.models.provenance import ProvenancedRow
from domain.models.review_case import Rejection, ReviewCase

_KEY_COLUMNS = {FilmTitle: ("key",), FilmIdentifier: ("scheme", "value")}
_EMPTY_VALUES: tuple[Any, ...] = (None, [], "")


@dataclass(frozen=True)
class MergePreview:
    """Represent what a merge would move, and the facts that the surviving film would gain from the merged one.

    `conflicts` are the facts that both have: (name, the survivor's, the merged film's). `version` changes with any of it.
    """

    merged: Film
    survivor: Film
    entries: Sequence[tuple[Entry, Platform]]
    titles: Sequence[FilmTitle]
    identifiers: Sequence[FilmIdentifier]
    source_records: Sequence[SourceRecord]
    conflicts: Sequence[tuple[str, Any, Any]]
    merged_attributes: Sequence[tuple[str, Any]]
    version: str


def preview_merge(session: Session, merged_id: int, survivor_id: int) -> MergePreview:
    """Return what merging a film into another would do. Raises UserError when they cannot be merged."""
    merged, survivor = _lock_both_films(session, merged_id, survivor_id)
    entries = list_film_entries(session, merged_id)
    conflicts: list[tuple[str, Any, Any]] = []
    merged_attributes: list[tuple[str, Any]] = []
    for fact in EDITABLE_FACTS:
        own, other = getattr(survivor, fact), getattr(merged, fact)
        if other in _EMPTY_VALUES:
            continue
        if own in _EMPTY_VALUES:
            merged_attributes.append((fact, other))
        elif own != other:
            conflicts.append((fact, own, other))
    sheets = [take_film_snapshot(session, film) for film in (survivor, merged)]
    content = json.dumps([*sheets, [entry.id for entry, _ in entries]], sort_keys=True)
    return MergePreview(
        merged=merged,
        survivor=survivor,
        entries=entries,
        titles=_list_rows(session, FilmTitle, merged_id),
        identifiers=_list_rows(session, FilmIdentifier, merged_id),
        source_records=_list_rows(session, SourceRecord, merged_id),
        conflicts=conflicts,
        merged_attributes=merged_attributes,
        version=hashlib.sha256(content.encode()).hexdigest()[:16],
    )


def _list_rows(session: Session, table: Any, film_id: int) -> Sequence[Any]:
    rows: Sequence[Any] = session.exec(select(table).where(table.film_id == film_id).order_by(table.id)).all()
    return rows


def _lock_both_films(session: Session, merged_id: int, survivor_id: int) -> tuple[Film, Film]:
    """Return the two films, locked in the order of their ids. Raises UserError when one cannot be, or both are one."""
    if merged_id == survivor_id:
        raise UserError("une fiche ne se réunit pas à elle-même : choisissez un autre film")
    films = {film_id: lock_film(session, film_id) for film_id in sorted((merged_id, survivor_id))}
    return films[merged_id], films[survivor_id]


def merge_film(
    session: Session, merged_id: int, survivor_id: int, agent: Agent, expected_version: str, reason: str, now: datetime
) -> AuditLine:
    """Merge a film into another, which takes over its entries, titles, identifiers and source records.

    The survivor keeps its facts; what it lacks comes from the merged film, as from a source record. The merged film's row
    keeps its own, for the days when it was a film. `expected_version` is that of the preview. Raises UserError when
    something changed since, or when the films cannot be merged.
    """
    detail: dict[str, Any] = {"reason": parse_reason(reason), "merged": merged_id}
    preview = preview_merge(session, merged_id, survivor_id)
    if preview.version != expected_version:
        raise UserError("l’une des deux fiches a changé entre-temps : relisez ce qui sera réuni")
    merged, survivor, author = preview.merged, preview.survivor, Author.by_agent(agent)
    snapshot = take_film_snapshot(session, survivor)
    survivor.updated_at = now
    session.add(survivor)
    detail["lines"] = [former.to_dict() for former in reassign_records(session, merged_id, survivor_id, author, now)]
    own_record = build_own_record(session, merged)
    detail["line"] = reassign_own_record(session, merged, own_record, survivor_id, author, now).to_dict()
    detail["rows"] = _move_titles_and_identifiers(session, merged, survivor_id)
    merged.merged_into, merged.updated_at, merged.content_hash = survivor_id, now, ""
    session.add(merged)
    session.flush()
    entries = [entry for entry, _ in preview.entries]
    detail["entries"] = move_entries(session, entries, survivor_id, author, ReasonCode.FILMS_MERGED, now)
    detail |= _move_review_rows(session, merged_id, survivor_id)
    merge_attributes(session, {survivor_id}, now)
    before, after = diff_snapshots(snapshot, take_film_snapshot(session, session.get_one(Film, survivor_id)))
    pointer = {"reason": detail["reason"], "into": survivor_id}
    log_audit_event(session, now, agent.id, "film-merged", film_id=merged_id, detail=pointer)
    return log_audit_event(session, now, agent.id, "film-merge", film_id=survivor_id, detail=detail, before=before, after=after)


def _move_titles_and_identifiers(session: Session, merged: Film, survivor_id: int) -> dict[str, list[Any]]:
    """Move what persons and platforms gave to the survivor, and delete what sources gave, which its records give again.

    Return what became of it for the audit trail: `titles` and `numbers` are the rows moved, `twice` the titles that the
    survivor had already.
    """
    moved: dict[str, list[Any]] = {"titles": [], "numbers": [], "twice": []}
    sources, logins = get_linked_sources(session) | {merged.source, ""}, get_agent_logins(session)
    survivor_keys = {title.key for title in _list_rows(session, FilmTitle, survivor_id)}
    for name, table in (("titles", FilmTitle), ("numbers", FilmIdentifier)):
        for row in _list_rows(session, table, merged.id):
            if _is_from_sources(row, merged, sources):
                session.delete(row)
            elif name == "titles" and row.key in survivor_keys:
                moved["twice"].append(describe_title(row, logins))
                session.delete(row)
            else:
                row.film_id = survivor_id
                key = row.model_dump(include={*_KEY_COLUMNS[table]})
                moved[name].append(key | {"source": format_provenance(row, logins)})
    session.exec(delete(FilmDirector).where(col(FilmDirector.film_id) == merged.id))
    session.flush()
    return moved


def _is_from_sources(row: ProvenancedRow, film: Film, sources: Collection[str]) -> bool:
    """Tell whether a title or an identifier was given by a source, which gives it again by the film's records."""
    if row.source_kind is ProvenanceKind.MERGED_RECORD:
        return row.source == film.source
    return row.source_kind is ProvenanceKind.SOURCE and row.source in sources


def _move_review_rows(session: Session, merged_id: int, survivor_id: int) -> dict[str, list[int]]:
    """Move open cases, candidates and rejections to the survivor, and return the ids of the rows moved."""
    cases = session.exec(select(ReviewCase).where(is_open_case(), ReviewCase.film_id == merged_id)).all()
    for case in cases:
        case.film_id = survivor_id
    moved = {"cases": [case.id for case in cases if case.id is not None]}
    for name, table in (("candidates", Candidate), ("rejections", Rejection)):
        survivor_entries = set(session.exec(select(table.entry_id).where(table.film_id == survivor_id)))
        if table is Rejection:
            survivor_entries |= {entry.id for entry, _ in list_film_entries(session, survivor_id) if entry.id is not None}
        rows: Sequence[Any] = session.exec(select(table).where(table.film_id == merged_id)).all()
        moved[name] = [row.id for row in rows if row.entry_id not in survivor_entries]
        for row in rows:
            if row.entry_id not in survivor_entries:
                row.film_id = survivor_id
            elif table is Candidate:
                session.delete(row)
    session.flush()
    return moved


def undo_merge(session: Session, merge_event: AuditLine, now: datetime) -> None:
    """Undo a merge: the film is one again under its id, with what it brought. Raises UserError when a link changed since."""
    detail, survivor_id = merge_event.detail, merge_event.film_id
    assert survivor_id is not None
    merged = session.get_one(Film, detail["merged"])
    lock_film(session, survivor_id)
    if merged.merged_into != survivor_id:
        raise UserError("ces fiches ne sont plus réunies")
    merged.merged_into, merged.updated_at = None, now
    session.add(merged)
    session.flush()
    restore_entries(session, detail["entries"], survivor_id, ReasonCode.FILMS_MERGED, now)
    _restore_titles_and_identifiers(session, detail["rows"], merged, survivor_id)
    _restore_review_rows(session, detail, merged.id, survivor_id)
    formers = [FormerState.from_dict(stored) for stored in detail["lines"]]
    own_record = restore_records(session, formers, FormerState.from_dict(detail["line"]))
    merge_attributes(session, {survivor_id}, now)
    if (
        own_record.state is RecordState.ASIDE
    ):  # it had no row; without one, nothing would tell its gifts from the film's own facts
        session.delete(own_record)
    restore_film(session, merged, FilmRecord.from_payload(own_record.payload), now)


def restore_film(session: Session, film: Film, record: FilmRecord, now: datetime) -> None:
    """Give a film that is no longer merged what its own record says today."""
    writer = FilmWriter(session, film.source, [record])
    writer.add_record(record)
    writer.write_films(session, now)
    merge_attributes(session, {film.id}, now)


def _restore_titles_and_identifiers(session: Session, moved: dict[str, list[Any]], film: Film, survivor_id: int) -> None:
    logins, sources = get_agent_logins(session), get_known_sources(session, film)
    for table, name in ((FilmTitle, "titles"), (FilmIdentifier, "numbers")):
        for stored in moved[name]:
            same_key = (getattr(table, column) == stored[column] for column in _KEY_COLUMNS[table])
            for row in session.exec(select(table).where(table.film_id == survivor_id, *same_key)):
                if "source" not in stored or stored["source"] == format_provenance(row, logins):
                    row.film_id = film.id
    session.add_all(build_title(film.id, stored, sources) for stored in moved["twice"])
    session.flush()


def _restore_review_rows(session: Session, detail: dict[str, Any], film_id: int, survivor_id: int) -> None:
    tables: tuple[tuple[type[SQLModel], str], ...] = (
        (ReviewCase, "cases"),
        (Candidate, "candidates"),
        (Rejection, "rejections"),
    )
    for table, name in tables:
        for row_id in detail[name]:
            row: Any = session.get(table, row_id)
            if row is not None and row.film_id == survivor_id:
                row.film_id = film_id
    session.flush()
