"""T15: films of the heritage that no service shows, by decade, country and director."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from sqlmodel import col, select

from domain.coverage.characteristics import BEFORE_1960, get_decade
from domain.coverage.dataset import DaySnapshot
from domain.coverage.film_classes import FilmFacts, iter_rows
from domain.coverage.labels import ALL_LABEL, UNKNOWN_LABEL
from domain.coverage.nationality import get_country_name
from domain.coverage.schema import Column, CountryRule, TableBody, Unit, compute_share
from domain.films.directors import build_director_key
from domain.models.film import FilmDirector

HERITAGE_YEARS = 10
"""A film is of the heritage from the eleventh year after it was made."""
_MAX_DIRECTORS = 200


def _is_heritage(day: DaySnapshot, film: FilmFacts) -> bool:
    return film.year is not None and film.year < day.date.year - HERITAGE_YEARS


def _build_body(
    label: str, films: Counter[str], gaps: Counter[str], order: Iterable[str], whole: tuple[int, int], unknown: int = 0
) -> TableBody:
    rows = [(name, films[name], gaps[name], compute_share(gaps[name], films[name])) for name in order]
    columns = (
        Column(label, Unit.TEXT),
        Column("Films de patrimoine"),
        Column("Sans aucune offre"),
        Column("Part sans offre", Unit.SHARE),
    )
    notes = ("La base ne dit pas quels films ont été aidés par le CNC : inconnu pour tous.",)
    return TableBody(columns, ((ALL_LABEL, *whole, compute_share(whole[1], whole[0])), *rows), notes, unknown, chart_column=2)


def count_gaps_by_decade(day: DaySnapshot) -> TableBody:
    """T15: by decade; films whose year is unknown are counted apart."""
    films, gaps, undated = Counter[str](), Counter[str](), 0
    for film in day.iter_films():
        undated += film.year is None
        if _is_heritage(day, film):
            decade = get_decade(film)
            films[decade] += 1
            gaps[decade] += film.id not in day.accesses_by_film
    order = sorted(films, key=lambda name: (name != BEFORE_1960, name))
    return _build_body("Décennie", films, gaps, order, (films.total(), gaps.total()), undated)


def count_gaps_by_country(day: DaySnapshot) -> TableBody:
    """T15, countries: by first country, or under each of them."""
    films, gaps, whole = Counter[str](), Counter[str](), [0, 0]
    for film in day.iter_films():
        if _is_heritage(day, film):
            absent = film.id not in day.accesses_by_film
            whole = [whole[0] + 1, whole[1] + absent]
            told = film.countries[:1] if day.filters.country is CountryRule.FIRST else film.countries
            for name in [get_country_name(code) for code in told] or [UNKNOWN_LABEL]:
                films[name] += 1
                gaps[name] += absent
    order = sorted(films, key=lambda name: (name == UNKNOWN_LABEL, -gaps[name], name))
    return _build_body("Pays", films, gaps, order, (whole[0], whole[1]), films[UNKNOWN_LABEL])


def _iter_revision_directors(day: DaySnapshot) -> Iterator[tuple[int, str, str]]:
    """The directors of films that the base tells otherwise since, as it said then."""
    for was in day.film_revisions.values():
        named = {key: name for name in reversed(was.directors) if (key := build_director_key(name))}
        yield from ((was.film_id, key, named[key]) for key in sorted(named))


def count_gaps_by_director(day: DaySnapshot) -> TableBody:
    """T15, directors: the two hundred with most heritage films without an offer."""
    absent = {film.id: film.id not in day.accesses_by_film for film in day.iter_films() if _is_heritage(day, film)}
    films, gaps, names, named = Counter[str](), Counter[str](), dict[str, str](), set[int]()
    asked = select(FilmDirector.film_id, FilmDirector.key, FilmDirector.name).order_by(
        col(FilmDirector.film_id), col(FilmDirector.key)
    )
    told = (row for row in iter_rows(day.session, asked) if row[0] not in day.film_revisions)
    for film, key, name in chain(told, _iter_revision_directors(day)):
        if film in absent:
            named.add(film)
            names.setdefault(key, name)
            films[key] += 1
            gaps[key] += absent[film]
    order = sorted((key for key in gaps if gaps[key]), key=lambda key: (-gaps[key], key))[:_MAX_DIRECTORS]
    rows = [(names[key], films[key], gaps[key], compute_share(gaps[key], films[key])) for key in order]
    columns = (
        Column("Réalisation", Unit.TEXT),
        Column("Films de patrimoine"),
        Column("Sans aucune offre"),
        Column("Part sans offre", Unit.SHARE),
    )
    return TableBody(columns, tuple(rows), unknown=len(absent) - len(named), chart_column=2)
