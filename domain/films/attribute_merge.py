"""What a film gains from lines of other bases: facts that it lacked, titles and numbers, each with its source."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from domain.common.enums import Kind, ProvenanceKind, RecordState, TitleKind
from domain.common.identifiers import SCHEMES, parse_identifier
from domain.common.titles import build_title_key, split_title
from domain.films.directors import replace_directors
from domain.films.formats import FilmRecord
from domain.films.overrides import (
    EDITABLE_FACTS,
    format_identifier_token,
    format_title_token,
    get_removed_tokens,
    sync_title_kinds,
)
from domain.linking.provenance import Provenance
from domain.models.film import Film, FilmIdentifier, FilmTitle, SourceRecord
from domain.models.provenance import ProvenancedRow

MERGEABLE_FACTS = (*(fact for fact in EDITABLE_FACTS if fact != "title"), "popularity")
_UNKNOWN: tuple[Any, ...] = (None, "", [])
_BATCH = 500
_SHORTEST_FEATURE = 60  # minutes: a work under an hour is a court métrage (code du cinéma, D210-1)
IdentifierPair = tuple[str, str]
Rows = list[dict[str, Any]]


@dataclass
class MergeResult:
    """Facts, titles and numbers that films gained, counted by name; and, by line, numbers that another film holds."""

    counts: Counter[str] = field(default_factory=Counter)
    conflicts: list[tuple[str, str]] = field(default_factory=list)


def build_title_rows(record: FilmRecord, *, as_alternative: bool = False) -> Rows:
    """The titles of a film, each once by its key: displayed first, then original, French and others.

    A title lent to a film of another base is not displayed: what it is otherwise comes first.
    """
    told: list[tuple[str | None, TitleKind, str | None]] = [
        (record.original_title, TitleKind.ORIGINAL, None),
        (record.french_title, TitleKind.ALTERNATIVE, "fr"),
    ]
    told.insert(2 if as_alternative else 0, (record.title, TitleKind.ALTERNATIVE if as_alternative else TitleKind.DISPLAY, None))
    others = (*record.other_titles, *split_title(record.title).alternatives)
    told += [(title, TitleKind.ALTERNATIVE, None) for title in others]
    found: dict[str, dict[str, Any]] = {}
    for title, kind, language in told:
        if title:
            key = build_title_key(title)
            found.setdefault(key, {"title": title, "kind": kind, "language": language, "key": key})
    return list(found.values())


def iter_identifiers(record: FilmRecord) -> Iterator[IdentifierPair]:
    """The well-formed numbers of a line, in their one form."""
    for scheme, written in record.identifiers.items():
        value = parse_identifier(scheme, written) if scheme in SCHEMES else written
        if value:
            yield scheme, value


def get_linked_sources(session: Session) -> frozenset[str]:
    """The names of the bases whose lines were joined to films."""
    return frozenset(session.exec(select(SourceRecord.source).distinct()))


def merge_attributes(session: Session, film_ids: Iterable[int], now: datetime) -> MergeResult:
    """Works out again what these films gain from the lines linked to them, in the caller's transaction.

    A film's own facts come first, then its lines' in order of arrival; what no line gives any more is taken back. The same
    lines again write nothing. A number that another film holds is told, and left there.
    """
    gains, sources, numbers = MergeResult(), get_linked_sources(session), sorted(set(film_ids))
    for start in range(0, len(numbers), _BATCH):
        some = _MergeBatch(session, numbers[start : start + _BATCH], sources, now, gains)
        for film in some.films:
            some.merge_film(film)
        session.flush()
        for film in some.films:
            if film.edited:
                sync_title_kinds(session, film)
        replace_directors(session, some.renamed)
        for row in some.list_loaded_rows():
            session.expunge(row)
    return gains


class _MergeBatch:
    """A few films with all that they hold, and the lines linked to them."""

    def __init__(
        self, session: Session, film_ids: Sequence[int], sources: frozenset[str], now: datetime, result: MergeResult
    ) -> None:
        self.session, self.sources, self.now, self.gains = session, sources, now, result
        self.renamed: list[tuple[int, list[str]]] = []
        wanted = select(Film).where(col(Film.id).in_(film_ids)).order_by(col(Film.id))
        self.films = session.exec(wanted.with_for_update().execution_options(populate_existing=True)).all()
        self.lines = self._read_records(film_ids)
        self.titles: defaultdict[int, list[FilmTitle]] = defaultdict(list)
        for title in session.exec(select(FilmTitle).where(col(FilmTitle.film_id).in_(film_ids)).order_by(col(FilmTitle.id))):
            self.titles[title.film_id].append(title)
        self.held: defaultdict[int, dict[IdentifierPair, FilmIdentifier]] = defaultdict(dict)
        for held in session.exec(select(FilmIdentifier).where(col(FilmIdentifier.film_id).in_(film_ids))):
            self.held[held.film_id][held.scheme, held.value] = held
        self.owners = {pair: film_id for film_id, pairs in self.held.items() for pair in pairs} | self._find_other_owners(
            film_ids
        )

    def _read_records(self, film_ids: Sequence[int]) -> defaultdict[int, list[tuple[Provenance, FilmRecord]]]:
        """The lines linked to these films, each under its name as a source."""
        own, lines = {film.id: film.source for film in self.films}, defaultdict[int, list[tuple[Provenance, FilmRecord]]](list)
        asked = select(SourceRecord.film_id, SourceRecord.source, SourceRecord.payload).order_by(col(SourceRecord.id))
        for film_id, source, payload in self.session.exec(
            asked.where(SourceRecord.state == RecordState.LINKED, col(SourceRecord.film_id).in_(film_ids))
        ):
            assert film_id is not None
            line = FilmRecord.model_validate({"line": 0, **payload})
            provenance = Provenance.by_source(source)
            if source == own.get(film_id):
                provenance = Provenance.by_merged_record(source, line.source_ref)
            lines[film_id].append((provenance, line))
        return lines

    def _is_from_record(self, film: Film, row: ProvenancedRow) -> bool:
        """Tell whether a record linked to the film gave a row, rather than the film's own source or a person."""
        if row.source_kind is ProvenanceKind.MERGED_RECORD:
            return row.source == film.source
        return row.source_kind is ProvenanceKind.SOURCE and row.source in self.sources and row.source != film.source

    def _find_other_owners(self, film_ids: Sequence[int]) -> dict[IdentifierPair, int]:
        """Films apart from these that hold a number which these would gain."""
        values = {value for lines in self.lines.values() for _, line in lines for _, value in iter_identifiers(line)}
        found: dict[IdentifierPair, int] = {}
        ordered = sorted(values)
        for start in range(0, len(ordered), _BATCH):
            wanted = col(FilmIdentifier.value).in_(ordered[start : start + _BATCH])
            asked = select(FilmIdentifier.scheme, FilmIdentifier.value, FilmIdentifier.film_id)
            apart = asked.where(wanted, col(FilmIdentifier.film_id).not_in(film_ids))
            found |= {(scheme, value): film_id for scheme, value, film_id in self.session.exec(apart)}
        return found

    def list_loaded_rows(self) -> list[SQLModel]:
        """What may be let go of, once written."""
        rows: list[SQLModel] = [*self.films]
        rows += [title for titles in self.titles.values() for title in titles]
        rows += [held for pairs in self.held.values() for held in pairs.values()]
        return [row for row in rows if row in self.session]

    def merge_film(self, film: Film) -> None:
        """Brings a film to what its lines give."""
        changed = [self._merge_facts(film), self._merge_titles(film), self._merge_identifiers(film)]
        if any(changed):
            film.updated_at = self.now

    def _merge_facts(self, film: Film) -> bool:
        before = {fact: getattr(film, fact) for fact in MERGEABLE_FACTS}
        for fact in film.merged_attributes:
            setattr(film, fact, [] if isinstance(before[fact], list) else None)
        gained: dict[str, str] = {}
        for provenance, line in self.lines[film.id]:
            for fact in MERGEABLE_FACTS:
                value = _read_fact(line, fact, film)
                if fact not in film.edited and value not in _UNKNOWN and getattr(film, fact) in _UNKNOWN:
                    setattr(film, fact, value)
                    gained[fact] = f"{provenance.source} {provenance.source_ref}".rstrip()
        self.gains.counts.update(gained.keys() - film.merged_attributes.keys())
        changed = gained != film.merged_attributes or before != {fact: getattr(film, fact) for fact in MERGEABLE_FACTS}
        if gained != film.merged_attributes:
            film.merged_attributes = gained
        if film.directors != before["directors"]:
            self.renamed.append((film.id, film.directors))
        return changed

    def _merge_titles(self, film: Film) -> bool:
        own = {title.key for title in self.titles[film.id] if not self._is_from_record(film, title)}
        away = get_removed_tokens(film.edited)
        wanted: dict[str, dict[str, Any]] = {}
        for provenance, line in self.lines[film.id]:
            for told in build_title_rows(line, as_alternative=True):
                if told["key"] not in own and format_title_token(told["key"]) not in away:
                    wanted.setdefault(told["key"], told | provenance.to_columns())
        changed = False
        for title in self.titles[film.id]:
            if not self._is_from_record(film, title):
                continue
            if title.model_dump(include={*_TITLE_FIELDS}) != wanted.pop(title.key, None):
                self.session.delete(title)
                changed = True
        self.session.add_all(FilmTitle(film_id=film.id, **told) for told in wanted.values())
        self.gains.counts["titles"] += len(wanted)
        return changed or bool(wanted)

    def _merge_identifiers(self, film: Film) -> bool:
        away, wanted = get_removed_tokens(film.edited), dict[IdentifierPair, Provenance]()
        for provenance, line in self.lines[film.id]:
            for pair in iter_identifiers(line):
                if format_identifier_token(*pair) in away:
                    continue
                if self.owners.setdefault(pair, film.id) == film.id:
                    wanted.setdefault(pair, provenance)
                else:
                    told = f"{pair[0]} {pair[1]} appartient déjà au film {self.owners[pair]} : numéro laissé de côté"
                    self.gains.conflicts.append((line.source_ref, told))
        changed = False
        for pair, held in self.held[film.id].items():
            giver = wanted.get(pair)
            if self._is_from_record(film, held) and giver != Provenance.from_row(held):
                changed = True
                if giver is None:
                    self.session.delete(held)
                else:
                    held.sqlmodel_update(giver.to_columns())
        new = {pair: provenance for pair, provenance in wanted.items() if pair not in self.held[film.id]}
        self.session.add_all(
            FilmIdentifier(film_id=film.id, scheme=scheme, value=value, **provenance.to_columns())
            for (scheme, value), provenance in new.items()
        )
        self.gains.counts.update(scheme for scheme, _ in new)
        return changed or bool(new)


_TITLE_FIELDS = ("title", "kind", "language", "key", *ProvenancedRow.model_fields)


def _read_fact(record: FilmRecord, fact: str, film: Film) -> Any:
    """What a line tells; « film » says nothing of a work not known to last an hour, for a base may say it of shorts too.

    Nor is it believed that a film was never released when the day of its release is known.
    """
    value = getattr(record, fact)
    if fact == "in_cinemas" and value is False and film.release_date:
        return None
    if fact == "kind" and value is Kind.FILM and (film.runtime_min or 0) < _SHORTEST_FEATURE:
        return None
    return list(value) if isinstance(value, tuple) else value
