"""A reference base taken in: alone, its lines are films; beside another base, those of known films are joined to them."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.common.enums import LineState
from domain.common.errors import Problem
from domain.db.engine import reading, writing
from domain.db.locks import hold
from domain.films.formats import LAYOUTS, FilmLine, LineFault
from domain.films.source_records import LineBook, LineDecision, Linker
from domain.films.upsert import Intake
from domain.models.film import Film

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass
class ImportReport:
    """What an import did: films made or changed, lines joined to films, doubtful or left aside, and what was left out and why.

    `gained` counts the facts, titles and numbers that films gained, by name.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    lines: Counter[LineState] = field(default_factory=Counter)
    gained: Counter[str] = field(default_factory=Counter)
    faults: list[LineFault] = field(default_factory=list)


def import_films(
    engine: Engine,
    path: Path,
    layout: str,
    progress: Callable[[str], None],
    source: str | None = None,
    link: Linker | None = None,
    aside: bool = False,
) -> ImportReport:
    """Takes a file in as the base `source` (by default, its layout's name), in one transaction. Again, it changes nothing.

    Where other bases stand, `link` decides which of their films the lines are; a line that is none becomes a film, or waits
    aside. Raises Problem when the layout is unknown or the file unreadable; a bad line is reported and the rest goes in.
    """
    if layout not in LAYOUTS:
        raise Problem(f"disposition inconnue : « {layout} » (attendu : {' ou '.join(LAYOUTS)})")
    name = source or layout
    if not _NAME.fullmatch(name):
        raise Problem(f"nom de base incorrect : « {name} » (lettres minuscules sans accent, chiffres et tirets, 40 au plus)")
    report = ImportReport()
    lines = _once_each(list(LAYOUTS[layout](path)), report)
    progress(f"{path.name} : {len(lines)} films lus")
    with hold(engine, "bases", "un import ou un enrichissement est déjà en cours, réessayez ensuite"):
        asked = _undecided(engine, name, lines, aside) if link else []
        decided = dict(zip((line.source_ref for line in asked), link(asked) if link and asked else [], strict=True))
        with writing(engine) as session:
            _write(session, name, lines, decided, aside, report)
    report.faults.sort(key=lambda fault: fault.line)
    return report


def _once_each(parsed: Sequence[FilmLine | LineFault], report: ImportReport) -> list[FilmLine]:
    """The lines that can be taken in; a second line for the same film is a fault."""
    seen: dict[str, FilmLine] = {}
    for line in parsed:
        if isinstance(line, LineFault):
            report.faults.append(line)
        elif (first := seen.setdefault(line.source_ref, line)) is not line:
            report.faults.append(LineFault(line.line, f"identifiant « {line.source_ref} » déjà lu ligne {first.line}"))
    return list(seen.values())


def _undecided(engine: Engine, source: str, lines: Sequence[FilmLine], aside: bool) -> list[FilmLine]:
    """The lines that may be films of other bases, and that nobody and nothing decided as they stand."""
    with reading(engine) as session:
        if session.exec(select(Film.id).where(col(Film.source) != source).limit(1)).first() is None:
            return []
        own = set(session.exec(select(Film.source_ref).where(Film.source == source)))
        book = LineBook(session, source, datetime.now(UTC))
    return [line for line in lines if line.source_ref not in own and not book.settled(line, retry_aside=not aside)]


def _write(
    session: Session, source: str, lines: Sequence[FilmLine], decided: dict[str, LineDecision], aside: bool, report: ImportReport
) -> None:
    now = datetime.now(UTC)
    intake, book = Intake(session, source), LineBook(session, source, now)
    for line in lines:
        decision = None if book.by_person(line) else decided.get(line.source_ref)
        if line.source_ref in intake.numbers or (decision is None and not book.knows(line)):
            intake.place(line)
        elif decision is None:
            _keep(book, line, report)
        elif decision.state is LineState.NEW and not aside:
            _own_film(intake, book, line, decision)
        else:
            state = LineState.ASIDE if decision.state is LineState.NEW else decision.state
            book.decide(line, replace(decision, state=state))
            report.lines[state] += 1
    intake.write(session, now)
    gains = book.write(film["id"] for film in intake.updated)
    report.created, report.unchanged = len(intake.created), report.unchanged + intake.unchanged
    report.updated += len(intake.updated)
    report.gained = gains.counted
    numbered = {line.source_ref: line.line for line in lines}
    report.faults += [LineFault(numbered.get(ref, 0), told) for ref, told in gains.conflicts]
    report.faults += intake.faults


def _keep(book: LineBook, line: FilmLine, report: ImportReport) -> None:
    """A line that stays what it was decided to be, whatever it says now."""
    if book.unchanged(line):
        report.unchanged += 1
    else:
        book.renew(line)
        report.updated += 1


def _own_film(intake: Intake, book: LineBook, line: FilmLine, decision: LineDecision) -> None:
    """A line that is no film of another base becomes one; where it had waited, it is said what became of it."""
    intake.place(line)
    if book.knows(line):
        book.decide(line, replace(decision, film_id=intake.numbers[line.source_ref]))
