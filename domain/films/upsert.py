"""Lines of a base that are films of their own: new films numbered, changed ones updated, the rest untouched."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, update
from sqlmodel import Session, col, select

from domain.common.identifiers import SCHEMES, read_identifier
from domain.common.text import slugify
from domain.films.attribute_merge import Pair, Rows, base_sources, film_titles, line_identifiers
from domain.films.directors import renew_directors
from domain.films.formats import FilmLine, LineFault
from domain.films.overrides import edits_of, keep_edits, left_out, number_mark, title_mark
from domain.linking.redirects import standing_numbers
from domain.models.film import Film, FilmIdentifier, FilmTitle

_BATCH = 500


class Intake:
    """The lines of one base sorted into films to create, to update and to leave, before anything is written.

    `numbers` is the film of each line of the base that is one, `updated` the numbers of the films to update.
    """

    def __init__(self, session: Session, source: str, only: Sequence[FilmLine] = ()) -> None:
        """`only` are the lines to come, where they are few: the rest of the base is not read."""
        self.source = source
        known = select(col(Film.source_ref), col(Film.id), col(Film.content_hash)).where(col(Film.source) == source)
        known = known.where(col(Film.merged_into).is_(None))
        held = select(FilmIdentifier.scheme, FilmIdentifier.value, FilmIdentifier.film_id, FilmIdentifier.source)
        if only:
            known = known.where(col(Film.source_ref).in_([line.source_ref for line in only]))
            numbers = [value for line in only for _, value in line_identifiers(line)]
            held = held.where(col(FilmIdentifier.value).in_(numbers))
        self._known = {ref: (number, digest) for ref, number, digest in session.exec(known)}
        self._renewed = base_sources(session) | {source, ""}
        rows = session.exec(held).all()
        self._owners: dict[Pair, int] = {(scheme, value): film for scheme, value, film, _ in rows}
        self._kept = {(scheme, value) for scheme, value, _, giver in rows if giver not in self._renewed}
        self._next = (session.exec(select(func.max(Film.id))).one() or 0) + 1
        self.numbers = {ref: number for ref, (number, _) in self._known.items()}
        self.faults: list[LineFault] = []
        self.unchanged = 0
        self.created: Rows = []
        self.updated: Rows = []
        self._titles: Rows = []
        self._identifiers: Rows = []

    def place(self, line: FilmLine) -> None:
        """Puts a line where it goes."""
        number, known_digest = self._known.get(line.source_ref, (self._next, None))
        titles, identifiers = film_titles(line), self._own(line, number)
        digest = _digest(line, titles, identifiers)
        if known_digest == digest:
            self.unchanged += 1
            return
        film = _film_row(line, number, digest)
        told = {"film_id": number, "source": self.source}
        self._titles += [told | title for title in titles]
        pairs = (pair for pair in identifiers.items() if pair not in self._kept)
        self._identifiers += [told | {"scheme": scheme, "value": value} for scheme, value in pairs]
        if known_digest is None:
            self._next += 1
            self.numbers[line.source_ref] = number
            self.created.append(film | {"source": self.source, "source_ref": line.source_ref})
        else:
            self.updated.append(film)

    def _own(self, line: FilmLine, number: int) -> dict[str, str]:
        """The film's identifiers, but those ill formed or that belong to another film, which are reported."""
        own = {}
        for scheme, written in line.identifiers.items():
            value = read_identifier(scheme, written) if scheme in SCHEMES else written
            if value is None:
                self.faults.append(LineFault(line.line, f"{scheme} : numéro incorrect « {written} », laissé de côté"))
                continue
            owner = self._owners.setdefault((scheme, value), number)
            if owner == number:
                own[scheme] = value
            else:
                told = f"{scheme} {value} appartient déjà au film {owner} : numéro laissé de côté"
                self.faults.append(LineFault(line.line, told))
        return own

    def write(self, session: Session, now: datetime) -> None:
        """Sends everything to the tables, in the caller's transaction; what updated films had gained is to be gained again.

        What persons set stays, and what they took away stays away; a film that they merged meanwhile is left alone.
        """
        edits = edits_of(session, (film["id"] for film in self.updated))
        self._forget(set(standing_numbers(session, (film["id"] for film in self.updated))))
        connection, changed = session.connection(), [film["id"] for film in self.updated]
        for start in range(0, len(changed), _BATCH):
            for table in (FilmTitle, FilmIdentifier):
                some = col(table.film_id).in_(changed[start : start + _BATCH])
                connection.execute(delete(table).where(some, col(table.source).in_(sorted(self._renewed))))
        kept = [keep_edits(film, edits.get(film["id"], {})) for film in self.updated]
        for film in kept:
            connection.execute(update(Film).where(col(Film.id) == film["id"]).values(**film, updated=now))
        created = [film | {"updated": now} for film in self.created]
        for made, rows in ((Film, created), (FilmTitle, self._titles), (FilmIdentifier, self._identifiers)):
            if rows := [row for row in rows if not _is_left_out(row, edits)]:
                connection.execute(insert(made), rows)
        told = (film for film in (*kept, *self.created) if "directors" in film)
        renew_directors(session, ((film["id"], film["directors"]) for film in told))

    def _forget(self, films: set[int]) -> None:
        self.updated = [film for film in self.updated if film["id"] not in films]
        self._titles, self._identifiers = (
            [row for row in rows if row["film_id"] not in films] for rows in (self._titles, self._identifiers)
        )


def _is_left_out(row: dict[str, Any], edits: dict[int, dict[str, Any]]) -> bool:
    """Whether a title or a number is one that a person took away from its film."""
    away = left_out(edits.get(row.get("film_id", 0), {}))
    return bool(away) and (title_mark(row["key"]) if "key" in row else number_mark(row["scheme"], row["value"])) in away


def _film_row(line: FilmLine, number: int, digest: str) -> dict[str, Any]:
    facts = line.model_dump(exclude={"source_ref", "french_title", "other_titles", "identifiers"})
    lists = {"directors": list(line.directors), "countries": list(line.countries), "genres": list(line.genres)}
    return facts | lists | {"id": number, "slug": slugify(line.title), "gained": {}, "content_hash": digest}


def _digest(line: FilmLine, titles: Rows, identifiers: dict[str, str]) -> str:
    told = [line.model_dump(mode="json", exclude={"identifiers"}), titles, identifiers]
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]
