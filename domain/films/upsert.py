"""Write the records of a source that are films of their own: create new films, update changed ones, leave the rest."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, not_, update
from sqlmodel import Session, col, select

from domain.common.batches import iter_batches
from domain.common.text import slugify
from domain.films.attribute_merge import (
    IdentifierPair,
    format_taken_identifier,
    get_linked_sources,
    iter_identifiers,
    normalise_identifier,
)
from domain.films.directors import replace_directors
from domain.films.formats import FilmRecord, RecordIssue
from domain.films.overrides import format_identifier_token, format_title_token, get_removed_tokens, lock_edits, preserve_edits
from domain.films.title_rows import Rows, build_title_rows
from domain.linking.provenance import Provenance, is_from_sources
from domain.linking.redirects import is_canonical, map_canonical_ids
from domain.models.film import Film, FilmIdentifier, FilmTitle

_BATCH = 500


class FilmWriter:
    """Sort the records of one source into films to create, to update and to leave, then write them.

    `film_ids` is the film of each record that is one, by the record's own id; `created` and `updated` are rows of films.
    """

    def __init__(self, session: Session, source: str, only: Sequence[FilmRecord] = ()) -> None:
        """Read what is known of the source; `only` are the records to come, where they are few: the rest is not read."""
        self.source = source
        films = select(col(Film.source_ref), col(Film.id), col(Film.content_hash)).where(col(Film.source) == source)
        films = films.where(is_canonical())
        identifiers = select(FilmIdentifier.scheme, FilmIdentifier.value, FilmIdentifier.film_id)
        if only:
            films = films.where(col(Film.source_ref).in_([record.source_ref for record in only]))
            values = [value for record in only for _, value in iter_identifiers(record)]
            identifiers = identifiers.where(col(FilmIdentifier.value).in_(values))
        self._known = {ref: (film_id, content_hash) for ref, film_id, content_hash in session.exec(films)}
        self._renewed_sources = get_linked_sources(session) | {source, ""}
        self._owners: dict[IdentifierPair, int] = {}
        for scheme, value, owner_id in session.exec(identifiers):
            self._owners[scheme, value] = owner_id
        by_others = identifiers.where(not_(is_from_sources(FilmIdentifier, self._renewed_sources)))
        self._given_by_others = {(scheme, value) for scheme, value, _ in session.exec(by_others)}
        self._next_id = (session.exec(select(func.max(Film.id))).one() or 0) + 1
        self.film_ids = {ref: film_id for ref, (film_id, _) in self._known.items()}
        self.faults: list[RecordIssue] = []
        self.unchanged = 0
        self.created: Rows = []
        self.updated: Rows = []
        self._titles: Rows = []
        self._identifiers: Rows = []

    def add_record(self, record: FilmRecord) -> None:
        """Sort a record: a film to create, to update, or unchanged."""
        film_id, known_hash = self._known.get(record.source_ref, (self._next_id, None))
        titles, identifiers = build_title_rows(record), self._claim_identifiers(record, film_id)
        content_hash = _hash_record(record, titles, identifiers)
        if known_hash == content_hash:
            self.unchanged += 1
            return
        film = _build_film_row(record, film_id, content_hash)
        common = {"film_id": film_id, **Provenance.by_source(self.source).to_columns()}
        self._titles += [common | title for title in titles]
        for scheme, value in identifiers.items():
            if (scheme, value) not in self._given_by_others:
                self._identifiers.append(common | {"scheme": scheme, "value": value})
        if known_hash is None:
            self._next_id += 1
            self.film_ids[record.source_ref] = film_id
            self.created.append(film | {"source": self.source, "source_ref": record.source_ref})
        else:
            self.updated.append(film)

    def _claim_identifiers(self, record: FilmRecord, film_id: int) -> dict[str, str]:
        """Return the film's identifiers; those ill formed or that belong to another film are reported instead."""
        claimed = {}
        for scheme, written in record.identifiers.items():
            value = normalise_identifier(scheme, written)
            if value is None:
                self.faults.append(RecordIssue(record.line, f"{scheme} : numéro incorrect « {written} », laissé de côté"))
                continue
            owner_id = self._owners.setdefault((scheme, value), film_id)
            if owner_id == film_id:
                claimed[scheme] = value
            else:
                self.faults.append(RecordIssue(record.line, format_taken_identifier(scheme, value, owner_id)))
        return claimed

    def write_films(self, session: Session, now: datetime) -> None:
        """Write everything in the caller's transaction; what updated films had gained is to be merged again.

        What persons set stays, and what they removed stays away; a film that they merged meanwhile is left alone.
        """
        edits = lock_edits(session, (film["id"] for film in self.updated))
        self._drop_films(set(map_canonical_ids(session, (film["id"] for film in self.updated))))
        self._delete_renewed_rows(session)
        connection = session.connection()
        updated = [preserve_edits(film, edits.get(film["id"], {})) for film in self.updated]
        for film in updated:
            connection.execute(update(Film).where(col(Film.id) == film["id"]).values(**film, updated_at=now))
        created = [film | {"updated_at": now} for film in self.created]
        for table, rows in ((Film, created), (FilmTitle, self._titles), (FilmIdentifier, self._identifiers)):
            remaining = [row for row in rows if not _is_removed(row, edits)]
            if remaining:
                connection.execute(insert(table), remaining)
        directed = (film for film in (*updated, *self.created) if "directors" in film)
        replace_directors(session, ((film["id"], film["directors"]) for film in directed))

    def _delete_renewed_rows(self, session: Session) -> None:
        """Delete the titles and identifiers of updated films that sources gave: the records give them again."""
        film_ids = [film["id"] for film in self.updated]
        for batch in iter_batches(film_ids, _BATCH):
            for table in (FilmTitle, FilmIdentifier):
                of_batch = col(table.film_id).in_(batch)
                session.connection().execute(delete(table).where(of_batch, is_from_sources(table, self._renewed_sources)))

    def _drop_films(self, film_ids: set[int]) -> None:
        self.updated = [film for film in self.updated if film["id"] not in film_ids]
        self._titles = [row for row in self._titles if row["film_id"] not in film_ids]
        self._identifiers = [row for row in self._identifiers if row["film_id"] not in film_ids]


def _is_removed(row: dict[str, Any], edits: dict[int, dict[str, Any]]) -> bool:
    """Tell whether a title or an identifier is one that a person removed from its film."""
    removed = get_removed_tokens(edits.get(row.get("film_id", 0), {}))
    if not removed:
        return False
    token = format_title_token(row["key"]) if "key" in row else format_identifier_token(row["scheme"], row["value"])
    return token in removed


def _build_film_row(record: FilmRecord, film_id: int, content_hash: str) -> dict[str, Any]:
    facts = record.model_dump(exclude={"source_ref", "french_title", "other_titles", "identifiers", "titles"})
    lists = {"directors": list(record.directors), "countries": list(record.countries), "genres": list(record.genres)}
    derived = {"id": film_id, "slug": slugify(record.title), "merged_attributes": {}, "content_hash": content_hash}
    return facts | lists | derived


def _hash_record(record: FilmRecord, titles: Rows, identifiers: dict[str, str]) -> str:
    content = [record.model_dump(mode="json", exclude={"identifiers"}), titles, identifiers]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]
