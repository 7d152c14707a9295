"""A reference base taken in: new films numbered, changed ones updated, the rest untouched."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, delete, func, insert, update
from sqlmodel import Session, col, select

from records.database import writing
from records.errors import Problem
from records.films import Film, FilmIdentifier, FilmTitle
from records.identifiers import SCHEMES, read_identifier
from records.layouts import LAYOUTS, FilmLine, LineFault
from records.text import slugify
from records.titles import split_title, title_key
from records.vocabulary import TitleKind

_BATCH = 500
Rows = list[dict[str, Any]]


@dataclass
class ImportReport:
    """What an import did: counts of films, and the lines or numbers left out, each with its reason."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    faults: list[LineFault] = field(default_factory=list)


def import_films(engine: Engine, path: Path, layout: str, progress: Callable[[str], None]) -> ImportReport:
    """Takes a file in, in one transaction. Importing it again changes nothing.

    Raises Problem when the layout is unknown or the file unreadable; a bad line is reported and the rest goes in.
    """
    if layout not in LAYOUTS:
        raise Problem(f"disposition inconnue : « {layout} » (attendu : {' ou '.join(LAYOUTS)})")
    parsed = list(LAYOUTS[layout](path))
    lines = [line for line in parsed if isinstance(line, FilmLine)]
    progress(f"{path.name} : {len(lines)} films lus")
    with writing(engine) as session:
        intake = _Intake(session, layout)
        for line in lines:
            intake.place(line)
        intake.write(session, datetime.now(UTC))
    intake.report.faults += [fault for fault in parsed if isinstance(fault, LineFault)]
    intake.report.faults.sort(key=lambda fault: fault.line)
    return intake.report


def film_titles(line: FilmLine) -> Rows:
    """The titles of a film, each once by its key: displayed first, then original, French and others."""
    parts = split_title(line.title)
    told: list[tuple[str | None, TitleKind, str | None]] = [
        (line.title, TitleKind.DISPLAY, None),
        (line.original_title, TitleKind.ORIGINAL, None),
        (line.french_title, TitleKind.ALTERNATIVE, "fr"),
    ]
    told += [(title, TitleKind.ALTERNATIVE, None) for title in (*line.other_titles, *parts.alternatives)]
    found: dict[str, dict[str, Any]] = {}
    for title, kind, language in told:
        if title:
            key = title_key(title)
            found.setdefault(key, {"title": title, "kind": kind, "language": language, "key": key})
    return list(found.values())


class _Intake:
    """The lines of one base sorted into films to create, to update and to leave, before anything is written."""

    def __init__(self, session: Session, source: str) -> None:
        self.source = source
        self.report = ImportReport()
        known = select(col(Film.source_ref), col(Film.id), col(Film.content_hash)).where(col(Film.source) == source)
        self.known = {ref: (number, digest) for ref, number, digest in session.exec(known)}
        owners = select(col(FilmIdentifier.scheme), col(FilmIdentifier.value), col(FilmIdentifier.film_id))
        self.owners = {(scheme, value): film for scheme, value, film in session.exec(owners)}
        self.next_number = (session.exec(select(func.max(Film.id))).one() or 0) + 1
        self.seen: dict[str, int] = {}
        self.created: Rows = []
        self.updated: Rows = []
        self.titles: Rows = []
        self.identifiers: Rows = []

    def place(self, line: FilmLine) -> None:
        """Puts a line where it goes; a second line for the same film is a fault."""
        if earlier := self.seen.get(line.source_ref):
            self.report.faults.append(LineFault(line.line, f"identifiant « {line.source_ref} » déjà lu ligne {earlier}"))
            return
        self.seen[line.source_ref] = line.line
        number, known_digest = self.known.get(line.source_ref, (self.next_number, None))
        titles, identifiers = film_titles(line), self._own(line, number)
        digest = _digest(line, titles, identifiers)
        if known_digest == digest:
            self.report.unchanged += 1
            return
        film = _film_row(line, number, digest)
        self.titles += [{"film_id": number, **title} for title in titles]
        self.identifiers += [{"film_id": number, "scheme": scheme, "value": value} for scheme, value in identifiers.items()]
        if known_digest is None:
            self.next_number += 1
            self.report.created += 1
            self.created.append(film | {"source": self.source, "source_ref": line.source_ref})
        else:
            self.report.updated += 1
            self.updated.append(film)

    def _own(self, line: FilmLine, number: int) -> dict[str, str]:
        """The film's identifiers, but those ill formed or that belong to another film, which are reported."""
        own = {}
        for scheme, written in line.identifiers.items():
            value = read_identifier(scheme, written) if scheme in SCHEMES else written
            if value is None:
                self.report.faults.append(LineFault(line.line, f"{scheme} : numéro incorrect « {written} », laissé de côté"))
                continue
            owner = self.owners.setdefault((scheme, value), number)
            if owner == number:
                own[scheme] = value
            else:
                told = f"{scheme} {value} appartient déjà au film {owner} : numéro laissé de côté"
                self.report.faults.append(LineFault(line.line, told))
        return own

    def write(self, session: Session, now: datetime) -> None:
        """Sends everything to the tables, in the caller's transaction."""
        connection = session.connection()
        changed = [film["id"] for film in self.updated]
        for start in range(0, len(changed), _BATCH):
            some = changed[start : start + _BATCH]
            connection.execute(delete(FilmTitle).where(col(FilmTitle.film_id).in_(some)))
            connection.execute(delete(FilmIdentifier).where(col(FilmIdentifier.film_id).in_(some)))
        for film in self.updated:
            connection.execute(update(Film).where(col(Film.id) == film["id"]).values(**film, updated=now))
        for table, rows in ((Film, [film | {"updated": now} for film in self.created]), (FilmTitle, self.titles)):
            if rows:
                connection.execute(insert(table), rows)
        if self.identifiers:
            connection.execute(insert(FilmIdentifier), self.identifiers)


def _film_row(line: FilmLine, number: int, digest: str) -> dict[str, Any]:
    facts = line.model_dump(exclude={"source_ref", "french_title", "other_titles", "identifiers"})
    lists = {"directors": list(line.directors), "countries": list(line.countries)}
    return facts | lists | {"id": number, "slug": slugify(line.title), "content_hash": digest}


def _digest(line: FilmLine, titles: Rows, identifiers: dict[str, str]) -> str:
    told = [line.model_dump(mode="json", exclude={"identifiers"}), titles, identifiers]
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]
