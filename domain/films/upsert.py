"""Lines of a base that are films of their own: new films numbered, changed ones updated, the rest untouched."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, not_, update
from sqlmodel import Session, col, select

from domain.common.identifiers import SCHEMES, parse_identifier
from domain.common.text import slugify
from domain.films.attribute_merge import IdentifierPair, Rows, build_title_rows, get_linked_sources, iter_identifiers
from domain.films.directors import replace_directors
from domain.films.formats import FilmRecord, RecordIssue
from domain.films.overrides import format_identifier_token, format_title_token, get_removed_tokens, lock_edits, preserve_edits
from domain.linking.provenance import Provenance, is_from_sources
from domain.linking.redirects import is_canonical, map_canonical_ids
from domain.models.film import Film, FilmIdentifier, FilmTitle

_BATCH = 500


class FilmWriter:
    """The lines of one base sorted into films to create, to update and to leave, before anything is written.

    `numbers` is the film of each line of the base that is one, `updated` the numbers of the films to update.
    """

    def __init__(self, session: Session, source: str, only: Sequence[FilmRecord] = ()) -> None:
        """`only` are the lines to come, where they are few: the rest of the base is not read."""
        self.source = source
        known = select(col(Film.source_ref), col(Film.id), col(Film.content_hash)).where(col(Film.source) == source)
        known = known.where(is_canonical())
        identifiers = select(FilmIdentifier.scheme, FilmIdentifier.value, FilmIdentifier.film_id)
        if only:
            known = known.where(col(Film.source_ref).in_([line.source_ref for line in only]))
            numbers = [value for line in only for _, value in iter_identifiers(line)]
            identifiers = identifiers.where(col(FilmIdentifier.value).in_(numbers))
        self._known = {ref: (number, digest) for ref, number, digest in session.exec(known)}
        self._renewed = get_linked_sources(session) | {source, ""}
        self._owners: dict[IdentifierPair, int] = {(scheme, value): film for scheme, value, film in session.exec(identifiers)}
        others = identifiers.where(not_(is_from_sources(FilmIdentifier, self._renewed)))
        self._kept = {(scheme, value) for scheme, value, _ in session.exec(others)}
        self._next = (session.exec(select(func.max(Film.id))).one() or 0) + 1
        self.numbers = {ref: number for ref, (number, _) in self._known.items()}
        self.faults: list[RecordIssue] = []
        self.unchanged = 0
        self.created: Rows = []
        self.updated: Rows = []
        self._titles: Rows = []
        self._identifiers: Rows = []

    def add_record(self, record: FilmRecord) -> None:
        """Puts a line where it goes."""
        number, known_digest = self._known.get(record.source_ref, (self._next, None))
        titles, identifiers = build_title_rows(record), self._claim_identifiers(record, number)
        digest = _hash_record(record, titles, identifiers)
        if known_digest == digest:
            self.unchanged += 1
            return
        film = _build_film_row(record, number, digest)
        told = {"film_id": number, **Provenance.by_source(self.source).to_columns()}
        self._titles += [told | title for title in titles]
        pairs = (pair for pair in identifiers.items() if pair not in self._kept)
        self._identifiers += [told | {"scheme": scheme, "value": value} for scheme, value in pairs]
        if known_digest is None:
            self._next += 1
            self.numbers[record.source_ref] = number
            self.created.append(film | {"source": self.source, "source_ref": record.source_ref})
        else:
            self.updated.append(film)

    def _claim_identifiers(self, record: FilmRecord, film_id: int) -> dict[str, str]:
        """The film's identifiers, but those ill formed or that belong to another film, which are reported."""
        own = {}
        for scheme, written in record.identifiers.items():
            value = parse_identifier(scheme, written) if scheme in SCHEMES else written
            if value is None:
                self.faults.append(RecordIssue(record.line, f"{scheme} : numéro incorrect « {written} », laissé de côté"))
                continue
            owner = self._owners.setdefault((scheme, value), film_id)
            if owner == film_id:
                own[scheme] = value
            else:
                told = f"{scheme} {value} appartient déjà au film {owner} : numéro laissé de côté"
                self.faults.append(RecordIssue(record.line, told))
        return own

    def write_films(self, session: Session, now: datetime) -> None:
        """Sends everything to the tables, in the caller's transaction; what updated films had gained is to be gained again.

        What persons set stays, and what they took away stays away; a film that they merged meanwhile is left alone.
        """
        edits = lock_edits(session, (film["id"] for film in self.updated))
        self._drop_films(set(map_canonical_ids(session, (film["id"] for film in self.updated))))
        connection, changed = session.connection(), [film["id"] for film in self.updated]
        for start in range(0, len(changed), _BATCH):
            for table in (FilmTitle, FilmIdentifier):
                some = col(table.film_id).in_(changed[start : start + _BATCH])
                connection.execute(delete(table).where(some, is_from_sources(table, self._renewed)))
        kept = [preserve_edits(film, edits.get(film["id"], {})) for film in self.updated]
        for film in kept:
            connection.execute(update(Film).where(col(Film.id) == film["id"]).values(**film, updated_at=now))
        created = [film | {"updated_at": now} for film in self.created]
        for made, rows in ((Film, created), (FilmTitle, self._titles), (FilmIdentifier, self._identifiers)):
            if rows := [row for row in rows if not _is_removed(row, edits)]:
                connection.execute(insert(made), rows)
        told = (film for film in (*kept, *self.created) if "directors" in film)
        replace_directors(session, ((film["id"], film["directors"]) for film in told))

    def _drop_films(self, films: set[int]) -> None:
        self.updated = [film for film in self.updated if film["id"] not in films]
        self._titles, self._identifiers = (
            [row for row in rows if row["film_id"] not in films] for rows in (self._titles, self._identifiers)
        )


def _is_removed(row: dict[str, Any], edits: dict[int, dict[str, Any]]) -> bool:
    """Whether a title or a number is one that a person took away from its film."""
    away = get_removed_tokens(edits.get(row.get("film_id", 0), {}))
    return (
        bool(away)
        and (format_title_token(row["key"]) if "key" in row else format_identifier_token(row["scheme"], row["value"])) in away
    )


def _build_film_row(record: FilmRecord, film_id: int, digest: str) -> dict[str, Any]:
    facts = record.model_dump(exclude={"source_ref", "french_title", "other_titles", "identifiers"})
    lists = {"directors": list(record.directors), "countries": list(record.countries), "genres": list(record.genres)}
    return facts | lists | {"id": film_id, "slug": slugify(record.title), "merged_attributes": {}, "content_hash": digest}


def _hash_record(record: FilmRecord, titles: Rows, identifiers: dict[str, str]) -> str:
    told = [record.model_dump(mode="json", exclude={"identifiers"}), titles, identifiers]
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]
