"""Two records of one film made one: what the one that stays takes over, and how it is taken apart again."""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, SQLModel, col, select

from domain.accounts.audit_trail import log_audit_event
from domain.common.enums import ProvenanceKind, ReasonCode, RecordState, Verdict
from domain.common.errors import UserError
from domain.films.attribute_merge import get_linked_sources, merge_attributes
from domain.films.edits import lock_film, parse_reason
from domain.films.formats import FilmRecord
from domain.films.overrides import EDITABLE_FACTS
from domain.films.reassigned_records import FormerState, build_own_record, reassign_own_record, reassign_records, restore_records
from domain.films.snapshot import build_title, describe_title, diff_snapshots, get_known_sources, take_film_snapshot
from domain.films.upsert import FilmWriter
from domain.linking.authors import Author, get_agent_logins
from domain.linking.judgements import (
    Decision,
    get_live_judgement,
    live_judgement,
    record_decision,
    reinstate_judgement,
)
from domain.linking.provenance import format_provenance
from domain.linking.reasons import Reason
from domain.models.agent import Agent, AuditLine
from domain.models.entry import Entry
from domain.models.film import Film, FilmDirector, FilmIdentifier, FilmTitle, SourceRecord
from domain.models.judgement import Candidate, Judgement
from domain.models.platform import Platform
from domain.models.provenance import ProvenancedRow
from domain.models.review_case import Rejection, ReviewCase

_KEY_COLUMNS = {FilmTitle: ("key",), FilmIdentifier: ("scheme", "value")}
_EMPTY_VALUES: tuple[Any, ...] = (None, [], "")


@dataclass(frozen=True)
class MergePreview:
    """What a merge would move, and which facts the two records tell otherwise: (fact, of the one that stays, of the other).

    `mark` changes with any of it.
    """

    merged: Film
    survivor: Film
    entries: Sequence[tuple[Entry, Platform]]
    titles: Sequence[FilmTitle]
    identifiers: Sequence[FilmIdentifier]
    lines: Sequence[SourceRecord]
    conflicts: Sequence[tuple[str, Any, Any]]
    merged_attributes: Sequence[tuple[str, Any]]
    version: str


def list_film_entries(session: Session, film_id: int) -> list[tuple[Entry, Platform]]:
    """The lines of services that are said to be the film today, with their services."""
    asked = select(Entry, Platform).join(Judgement, col(Judgement.entry_id) == col(Entry.id))
    asked = asked.join(Platform, col(Platform.id) == col(Entry.platform_id))
    live = (live_judgement(), Judgement.verdict == Verdict.SAME, Judgement.film_id == film_id)
    return list(session.exec(asked.where(*live).order_by(col(Platform.name), col(Entry.id))))


def preview_merge(session: Session, merged_id: int, survivor_id: int) -> MergePreview:
    """What merging a film into another would do. Raises Problem when it cannot be."""
    merged, survivor = _lock_both_films(session, merged_id, survivor_id)
    entries = list_film_entries(session, merged_id)
    titles, numbers, lines = (_list_rows(session, table, merged_id) for table in (FilmTitle, FilmIdentifier, SourceRecord))
    both = [(fact, getattr(survivor, fact), getattr(merged, fact)) for fact in EDITABLE_FACTS]
    told = [(fact, ours, theirs) for fact, ours, theirs in both if theirs not in _EMPTY_VALUES]
    sheets = [take_film_snapshot(session, film) for film in (survivor, merged)]
    seen = json.dumps([*sheets, [entry.id for entry, _ in entries]], sort_keys=True)
    return MergePreview(
        merged,
        survivor,
        entries,
        titles,
        numbers,
        lines,
        [(fact, ours, theirs) for fact, ours, theirs in told if ours != theirs and ours not in _EMPTY_VALUES],
        [(fact, theirs) for fact, ours, theirs in told if ours in _EMPTY_VALUES],
        hashlib.sha256(seen.encode()).hexdigest()[:16],
    )


def _list_rows(session: Session, table: Any, film_id: int) -> Sequence[Any]:
    found: Sequence[Any] = session.exec(select(table).where(table.film_id == film_id).order_by(table.id)).all()
    return found


def _lock_both_films(session: Session, merged_id: int, survivor_id: int) -> tuple[Film, Film]:
    """The two films, locked in the order of their numbers. Raises Problem."""
    if merged_id == survivor_id:
        raise UserError("une fiche ne se réunit pas à elle-même : choisissez un autre film")
    films = {number: lock_film(session, number) for number in sorted((merged_id, survivor_id))}
    return films[merged_id], films[survivor_id]


