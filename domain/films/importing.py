"""Import a reference source: alone, its records are films; beside another source, those of known films are linked to them."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.common.enums import RecordState
from domain.common.errors import UserError
from domain.db.engine import read_session, write_session
from domain.db.locks import SOURCES_LOCK, hold_lock
from domain.films.formats import LAYOUTS, FilmRecord, RecordIssue
from domain.films.source_records import Linker, RecordDecision, SourceRecordStore
from domain.films.upsert import FilmWriter
from domain.models.film import Film

_SOURCE_NAME_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass
class ImportReport:
    """Count what an import did: films created or changed, records by what became of them, and what was left out and why.

    `merged_counts` counts the facts, titles and identifiers that films gained, by name.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    records_by_state: Counter[RecordState] = field(default_factory=Counter)
    merged_counts: Counter[str] = field(default_factory=Counter)
    faults: list[RecordIssue] = field(default_factory=list)


def import_films(
    engine: Engine,
    path: Path,
    layout: str,
    progress: Callable[[str], None],
    source: str | None = None,
    linker: Linker | None = None,
    aside: bool = False,
) -> ImportReport:
    """Import a file as `source` (by default, its layout's name) in one transaction; the same file again changes nothing.

    Where other sources are, `linker` decides which of their films the records are; a record that is none becomes a film, or
    is set aside. Raises UserError when the layout is unknown or the file unreadable; a bad line is reported, the rest goes in.
    """
    if layout not in LAYOUTS:
        raise UserError(f"disposition inconnue : « {layout} » (attendu : {' ou '.join(LAYOUTS)})")
    name = source or layout
    if not _SOURCE_NAME_PATTERN.fullmatch(name):
        raise UserError(f"nom de base incorrect : « {name} » (lettres minuscules sans accent, chiffres et tirets, 40 au plus)")
    report = ImportReport()
    records = _drop_duplicates(list(LAYOUTS[layout](path)), report)
    progress(f"{path.name} : {len(records)} films lus")
    with hold_lock(engine, SOURCES_LOCK, "un import ou un enrichissement est déjà en cours, réessayez ensuite"):
        decisions = _decide_records(engine, name, records, aside, linker) if linker else {}
        with write_session(engine) as session:
            _write_records(session, name, records, decisions, aside, report)
    report.faults.sort(key=lambda fault: fault.line)
    return report


def _drop_duplicates(parsed: Sequence[FilmRecord | RecordIssue], report: ImportReport) -> list[FilmRecord]:
    """Return the records that can be imported, and report the others; a second record for the same film is a fault."""
    records: dict[str, FilmRecord] = {}
    for item in parsed:
        if isinstance(item, RecordIssue):
            report.faults.append(item)
            continue
        first = records.setdefault(item.source_ref, item)
        if first is not item:
            report.faults.append(RecordIssue(item.line, f"identifiant « {item.source_ref} » déjà lu ligne {first.line}"))
    return list(records.values())


def _decide_records(
    engine: Engine, source: str, records: Sequence[FilmRecord], aside: bool, linker: Linker
) -> dict[str, RecordDecision]:
    """Return the linker's decision about each record that needs one, by the record's own id."""
    undecided = _list_undecided_records(engine, source, records, aside)
    if not undecided:
        return {}
    decisions = linker(undecided)
    return {record.source_ref: decision for record, decision in zip(undecided, decisions, strict=True)}


def _list_undecided_records(engine: Engine, source: str, records: Sequence[FilmRecord], aside: bool) -> list[FilmRecord]:
    """Return the records that may be films of other sources, and that nobody and nothing decided as they are."""
    with read_session(engine) as session:
        if session.exec(select(Film.id).where(col(Film.source) != source).limit(1)).first() is None:
            return []
        own_refs = set(session.exec(select(Film.source_ref).where(Film.source == source)))
        store = SourceRecordStore(session, source, datetime.now(UTC))
    return [
        record
        for record in records
        if record.source_ref not in own_refs and not store.is_resolved(record, retry_set_aside=not aside)
    ]


def _write_records(
    session: Session,
    source: str,
    records: Sequence[FilmRecord],
    decisions: dict[str, RecordDecision],
    aside: bool,
    report: ImportReport,
) -> None:
    """Write records as films, or as what was decided of them, and complete the report."""
    now = datetime.now(UTC)
    writer, store = FilmWriter(session, source), SourceRecordStore(session, source, now)
    for record in records:
        decision = None if store.is_decided_by_person(record) else decisions.get(record.source_ref)
        if record.source_ref in writer.film_ids or (decision is None and not store.has_record(record)):
            writer.add_record(record)
        elif decision is None:
            _refresh_record(store, record, report)
        elif decision.state is RecordState.NEW and not aside:
            _create_film(writer, store, record, decision)
        else:
            state = RecordState.ASIDE if decision.state is RecordState.NEW else decision.state
            store.apply_decision(record, replace(decision, state=state))
            report.records_by_state[state] += 1
    writer.write_films(session, now)
    result = store.save_changes(film["id"] for film in writer.updated)
    report.created, report.unchanged = len(writer.created), report.unchanged + writer.unchanged
    report.updated += len(writer.updated)
    report.merged_counts = result.counts
    lines = {record.source_ref: record.line for record in records}
    report.faults += [RecordIssue(lines.get(ref, 0), message) for ref, message in result.conflicts]
    report.faults += writer.faults


def _refresh_record(store: SourceRecordStore, record: FilmRecord, report: ImportReport) -> None:
    """Update a record that stays what it was decided to be, whatever it says now."""
    if store.is_unchanged(record):
        report.unchanged += 1
    else:
        store.update_record(record)
        report.updated += 1


def _create_film(writer: FilmWriter, store: SourceRecordStore, record: FilmRecord, decision: RecordDecision) -> None:
    """Make a film of a record that is no film of another source; where it was stored, note what became of it."""
    writer.add_record(record)
    if store.has_record(record):
        store.apply_decision(record, replace(decision, film_id=writer.film_ids[record.source_ref]))
