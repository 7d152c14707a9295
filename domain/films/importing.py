"""A reference base taken in: alone, its lines are films; beside another base, those of known films are joined to them."""

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
    """What an import did: films made or changed, lines joined to films, doubtful or left aside, and what was left out and why.

    `gained` counts the facts, titles and numbers that films gained, by name.
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
    """Takes a file in as the base `source` (by default, its layout's name), in one transaction. Again, it changes nothing.

    Where other bases stand, `link` decides which of their films the lines are; a line that is none becomes a film, or waits
    aside. Raises Problem when the layout is unknown or the file unreadable; a bad line is reported and the rest goes in.
    """
    if layout not in LAYOUTS:
        raise UserError(f"disposition inconnue : « {layout} » (attendu : {' ou '.join(LAYOUTS)})")
    name = source or layout
    if not _SOURCE_NAME_PATTERN.fullmatch(name):
        raise UserError(f"nom de base incorrect : « {name} » (lettres minuscules sans accent, chiffres et tirets, 40 au plus)")
    report = ImportReport()
    lines = _drop_duplicates(list(LAYOUTS[layout](path)), report)
    progress(f"{path.name} : {len(lines)} films lus")
    with hold_lock(engine, SOURCES_LOCK, "un import ou un enrichissement est déjà en cours, réessayez ensuite"):
        asked = _list_undecided_records(engine, name, lines, aside) if linker else []
        decided = dict(zip((line.source_ref for line in asked), linker(asked) if linker and asked else [], strict=True))
        with write_session(engine) as session:
            _write_records(session, name, lines, decided, aside, report)
    report.faults.sort(key=lambda fault: fault.line)
    return report


def _drop_duplicates(parsed: Sequence[FilmRecord | RecordIssue], report: ImportReport) -> list[FilmRecord]:
    """The lines that can be taken in; a second line for the same film is a fault."""
    seen: dict[str, FilmRecord] = {}
    for line in parsed:
        if isinstance(line, RecordIssue):
            report.faults.append(line)
        elif (first := seen.setdefault(line.source_ref, line)) is not line:
            report.faults.append(RecordIssue(line.line, f"identifiant « {line.source_ref} » déjà lu ligne {first.line}"))
    return list(seen.values())


def _list_undecided_records(engine: Engine, source: str, records: Sequence[FilmRecord], aside: bool) -> list[FilmRecord]:
    """The lines that may be films of other bases, and that nobody and nothing decided as they stand."""
    with read_session(engine) as session:
        if session.exec(select(Film.id).where(col(Film.source) != source).limit(1)).first() is None:
            return []
        own = set(session.exec(select(Film.source_ref).where(Film.source == source)))
        book = SourceRecordStore(session, source, datetime.now(UTC))
    return [line for line in records if line.source_ref not in own and not book.is_resolved(line, retry_set_aside=not aside)]


def _write_records(
    session: Session,
    source: str,
    records: Sequence[FilmRecord],
    decided: dict[str, RecordDecision],
    aside: bool,
    report: ImportReport,
) -> None:
    now = datetime.now(UTC)
    writer, book = FilmWriter(session, source), SourceRecordStore(session, source, now)
    for line in records:
        decision = None if book.is_decided_by_person(line) else decided.get(line.source_ref)
        if line.source_ref in writer.film_ids or (decision is None and not book.has_record(line)):
            writer.add_record(line)
        elif decision is None:
            _refresh_record(book, line, report)
        elif decision.state is RecordState.NEW and not aside:
            _create_film(writer, book, line, decision)
        else:
            state = RecordState.ASIDE if decision.state is RecordState.NEW else decision.state
            book.apply_decision(line, replace(decision, state=state))
            report.records_by_state[state] += 1
    writer.write_films(session, now)
    gains = book.save_changes(film["id"] for film in writer.updated)
    report.created, report.unchanged = len(writer.created), report.unchanged + writer.unchanged
    report.updated += len(writer.updated)
    report.merged_counts = gains.counts
    numbered = {line.source_ref: line.line for line in records}
    report.faults += [RecordIssue(numbered.get(ref, 0), told) for ref, told in gains.conflicts]
    report.faults += writer.faults


def _refresh_record(book: SourceRecordStore, record: FilmRecord, report: ImportReport) -> None:
    """A line that stays what it was decided to be, whatever it says now."""
    if book.is_unchanged(record):
        report.unchanged += 1
    else:
        book.update_record(record)
        report.updated += 1


def _create_film(writer: FilmWriter, book: SourceRecordStore, record: FilmRecord, decision: RecordDecision) -> None:
    """A line that is no film of another base becomes one; where it had waited, it is said what became of it."""
    writer.add_record(record)
    if book.has_record(record):
        book.apply_decision(record, replace(decision, film_id=writer.film_ids[record.source_ref]))