def merge_film(
    session: Session, merged_id: int, survivor_id: int, agent: Agent, expected_version: str, reason: str, now: datetime
) -> AuditLine:
    """Makes a film's number another name of a film that stays, which takes over its entries, titles, numbers and lines.

    The facts of the one that stays stand; what it lacks comes from the other, as from a line of a base. Those of the other stay
    written in its row, for the days when it was a film. `seen` is the mark of the preview. Raises Problem when something
    changed since, or when they cannot be merged.
    """
    told, before = parse_reason(reason), preview_merge(session, merged_id, survivor_id)
    if before.version != expected_version:
        raise UserError("l’une des deux fiches a changé entre-temps : relisez ce qui sera réuni")
    merged, survivor = before.merged, before.survivor
    was, author = take_film_snapshot(session, survivor), Author.by_agent(agent)
    survivor.updated_at = now
    session.add(survivor)
    detail: dict[str, Any] = {"reason": told, "merged": merged_id}
    detail["lines"] = [former.to_dict() for former in reassign_records(session, merged_id, survivor_id, author, now)]
    line = build_own_record(session, merged)
    detail["line"] = reassign_own_record(session, merged, line, survivor_id, author, now).to_dict()
    detail["rows"] = _move_titles_and_identifiers(session, merged, survivor_id)
    merged.merged_into, merged.updated_at, merged.content_hash = survivor_id, now, ""
    session.add(merged)
    session.flush()
    entries = [entry for entry, _ in before.entries]
    detail["entries"] = move_entries(session, entries, survivor_id, author, ReasonCode.FILMS_MERGED, now)
    detail |= _move_review_rows(session, merged_id, survivor_id)
    merge_attributes(session, {survivor_id}, now)
    old, new = diff_snapshots(was, take_film_snapshot(session, session.get_one(Film, survivor_id)))
    log_audit_event(session, now, agent.id, "film-merged", film_id=merged_id, detail={"reason": told, "into": survivor_id})
    return log_audit_event(session, now, agent.id, "film-merge", film_id=survivor_id, detail=detail, before=old, after=new)


def _move_titles_and_identifiers(session: Session, merged: Film, survivor_id: int) -> dict[str, list[Any]]:
    """What persons and services gave follows the film; what bases gave is in its lines. What became of it.

    `titles` and `numbers` tell the rows moved, `twice` the titles that the other had already.
    """
    moved: dict[str, list[Any]] = {"titles": [], "numbers": [], "twice": []}
    sources, logins = get_linked_sources(session) | {merged.source, ""}, get_agent_logins(session)
    keys = {title.key for title in _list_rows(session, FilmTitle, survivor_id)}
    for name, table in (("titles", FilmTitle), ("numbers", FilmIdentifier)):
        for row in _list_rows(session, table, merged.id):
            if _is_from_records(row, merged, sources):
                session.delete(row)
            elif name == "titles" and row.key in keys:
                moved["twice"].append(describe_title(row, logins))
                session.delete(row)
            else:
                row.film_id = survivor_id
                key = row.model_dump(include={*_KEY_COLUMNS[table]})
                moved[name].append(key | {"source": format_provenance(row, logins)})
    session.exec(delete(FilmDirector).where(col(FilmDirector.film_id) == merged.id))
    session.flush()
    return moved


def _is_from_records(row: ProvenancedRow, film: Film, sources: Collection[str]) -> bool:
    """Tell whether a title or an identifier was given by a source, which gives it again by the film's records."""
    if row.source_kind is ProvenanceKind.MERGED_RECORD:
        return row.source == film.source
    return row.source_kind is ProvenanceKind.SOURCE and row.source in sources


def move_entries(
    session: Session, entries: Iterable[Entry], film_id: int, author: Author, reason_code: ReasonCode, now: datetime
) -> list[tuple[int, int | None]]:
    """Decides that entries are a film, as a person's word; their numbers, each with that of the decision before."""
    moved = []
    for entry in entries:
        number = entry.id or 0
        live = get_live_judgement(session, number)
        decision = Decision(Verdict.SAME, film_id, author, [Reason(reason_code)], by_person=True, content_hash=entry.content_hash)
        record_decision(session, number, live, decision, now)
        moved.append((number, live.id if live else None))
    session.flush()
    return moved


