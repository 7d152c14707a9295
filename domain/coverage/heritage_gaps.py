"""Count T15: heritage films that no service shows, by decade, country and director."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlmodel import col, select

from domain.coverage.characteristics import BEFORE_1960, get_decade
from domain.coverage.dataset import DaySnapshot
from domain.coverage.film_classes import FilmFacts, iter_rows
from domain.coverage.labels import ALL_LABEL, UNKNOWN_LABEL
from domain.coverage.nationality import list_country_names
from domain.coverage.schema import Column, Row, TableBody, Unit, compute_share
from domain.films.directors import build_director_key
from domain.models.film import FilmDirector

HERITAGE_YEARS = 10
"""A film belongs to the heritage from the eleventh year after it was made."""
_MAX_DIRECTORS = 200
_COUNT_COLUMNS = (Column("Films de patrimoine"), Column("Sans aucune offre"), Column("Part sans offre", Unit.SHARE))
_NOTES = ("La base ne dit pas quels films ont été aidés par le CNC : inconnu pour tous.",)


@dataclass
class _GapCounts:
    """Count heritage films, and those without an offer, by class and in all."""

    films: Counter[str] = field(default_factory=Counter)
    gaps: Counter[str] = field(default_factory=Counter)
    total_films: int = 0
    total_gaps: int = 0

    def add(self, classes: Iterable[str], is_gap: bool) -> None:
        """Count a film once under each of its classes, and once in all."""
        self.total_films += 1
        self.total_gaps += is_gap
        for name in classes:
            self.films[name] += 1
            self.gaps[name] += is_gap

    def build_row(self, label: str, name: str) -> Row:
        films, gaps = self.films[name], self.gaps[name]
        return (label, films, gaps, compute_share(gaps, films))

    def build_total_row(self) -> Row:
        return (ALL_LABEL, self.total_films, self.total_gaps, compute_share(self.total_gaps, self.total_films))


def _is_heritage(day: DaySnapshot, film: FilmFacts) -> bool:
    return film.year is not None and film.year < day.date.year - HERITAGE_YEARS


def _build_body(label: str, counts: _GapCounts, order: Iterable[str], unknown: int) -> TableBody:
    rows = [counts.build_total_row(), *(counts.build_row(name, name) for name in order)]
    return TableBody((Column(label, Unit.TEXT), *_COUNT_COLUMNS), tuple(rows), _NOTES, unknown, chart_column=2)


def count_gaps_by_decade(day: DaySnapshot) -> TableBody:
    """Count T15: by decade; films whose year is unknown are counted apart."""
    counts = _GapCounts()
    undated = 0
    for film in day.iter_films():
        undated += film.year is None
        if _is_heritage(day, film):
            counts.add([get_decade(film)], film.id not in day.accesses_by_film)
    order = sorted(counts.films, key=lambda name: (name != BEFORE_1960, name))
    return _build_body("Décennie", counts, order, undated)


def count_gaps_by_country(day: DaySnapshot) -> TableBody:
    """Count T15 by country: the first one, or each of a film's countries."""
    counts = _GapCounts()
    for film in day.iter_films():
        if _is_heritage(day, film):
            counts.add(list_country_names(film.countries, day.filters.country), film.id not in day.accesses_by_film)
    order = sorted(counts.films, key=lambda name: (name == UNKNOWN_LABEL, -counts.gaps[name], name))
    return _build_body("Pays", counts, order, counts.films[UNKNOWN_LABEL])


def count_gaps_by_director(day: DaySnapshot) -> TableBody:
    """Count T15 by director: the two hundred with the most heritage films without an offer."""
    heritage_films = filter(lambda film: _is_heritage(day, film), day.iter_films())
    is_gap = {film.id: film.id not in day.accesses_by_film for film in heritage_films}
    counts = _GapCounts()
    names: dict[str, str] = {}
    directed_ids = set[int]()
    for film_id, key, name in _iter_directors(day):
        if film_id in is_gap:
            directed_ids.add(film_id)
            names.setdefault(key, name)
            counts.add([key], is_gap[film_id])
    keys_with_gaps = [key for key, gaps in counts.gaps.items() if gaps]
    order = sorted(keys_with_gaps, key=lambda key: (-counts.gaps[key], key))[:_MAX_DIRECTORS]
    rows = [counts.build_row(names[key], key) for key in order]
    columns = (Column("Réalisation", Unit.TEXT), *_COUNT_COLUMNS)
    return TableBody(columns, tuple(rows), unknown=len(is_gap) - len(directed_ids), chart_column=2)


def _iter_directors(day: DaySnapshot) -> Iterator[tuple[int, str, str]]:
    """Yield the directors of every film on the day: film id, key of the name, name."""
    stmt = select(FilmDirector.film_id, FilmDirector.key, FilmDirector.name)
    for row in iter_rows(day.session, stmt.order_by(col(FilmDirector.film_id), col(FilmDirector.key))):
        if row[0] not in day.film_revisions:
            yield row
    for revision in day.film_revisions.values():
        names_by_key = {build_director_key(name): name for name in reversed(revision.directors)}
        for key in sorted(filter(None, names_by_key)):
            yield revision.film_id, key, names_by_key[key]
