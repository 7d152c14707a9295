"""The films of the base as tables look at them: a few facts, and the classes they fall in."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, case, cast, or_, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from domain.common.countries import get_country_code
from domain.common.enums import Kind
from domain.coverage.nationality import get_nationality
from domain.coverage.schema import Filters
from domain.linking.redirects import is_canonical
from domain.models.film import Film, FilmRevision
from domain.offers.listings import has_adult_content, is_adult


class FilmFacts(NamedTuple):
    """A film: years and day of release, country codes in the base's order, nationality class, first admissions, minutes."""

    id: int
    year: int | None
    released_on: date | None
    countries: tuple[str, ...]
    nationality: str
    genres: tuple[str, ...]
    admissions: int | None
    runtime_min: int | None
    kind: Kind | None
    in_cinemas: bool | None
    adult: bool

    @property
    def is_released(self) -> bool:
        """Whether it was released in French cinemas on a known day."""
        return self.released_on is not None and self.in_cinemas is not False


_KIND_BY_VALUE = {kind.value: kind for kind in Kind}


@lru_cache(50_000)
def parse_json_list(text: str | None) -> tuple[str, ...]:
    """The words of a list that the database keeps as JSON."""
    return tuple(json.loads(text)) if text else ()


@lru_cache(50_000)
def get_country_codes(names: tuple[str, ...]) -> tuple[str, ...]:
    """The codes of countries, each once; a name that is no country gives none."""
    return tuple(dict.fromkeys(code for name in names if (code := get_country_code(name))))


def iter_rows(session: Session, query: Any) -> Iterator[Any]:
    """The rows of a query on columns, never all in memory; the ORM, which has nothing to do there, is left aside."""
    return iter(session.connection().execute(query.execution_options(yield_per=10_000)))


FilmRevisions = Mapping[int, FilmRevision]
"""What the base said of films at a moment, by number, where it says something else since."""


def get_film_revisions(session: Session, at: datetime) -> FilmRevisions:
    """What the base said at a moment of the films that it tells otherwise since."""
    later = select_rows(FilmRevision).join(Film, col(Film.id) == col(FilmRevision.film_id)).where(FilmRevision.valid_until > at)
    found = session.exec(later.order_by(col(FilmRevision.valid_until).desc(), col(FilmRevision.id).desc()))
    return {one.film_id: one for one in found}


def has_changed_since(at: datetime) -> ColumnElement[bool]:
    """Whether a film is one of those, as an SQL condition on Film."""
    return col(Film.id).in_(select(col(FilmRevision.film_id)).where(col(FilmRevision.valid_until) > at))


def was_canonical(revision: FilmRevision) -> bool:
    """Whether a film was one of the base: there, and not merged into another."""
    return revision.present and revision.merged_into is None


def iter_film_facts(session: Session, filters: Filters, film_revisions: FilmRevisions, at: datetime) -> Iterator[FilmFacts]:
    """Every film of the base as it stood at a moment, by number, never all in memory. `past` is of that moment, or empty."""
    lists = (cast(col(Film.countries), String), cast(col(Film.genres), String))
    plain = (col(Film.admissions), col(Film.runtime_min), cast(col(Film.kind), String), col(Film.in_cinemas))
    asked = select(col(Film.id), col(Film.year), col(Film.release_date), *lists, *plain, case((is_adult(), 1), else_=0))
    asked = asked.where(or_(is_canonical(), has_changed_since(at)) if film_revisions else is_canonical()).order_by(col(Film.id))
    for number, year, release, lands, genres, admissions, minutes, kind, cinemas, adult in iter_rows(session, asked):
        if was := film_revisions.get(number):
            if was_canonical(was):
                yield _build_revision_facts(was, filters)
            continue
        found = get_country_codes(parse_json_list(lands))
        told = (parse_json_list(genres), admissions, minutes, _KIND_BY_VALUE.get(kind), cinemas, bool(adult))
        yield FilmFacts(number, year, release, found, get_nationality(found, filters.country), *told)


def _build_revision_facts(revision: FilmRevision, filters: Filters) -> FilmFacts:
    found, adult = get_country_codes(tuple(revision.countries)), has_adult_content(revision.age_rating, revision.genres)
    told = (tuple(revision.genres), revision.admissions, revision.runtime_min, revision.kind, revision.in_cinemas, adult)
    return FilmFacts(
        revision.film_id, revision.year, revision.release_date, found, get_nationality(found, filters.country), *told
    )