def _move_review_rows(session: Session, merged_id: int, survivor_id: int) -> dict[str, list[int]]:
    """Cases, films put forward and films rejected speak of the one that stays; the numbers of the rows changed."""
    cases = session.exec(select(ReviewCase).where(col(ReviewCase.closed_at).is_(None), ReviewCase.film_id == merged_id)).all()
    found: dict[str, list[int]] = {"cases": [case.id or 0 for case in cases]}
    for case in cases:
        case.film_id = survivor_id
    for name, table in (("candidates", Candidate), ("rejections", Rejection)):
        theirs = set(session.exec(select(table.entry_id).where(table.film_id == survivor_id)))
        if table is Rejection:
            theirs |= {entry.id or 0 for entry, _ in list_film_entries(session, survivor_id)}
        rows: Sequence[Any] = session.exec(select(table).where(table.film_id == merged_id)).all()
        found[name] = [row.id for row in rows if row.entry_id not in theirs]
        for row in rows:
            if row.entry_id not in theirs:
                row.film_id = survivor_id
            elif table is Candidate:
                session.delete(row)
    session.flush()
    return found


def undo_merge(session: Session, merge_event: AuditLine, now: datetime) -> None:
    """Undoes a merge: the film stands again under its number, with what it brought. Raises Problem when a link changed since."""
    told, survivor_id = merge_event.detail, merge_event.film_id or 0
    merged = session.get_one(Film, told["merged"])
    lock_film(session, survivor_id)
    if merged.merged_into != survivor_id:
        raise UserError("ces fiches ne sont plus réunies")
    merged.merged_into, merged.updated_at = None, now
    session.add(merged)
    session.flush()
    restore_entries(session, told["entries"], survivor_id, ReasonCode.FILMS_MERGED, now)
    _restore_rows(session, told, merged.id, survivor_id)
    formers = [FormerState.from_dict(stored) for stored in told["lines"]]
    line = restore_records(session, formers, FormerState.from_dict(told["line"]))
    merge_attributes(session, {survivor_id}, now)
    if line.state is RecordState.ASIDE:  # it had no row; without one, nothing would tell its gifts from the film's own facts
        session.delete(line)
    restore_film(session, merged, FilmRecord.model_validate({"line": 0, **line.payload}), now)


def restore_film(session: Session, merged: Film, record: FilmRecord, now: datetime) -> None:
    """Gives a film that stands again what its line says today."""
    writer = FilmWriter(session, merged.source, [record])
    writer.add_record(record)
    writer.write_films(session, now)
    merge_attributes(session, {merged.id}, now)


def restore_entries(
    session: Session, moved: Iterable[tuple[int, int | None]], film_id: int, reason_code: ReasonCode, now: datetime
) -> None:
    """Takes back what `move_entries` decided. Raises Problem when one of them was decided otherwise since."""
    for entry_id, former_id in moved:
        live = get_live_judgement(session, entry_id)
        if live is None or (live.film_id, live.by_person, live.reason_code) != (film_id, True, reason_code):
            title = session.get_one(Entry, entry_id).title
            raise UserError(f"la ligne « {title} » a été décidée autrement depuis : rien n’est annulé")
        reinstate_judgement(session, live, session.get(Judgement, former_id or 0), now)


def _restore_rows(session: Session, detail: dict[str, Any], merged_id: int, survivor_id: int) -> None:
    logins = get_agent_logins(session)
    for table, name in ((FilmTitle, "titles"), (FilmIdentifier, "numbers")):
        for like in detail["rows"][name]:
            same = (getattr(table, column) == like[column] for column in _KEY_COLUMNS[table])
            for row in session.exec(select(table).where(table.film_id == survivor_id, *same)):
                if "source" not in like or like["source"] == format_provenance(row, logins):
                    row.film_id = merged_id
    moved: tuple[tuple[type[SQLModel], list[int]], ...] = (
        (ReviewCase, detail["cases"]),
        (Candidate, detail["candidates"]),
        (Rejection, detail["rejections"]),
    )
    for other, numbers in moved:
        for number in numbers:
            one: Any = session.get(other, number)
            if one is not None and one.film_id == survivor_id:
                one.film_id = merged_id
    sources = get_known_sources(session, session.get_one(Film, merged_id))
    session.add_all(build_title(merged_id, stored, sources) for stored in detail["rows"]["twice"])
    session.flush()
