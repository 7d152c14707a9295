"""The films of the base as tables look at them: a few facts, and the classes they fall in."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, case, cast, or_, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from domain.common.countries import country_code
from domain.common.enums import Kind
from domain.coverage.nationality import nation
from domain.coverage.schema import Filters
from domain.linking.redirects import is_standing
from domain.models.film import Film, FilmPast
from domain.offers.listings import is_adult, tells_adult


class FilmFacts(NamedTuple):
    """A film: years and day of release, country codes in the base's order, nationality class, first admissions, minutes."""

    id: int
    year: int | None
    release: date | None
    countries: tuple[str, ...]
    nation: str
    genres: tuple[str, ...]
    admissions: int | None
    runtime: int | None
    kind: Kind | None
    in_cinemas: bool | None
    adult: bool

    @property
    def released(self) -> bool:
        """Whether it was released in French cinemas on a known day."""
        return self.release is not None and self.in_cinemas is not False


_KINDS = {kind.value: kind for kind in Kind}


@lru_cache(50_000)
def words(written: str | None) -> tuple[str, ...]:
    """The words of a list that the database keeps as JSON."""
    return tuple(json.loads(written)) if written else ()


@lru_cache(50_000)
def codes(names: tuple[str, ...]) -> tuple[str, ...]:
    """The codes of countries, each once; a name that is no country gives none."""
    return tuple(dict.fromkeys(code for name in names if (code := country_code(name))))


def rows_of(session: Session, asked: Any) -> Iterator[Any]:
    """The rows of a query on columns, never all in memory; the ORM, which has nothing to do there, is left aside."""
    return iter(session.connection().execute(asked.execution_options(yield_per=10_000)))


Past = Mapping[int, FilmPast]
"""What the base said of films at a moment, by number, where it says something else since."""


def read_past(session: Session, at: datetime) -> Past:
    """What the base said at a moment of the films that it tells otherwise since."""
    later = select_rows(FilmPast).join(Film, col(Film.id) == col(FilmPast.film_id)).where(FilmPast.until > at)
    found = session.exec(later.order_by(col(FilmPast.until).desc(), col(FilmPast.id).desc()))
    return {one.film_id: one for one in found}


def changed_since(at: datetime) -> ColumnElement[bool]:
    """Whether a film is one of those, as an SQL condition on Film."""
    return col(Film.id).in_(select(col(FilmPast.film_id)).where(col(FilmPast.until) > at))


def was_standing(one: FilmPast) -> bool:
    """Whether a film was one of the base: there, and not merged into another."""
    return one.present and one.merged_into is None


def read_films(session: Session, filters: Filters, past: Past, at: datetime) -> Iterator[FilmFacts]:
    """Every film of the base as it stood at a moment, by number, never all in memory. `past` is of that moment, or empty."""
    lists = (cast(col(Film.countries), String), cast(col(Film.genres), String))
    plain = (col(Film.admissions), col(Film.runtime_min), cast(col(Film.kind), String), col(Film.in_cinemas))
    asked = select(col(Film.id), col(Film.year), col(Film.release_date), *lists, *plain, case((is_adult(), 1), else_=0))
    asked = asked.where(or_(is_standing(), changed_since(at)) if past else is_standing()).order_by(col(Film.id))
    for number, year, release, lands, genres, admissions, minutes, kind, cinemas, adult in rows_of(session, asked):
        if was := past.get(number):
            if was_standing(was):
                yield _former(was, filters)
            continue
        found = codes(words(lands))
        told = (words(genres), admissions, minutes, _KINDS.get(kind), cinemas, bool(adult))
        yield FilmFacts(number, year, release, found, nation(found, filters.country), *told)


def _former(was: FilmPast, filters: Filters) -> FilmFacts:
    found, adult = codes(tuple(was.countries)), tells_adult(was.age_rating, was.genres)
    told = (tuple(was.genres), was.admissions, was.runtime_min, was.kind, was.in_cinemas, adult)
    return FilmFacts(was.film_id, was.year, was.release_date, found, nation(found, filters.country), *told)
