"""The films of the base as tables look at them: a few facts, and the classes they fall in."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, case, cast, or_, select
from sqlmodel import Session, col

from records.countries import country_code
from records.films import Film
from records.shelves import is_adult
from records.tables.nations import nation
from records.tables.shape import Filters, Known
from records.vocabulary import Kind


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
def codes(written: str | None) -> tuple[str, ...]:
    """The codes of the countries listed, each once; a name that is no country gives none."""
    return tuple(dict.fromkeys(code for name in words(written) if (code := country_code(name))))


def rows_of(session: Session, asked: Any) -> Iterator[Any]:
    """The rows of a query on columns, never all in memory; the ORM, which has nothing to do there, is left aside."""
    return iter(session.connection().execute(asked.execution_options(yield_per=10_000)))


def stood_alone(at: datetime, known: Known) -> ColumnElement[bool]:
    """Whether a film was one of the base at a moment: one that was merged into another since then still was."""
    alone = col(Film.merged_into).is_(None)
    return alone if known is Known.TODAY else or_(alone, col(Film.updated) > at)


def read_films(session: Session, at: datetime, filters: Filters) -> Iterator[FilmFacts]:
    """Every film of the base at a moment, by number, with its facts of today; they are never all in memory."""
    lists = (cast(col(Film.countries), String), cast(col(Film.genres), String))
    plain = (col(Film.admissions), col(Film.runtime_min), cast(col(Film.kind), String), col(Film.in_cinemas))
    asked = select(col(Film.id), col(Film.year), col(Film.release_date), *lists, *plain, case((is_adult(), 1), else_=0))
    asked = asked.where(stood_alone(at, filters.known)).order_by(col(Film.id))
    for number, year, release, lands, genres, admissions, minutes, kind, cinemas, adult in rows_of(session, asked):
        found = codes(lands)
        told = (words(genres), admissions, minutes, _KINDS.get(kind), cinemas, bool(adult))
        yield FilmFacts(number, year, release, found, nation(found, filters.country), *told)
