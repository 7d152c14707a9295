"""Merge into films what other sources say of them: facts they lack, titles and identifiers, each with its provenance."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from domain.common.batches import iter_batches
from domain.common.enums import Kind, ProvenanceKind, RecordState
from domain.common.identifiers import SCHEMES, parse_identifier
from domain.films.directors import replace_directors
from domain.films.formats import FilmRecord
from domain.films.overrides import (
    EDITABLE_FACTS,
    format_identifier_token,
    format_title_token,
    get_removed_tokens,
    sync_title_kinds,
)
from domain.films.title_rows import build_gained_title_rows, limit_aliases
from domain.linking.provenance import Provenance
from domain.models.film import Film, FilmIdentifier, FilmTitle, SourceRecord
from domain.models.provenance import ProvenancedRow

MERGEABLE_FACTS = (*(fact for fact in EDITABLE_FACTS if fact != "title"), "popularity")
_UNKNOWN: tuple[Any, ...] = (None, "", [])
_TITLE_FIELDS = ("title", "kind", "language", "key", *ProvenancedRow.model_fields)
_BATCH = 500
_SHORTEST_FEATURE = 60  # minutes: a work under an hour is a court métrage (code du cinéma, D210-1)
IdentifierPair = tuple[str, str]
"""A scheme, and an identifier in its one form."""


@dataclass
class MergeResult:
    """Count the facts, titles and identifiers that films gained, by name.

    `conflicts` are the identifiers that another film has: (the record's own id, a French message).
    """

    counts: Counter[str] = field(default_factory=Counter)
    conflicts: list[tuple[str, str]] = field(default_factory=list)


def iter_identifiers(record: FilmRecord) -> Iterator[IdentifierPair]:
    """Yield the well-formed identifiers of a record, in their one form."""
    for scheme, written in record.identifiers.items():
        value = normalise_identifier(scheme, written)
        if value:
            yield scheme, value


def normalise_identifier(scheme: str, written: str) -> str | None:
    """Return an identifier in its one form, None when it is ill formed; those of unknown schemes are taken as they are."""
    return parse_identifier(scheme, written) if scheme in SCHEMES else written


def format_taken_identifier(scheme: str, value: str, film_id: int) -> str:
    """Return the French message that an identifier is left out, for another film has it."""
    return f"{scheme} {value} appartient déjà au film {film_id} : numéro laissé de côté"


def get_linked_sources(session: Session) -> frozenset[str]:
    """Return the names of the sources whose records were linked to films."""
    return frozenset(session.exec(select(SourceRecord.source).distinct()))


def merge_attributes(session: Session, film_ids: Iterable[int], now: datetime) -> MergeResult:
    """Recompute what these films gain from the records linked to them, in the caller's transaction.

    A film's own facts come first, then its records' in order of arrival; what no record gives any more is removed. The same
    records again write nothing. An identifier that another film has is reported, and left there.
    """
    result, sources, ordered_ids = MergeResult(), get_linked_sources(session), sorted(set(film_ids))
    for batch_ids in iter_batches(ordered_ids, _BATCH):
        batch = _MergeBatch(session, batch_ids, sources, now, result)
        for film in batch.films:
            batch.merge_film(film)
        session.flush()
        for film in batch.films:
            if film.edited:
                sync_title_kinds(session, film)
        replace_directors(session, batch.changed_directors)
        for row in batch.list_loaded_rows():
            session.expunge(row)
    return result


class _MergeBatch:
    """Hold a few films with their titles, their identifiers and the records linked to them."""

    def __init__(
        self, session: Session, film_ids: Sequence[int], sources: frozenset[str], now: datetime, result: MergeResult
    ) -> None:
        self.session, self.sources, self.now, self.result = session, sources, now, result
        self.changed_directors: list[tuple[int, list[str]]] = []
        films = select(Film).where(col(Film.id).in_(film_ids)).order_by(col(Film.id))
        self.films = session.exec(films.with_for_update().execution_options(populate_existing=True)).all()
        self.records = self._read_records(film_ids)
        self.titles: defaultdict[int, list[FilmTitle]] = defaultdict(list)
        for title in session.exec(select(FilmTitle).where(col(FilmTitle.film_id).in_(film_ids)).order_by(col(FilmTitle.id))):
            self.titles[title.film_id].append(title)
        self.owners = self._find_other_owners(film_ids)
        self.identifiers: defaultdict[int, dict[IdentifierPair, FilmIdentifier]] = defaultdict(dict)
        for row in session.exec(select(FilmIdentifier).where(col(FilmIdentifier.film_id).in_(film_ids))):
            self.identifiers[row.film_id][row.scheme, row.value] = row
            self.owners[row.scheme, row.value] = row.film_id

    def _read_records(self, film_ids: Sequence[int]) -> defaultdict[int, list[tuple[Provenance, FilmRecord]]]:
        """Return the records linked to these films, each with its provenance, by film id."""
        own_sources = {film.id: film.source for film in self.films}
        records: defaultdict[int, list[tuple[Provenance, FilmRecord]]] = defaultdict(list)
        stmt = select(SourceRecord.film_id, SourceRecord.source, SourceRecord.payload).order_by(col(SourceRecord.id))
        linked = stmt.where(SourceRecord.state == RecordState.LINKED, col(SourceRecord.film_id).in_(film_ids))
        for film_id, source, payload in self.session.exec(linked):
            assert film_id is not None
            record = FilmRecord.from_payload(payload)
            provenance = Provenance.by_source(source)
            if source == own_sources.get(film_id):
                provenance = Provenance.by_merged_record(source, record.source_ref)
            records[film_id].append((provenance, record))
        return records

    def _find_other_owners(self, film_ids: Sequence[int]) -> dict[IdentifierPair, int]:
        """Return the films apart from these that have an identifier which these would gain."""
        values: set[str] = set()
        for records in self.records.values():
            for _, record in records:
                values.update(value for _, value in iter_identifiers(record))
        ordered = sorted(values)
        owners: dict[IdentifierPair, int] = {}
        stmt = select(FilmIdentifier.scheme, FilmIdentifier.value, FilmIdentifier.film_id)
        others = stmt.where(col(FilmIdentifier.film_id).not_in(film_ids))
        for batch in iter_batches(ordered, _BATCH):
            rows = self.session.exec(others.where(col(FilmIdentifier.value).in_(batch)))
            owners |= {(scheme, value): film_id for scheme, value, film_id in rows}
        return owners

    def _is_from_record(self, film: Film, row: ProvenancedRow) -> bool:
        """Tell whether a record linked to the film gave a row, rather than the film's own source or a person."""
        if row.source_kind is ProvenanceKind.MERGED_RECORD:
            return row.source == film.source
        return row.source_kind is ProvenanceKind.SOURCE and row.source in self.sources and row.source != film.source

    def list_loaded_rows(self) -> list[SQLModel]:
        """Return the rows that the session may forget once they are written."""
        rows: list[SQLModel] = [*self.films]
        for titles in self.titles.values():
            rows += titles
        for identifiers in self.identifiers.values():
            rows += identifiers.values()
        return [row for row in rows if row in self.session]

    def merge_film(self, film: Film) -> None:
        """Bring a film to what its records give."""
        changed = [self._merge_facts(film), self._merge_titles(film), self._merge_identifiers(film)]
        if any(changed):
            film.updated_at = self.now

    def _merge_facts(self, film: Film) -> bool:
        """Fill the facts that the film lacks, and tell if anything changed."""
        before = _get_facts(film)
        for fact in film.merged_attributes:
            setattr(film, fact, [] if isinstance(before[fact], list) else None)
        merged_attributes: dict[str, str] = {}
        for provenance, record in self.records[film.id]:
            for fact in MERGEABLE_FACTS:
                value = _read_fact(record, fact, film)
                if fact not in film.edited and value not in _UNKNOWN and getattr(film, fact) in _UNKNOWN:
                    setattr(film, fact, value)
                    merged_attributes[fact] = f"{provenance.source} {provenance.source_ref}".rstrip()
        self.result.counts.update(merged_attributes.keys() - film.merged_attributes.keys())
        changed = merged_attributes != film.merged_attributes or before != _get_facts(film)
        if merged_attributes != film.merged_attributes:
            film.merged_attributes = merged_attributes
        if film.directors != before["directors"]:
            self.changed_directors.append((film.id, film.directors))
        return changed

    def _merge_titles(self, film: Film) -> bool:
        """Replace the titles that records gave by those they give now, and tell if anything changed."""
        missing = self._collect_titles(film)
        changed = False
        for title in self.titles[film.id]:
            if not self._is_from_record(film, title):
                continue
            if title.model_dump(include={*_TITLE_FIELDS}) == missing.get(title.key):
                del missing[title.key]
            else:
                self.session.delete(title)
                changed = True
        self.session.add_all(FilmTitle(film_id=film.id, **row) for row in missing.values())
        self.result.counts["titles"] += len(missing)
        return changed or bool(missing)

    def _collect_titles(self, film: Film) -> dict[str, dict[str, Any]]:
        """Return the titles that the film's records give and that are not its own, by key; those removed stay away."""
        own_keys = {title.key for title in self.titles[film.id] if not self._is_from_record(film, title)}
        removed = get_removed_tokens(film.edited)
        titles: dict[str, dict[str, Any]] = {}
        for provenance, record in self.records[film.id]:
            for row in build_gained_title_rows(record):
                if row["key"] not in own_keys and format_title_token(row["key"]) not in removed:
                    titles.setdefault(row["key"], row | provenance.to_columns())
        return limit_aliases(titles)

    def _merge_identifiers(self, film: Film) -> bool:
        """Replace the identifiers that records gave by those they give now, and tell if anything changed."""
        given = self._collect_identifiers(film)
        changed = False
        for pair, row in self.identifiers[film.id].items():
            provenance = given.get(pair)
            if not self._is_from_record(film, row) or provenance == Provenance.from_row(row):
                continue
            changed = True
            if provenance is None:
                self.session.delete(row)
            else:
                row.sqlmodel_update(provenance.to_columns())
        new = {pair: provenance for pair, provenance in given.items() if pair not in self.identifiers[film.id]}
        for (scheme, value), provenance in new.items():
            self.session.add(FilmIdentifier(film_id=film.id, scheme=scheme, value=value, **provenance.to_columns()))
            self.result.counts[scheme] += 1
        return changed or bool(new)

    def _collect_identifiers(self, film: Film) -> dict[IdentifierPair, Provenance]:
        """Return the identifiers that the film's records give; those of other films are reported, those removed stay away."""
        removed = get_removed_tokens(film.edited)
        given: dict[IdentifierPair, Provenance] = {}
        for provenance, record in self.records[film.id]:
            for pair in iter_identifiers(record):
                if format_identifier_token(*pair) in removed:
                    continue
                owner_id = self.owners.setdefault(pair, film.id)
                if owner_id == film.id:
                    given.setdefault(pair, provenance)
                else:
                    self.result.conflicts.append((record.source_ref, format_taken_identifier(*pair, owner_id)))
        return given


def _get_facts(film: Film) -> dict[str, Any]:
    return {fact: getattr(film, fact) for fact in MERGEABLE_FACTS}


def _read_fact(record: FilmRecord, fact: str, film: Film) -> Any:
    """Return what a record says of a fact, or None where it is not believed.

    « film » says nothing of a work not known to last an hour, for a source may say it of shorts too. Nor is it believed that
    a film was never released when the day of its release is known.
    """
    value = getattr(record, fact)
    if fact == "in_cinemas" and value is False and film.release_date:
        return None
    if fact == "kind" and value is Kind.FILM and (film.runtime_min or 0) < _SHORTEST_FEATURE:
        return None
    return list(value) if isinstance(value, tuple) else value
