"""Read the films of the reference base as tables count them: a few facts, as of a moment."""

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
    """Hold the facts of a film that tables count.

    `countries` are codes in the order of the source, `admissions` those of the first four weeks, `runtime_min` minutes.
    """

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
        """Return whether the film was released in French cinemas on a known day."""
        return self.released_on is not None and self.in_cinemas is not False


_KIND_BY_VALUE = {kind.value: kind for kind in Kind}
_FACT_COLUMNS: tuple[Any, ...] = (
    *(col(Film.id), col(Film.year), col(Film.release_date)),
    *(cast(col(Film.countries), String), cast(col(Film.genres), String)),
    *(col(Film.admissions), col(Film.runtime_min), cast(col(Film.kind), String), col(Film.in_cinemas)),
)


@lru_cache(50_000)
def parse_json_list(text: str | None) -> tuple[str, ...]:
    """Parse a list of texts that the database stores as JSON."""
    return tuple(json.loads(text)) if text else ()


@lru_cache(50_000)
def get_country_codes(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the codes of countries, each once; names that are not countries are left out."""
    codes = filter(None, map(get_country_code, names))
    return tuple(dict.fromkeys(codes))


def iter_rows(session: Session, query: Any) -> Iterator[Any]:
    """Yield the rows of a query on columns without holding them all in memory, past the ORM, which would only slow it down."""
    return iter(session.connection().execute(query.execution_options(yield_per=10_000)))


FilmRevisions = Mapping[int, FilmRevision]
"""The facts of films at a moment, by film id, for those that changed since."""


def get_film_revisions(session: Session, at: datetime) -> FilmRevisions:
    """Return the facts at a moment of the films that changed since: the earliest revision that was valid after it."""
    stmt = select_rows(FilmRevision).join(Film, col(Film.id) == col(FilmRevision.film_id)).where(FilmRevision.valid_until > at)
    latest_first = session.exec(stmt.order_by(col(FilmRevision.valid_until).desc(), col(FilmRevision.id).desc()))
    return {revision.film_id: revision for revision in latest_first}


def has_changed_since(at: datetime) -> ColumnElement[bool]:
    """Return the SQL condition that a film changed since a moment."""
    return col(Film.id).in_(select(col(FilmRevision.film_id)).where(col(FilmRevision.valid_until) > at))


def was_canonical(revision: FilmRevision) -> bool:
    """Return whether a film was in the reference base: present, and not merged into another."""
    return revision.present and revision.merged_into is None


def iter_film_facts(session: Session, filters: Filters, film_revisions: FilmRevisions, at: datetime) -> Iterator[FilmFacts]:
    """Yield every film of the reference base as of a moment, by id, without holding them all in memory.

    `film_revisions` are those of the same moment, or empty to take today's facts.
    """
    condition = is_canonical()
    if film_revisions:
        condition = or_(condition, has_changed_since(at))
    stmt = select(*_FACT_COLUMNS, case((is_adult(), 1), else_=0)).where(condition).order_by(col(Film.id))
    for row in iter_rows(session, stmt):
        revision = film_revisions.get(row[0])
        if revision is None:
            yield _build_film_facts(row, filters)
        elif was_canonical(revision):
            yield _build_revision_facts(revision, filters)


def _build_film_facts(row: Any, filters: Filters) -> FilmFacts:
    """Build the facts of a row of `_FACT_COLUMNS` and the adult flag."""
    film_id, year, release_date, country_names, genres, admissions, runtime_min, kind, in_cinemas, adult = row
    countries = get_country_codes(parse_json_list(country_names))
    return FilmFacts(
        film_id,
        year,
        release_date,
        countries,
        get_nationality(countries, filters.country),
        parse_json_list(genres),
        admissions,
        runtime_min,
        _KIND_BY_VALUE.get(kind),
        in_cinemas,
        bool(adult),
    )


def _build_revision_facts(revision: FilmRevision, filters: Filters) -> FilmFacts:
    countries = get_country_codes(tuple(revision.countries))
    return FilmFacts(
        revision.film_id,
        revision.year,
        revision.release_date,
        countries,
        get_nationality(countries, filters.country),
        tuple(revision.genres),
        revision.admissions,
        revision.runtime_min,
        revision.kind,
        revision.in_cinemas,
        has_adult_content(revision.age_rating, revision.genres),
    )
