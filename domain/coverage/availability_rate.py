"""T9: which share of the films released in a year can be seen on the day."""

from collections import Counter
from collections.abc import Callable

from domain.coverage.characteristics import ADMISSIONS, admissions_of
from domain.coverage.dataset import Day
from domain.coverage.film_classes import FilmFacts
from domain.coverage.labels import ALL
from domain.coverage.nationality import NATIONS
from domain.coverage.schema import Body, Column, Row, Unit, share

_COUNTS = (Column("Films sortis"), Column("Disponibles"), Column("Taux de disponibilité", Unit.SHARE))
Key = tuple[str, ...]


def _rated(day: Day, key: Callable[[FilmFacts], Key]) -> tuple[Counter[Key], Counter[Key], int]:
    """Films released by the day, those available among them, and films whose day of release nobody said."""
    released, shown, undated = Counter[Key](), Counter[Key](), 0
    for film in day.films():
        undated += film.release is None and film.in_cinemas is not False
        if film.released and film.release and film.release <= day.date:
            told = key(film)
            released[told] += 1
            shown[told] += film.id in day.ways
    return released, shown, undated


def _year(film: FilmFacts) -> str:
    return str(film.release.year) if film.release else ""


def by_year(day: Day) -> Body:
    """T9: by year of release, the latest first."""
    released, shown, undated = _rated(day, lambda film: (_year(film),))
    rows: list[Row] = [
        (year, released[year,], shown[year,], share(shown[year,], released[year,])) for (year,) in _latest(released)
    ]
    whole, seen = sum(released.values()), sum(shown.values())
    return Body(
        (Column("Année de sortie", Unit.TEXT), *_COUNTS),
        ((ALL, whole, seen, share(seen, whole)), *rows),
        unknown=undated,
        chart=3,
    )


def by_year_in_detail(day: Day) -> Body:
    """T9, detail: by year of release, nationality and admissions; what has no film has no line."""
    released, shown, undated = _rated(day, lambda film: (_year(film), film.nation, admissions_of(film)))
    rows = [(*key, released[key], shown[key], share(shown[key], released[key])) for key in _latest(released)]
    texts = (Column("Année de sortie", Unit.TEXT), Column("Nationalité", Unit.TEXT), Column("Entrées", Unit.TEXT))
    return Body((*texts, *_COUNTS), tuple(rows), unknown=undated, keys=3)


def _latest(keys: Counter[Key]) -> list[Key]:
    ranks = {name: place for place, name in enumerate((*NATIONS, *ADMISSIONS))}
    return sorted(keys, key=lambda key: (-int(key[0]), *(ranks[name] for name in key[1:])))
