"""Count T9: the share of the films released in each year that are available on the day."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from domain.coverage.characteristics import ADMISSION_CLASSES, get_admission_class
from domain.coverage.dataset import DaySnapshot
from domain.coverage.film_classes import FilmFacts
from domain.coverage.labels import ALL_LABEL
from domain.coverage.nationality import NATIONALITIES
from domain.coverage.schema import Cell, Column, Row, TableBody, Unit, compute_share

_COUNT_COLUMNS = (Column("Films sortis"), Column("Disponibles"), Column("Taux de disponibilité", Unit.SHARE))
ClassKey = tuple[str, ...]
_CLASS_RANKS = {name: rank for rank, name in enumerate((*NATIONALITIES, *ADMISSION_CLASSES))}


@dataclass
class _ReleaseCounts:
    """Count films released by the day, and those available among them, by class; and films of an unknown release date."""

    released: Counter[ClassKey] = field(default_factory=Counter)
    available: Counter[ClassKey] = field(default_factory=Counter)
    undated: int = 0

    def build_cells(self, key: ClassKey) -> tuple[Cell, ...]:
        released, available = self.released[key], self.available[key]
        return (released, available, compute_share(available, released))

    def list_keys_latest_first(self) -> list[ClassKey]:
        """Return the classes by year of release, the latest first, then in the order of their other classes."""
        return sorted(self.released, key=lambda key: (-int(key[0]), *(_CLASS_RANKS[name] for name in key[1:])))


def _count_released(day: DaySnapshot, get_key: Callable[[FilmFacts, str], ClassKey]) -> _ReleaseCounts:
    """Count the films released by the day by the key that a film and its year of release give."""
    counts = _ReleaseCounts()
    for film in day.iter_films():
        if film.released_on is None:
            counts.undated += film.in_cinemas is not False
        elif film.is_released and film.released_on <= day.date:
            key = get_key(film, str(film.released_on.year))
            counts.released[key] += 1
            counts.available[key] += film.id in day.accesses_by_film
    return counts


def count_rates_by_year(day: DaySnapshot) -> TableBody:
    """Count T9: by year of release, the latest first."""
    counts = _count_released(day, lambda film, year: (year,))
    rows: list[Row] = [(*key, *counts.build_cells(key)) for key in counts.list_keys_latest_first()]
    released, available = counts.released.total(), counts.available.total()
    total: Row = (ALL_LABEL, released, available, compute_share(available, released))
    columns = (Column("Année de sortie", Unit.TEXT), *_COUNT_COLUMNS)
    return TableBody(columns, (total, *rows), unknown=counts.undated, chart_column=3)


def count_rates_by_year_in_detail(day: DaySnapshot) -> TableBody:
    """Count T9 in detail: by year of release, nationality and admissions; a class without a film has no row."""
    counts = _count_released(day, lambda film, year: (year, film.nationality, get_admission_class(film)))
    rows = [(*key, *counts.build_cells(key)) for key in counts.list_keys_latest_first()]
    texts = (Column("Année de sortie", Unit.TEXT), Column("Nationalité", Unit.TEXT), Column("Entrées", Unit.TEXT))
    return TableBody((*texts, *_COUNT_COLUMNS), tuple(rows), unknown=counts.undated, key_count=3)
