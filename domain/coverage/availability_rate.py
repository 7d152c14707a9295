"""T9: which share of the films released in a year can be seen on the day."""

from collections import Counter
from collections.abc import Callable

from domain.coverage.characteristics import ADMISSION_CLASSES, get_admission_class
from domain.coverage.dataset import DaySnapshot
from domain.coverage.film_classes import FilmFacts
from domain.coverage.labels import ALL_LABEL
from domain.coverage.nationality import NATIONALITIES
from domain.coverage.schema import Column, Row, TableBody, Unit, compute_share

_COUNT_COLUMNS = (Column("Films sortis"), Column("Disponibles"), Column("Taux de disponibilité", Unit.SHARE))
ClassKey = tuple[str, ...]


def _count_released(day: DaySnapshot, key: Callable[[FilmFacts], ClassKey]) -> tuple[Counter[ClassKey], Counter[ClassKey], int]:
    """Films released by the day, those available among them, and films whose day of release nobody said."""
    released, shown, undated = Counter[ClassKey](), Counter[ClassKey](), 0
    for film in day.iter_films():
        undated += film.released_on is None and film.in_cinemas is not False
        if film.is_released and film.released_on and film.released_on <= day.date:
            told = key(film)
            released[told] += 1
            shown[told] += film.id in day.accesses_by_film
    return released, shown, undated


def _get_release_year(film: FilmFacts) -> str:
    return str(film.released_on.year) if film.released_on else ""


def count_rates_by_year(day: DaySnapshot) -> TableBody:
    """T9: by year of release, the latest first."""
    released, shown, undated = _count_released(day, lambda film: (_get_release_year(film),))
    rows: list[Row] = [
        (year, released[year,], shown[year,], compute_share(shown[year,], released[year,]))
        for (year,) in _sort_latest_first(released)
    ]
    whole, seen = sum(released.values()), sum(shown.values())
    return TableBody(
        (Column("Année de sortie", Unit.TEXT), *_COUNT_COLUMNS),
        ((ALL_LABEL, whole, seen, compute_share(seen, whole)), *rows),
        unknown=undated,
        chart_column=3,
    )


def count_rates_by_year_in_detail(day: DaySnapshot) -> TableBody:
    """T9, detail: by year of release, nationality and admissions; what has no film has no line."""
    released, shown, undated = _count_released(
        day, lambda film: (_get_release_year(film), film.nationality, get_admission_class(film))
    )
    rows = [(*key, released[key], shown[key], compute_share(shown[key], released[key])) for key in _sort_latest_first(released)]
    texts = (Column("Année de sortie", Unit.TEXT), Column("Nationalité", Unit.TEXT), Column("Entrées", Unit.TEXT))
    return TableBody((*texts, *_COUNT_COLUMNS), tuple(rows), unknown=undated, key_count=3)


def _sort_latest_first(keys: Counter[ClassKey]) -> list[ClassKey]:
    ranks = {name: place for place, name in enumerate((*NATIONALITIES, *ADMISSION_CLASSES))}
    return sorted(keys, key=lambda key: (-int(key[0]), *(ranks[name] for name in key[1:])))
