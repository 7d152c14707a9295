"""T15: films of the heritage that no service shows, by decade, country and director."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from sqlmodel import col, select

from domain.coverage.characteristics import BEFORE, decade_of
from domain.coverage.dataset import Day
from domain.coverage.film_classes import FilmFacts, rows_of
from domain.coverage.labels import ALL, UNKNOWN
from domain.coverage.nationality import country_name
from domain.coverage.schema import Body, Column, CountryRule, Unit, share
from domain.films.directors import director_key
from domain.models.film import FilmDirector

HERITAGE_YEARS = 10
"""A film is of the heritage from the eleventh year after it was made."""
_SHOWN = 200


def _is_heritage(day: Day, film: FilmFacts) -> bool:
    return film.year is not None and film.year < day.date.year - HERITAGE_YEARS


def _body(
    label: str, films: Counter[str], gaps: Counter[str], order: Iterable[str], whole: tuple[int, int], unknown: int = 0
) -> Body:
    rows = [(name, films[name], gaps[name], share(gaps[name], films[name])) for name in order]
    columns = (
        Column(label, Unit.TEXT),
        Column("Films de patrimoine"),
        Column("Sans aucune offre"),
        Column("Part sans offre", Unit.SHARE),
    )
    notes = ("La base ne dit pas quels films ont été aidés par le CNC : inconnu pour tous.",)
    return Body(columns, ((ALL, *whole, share(whole[1], whole[0])), *rows), notes, unknown, chart=2)


def by_decade(day: Day) -> Body:
    """T15: by decade; films whose year is unknown are counted apart."""
    films, gaps, undated = Counter[str](), Counter[str](), 0
    for film in day.films():
        undated += film.year is None
        if _is_heritage(day, film):
            decade = decade_of(film)
            films[decade] += 1
            gaps[decade] += film.id not in day.ways
    order = sorted(films, key=lambda name: (name != BEFORE, name))
    return _body("Décennie", films, gaps, order, (films.total(), gaps.total()), undated)


def by_country(day: Day) -> Body:
    """T15, countries: by first country, or under each of them."""
    films, gaps, whole = Counter[str](), Counter[str](), [0, 0]
    for film in day.films():
        if _is_heritage(day, film):
            absent = film.id not in day.ways
            whole = [whole[0] + 1, whole[1] + absent]
            told = film.countries[:1] if day.filters.country is CountryRule.FIRST else film.countries
            for name in [country_name(code) for code in told] or [UNKNOWN]:
                films[name] += 1
                gaps[name] += absent
    order = sorted(films, key=lambda name: (name == UNKNOWN, -gaps[name], name))
    return _body("Pays", films, gaps, order, (whole[0], whole[1]), films[UNKNOWN])


def _former_directors(day: Day) -> Iterator[tuple[int, str, str]]:
    """The directors of films that the base tells otherwise since, as it said then."""
    for was in day.past.values():
        named = {key: name for name in reversed(was.directors) if (key := director_key(name))}
        yield from ((was.film_id, key, named[key]) for key in sorted(named))


def by_director(day: Day) -> Body:
    """T15, directors: the two hundred with most heritage films without an offer."""
    absent = {film.id: film.id not in day.ways for film in day.films() if _is_heritage(day, film)}
    films, gaps, names, named = Counter[str](), Counter[str](), dict[str, str](), set[int]()
    asked = select(FilmDirector.film_id, FilmDirector.key, FilmDirector.name).order_by(
        col(FilmDirector.film_id), col(FilmDirector.key)
    )
    told = (row for row in rows_of(day.session, asked) if row[0] not in day.past)
    for film, key, name in chain(told, _former_directors(day)):
        if film in absent:
            named.add(film)
            names.setdefault(key, name)
            films[key] += 1
            gaps[key] += absent[film]
    order = sorted((key for key in gaps if gaps[key]), key=lambda key: (-gaps[key], key))[:_SHOWN]
    rows = [(names[key], films[key], gaps[key], share(gaps[key], films[key])) for key in order]
    columns = (
        Column("Réalisation", Unit.TEXT),
        Column("Films de patrimoine"),
        Column("Sans aucune offre"),
        Column("Part sans offre", Unit.SHARE),
    )
    return Body(columns, tuple(rows), unknown=len(absent) - len(named), chart=2)
