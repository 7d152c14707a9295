"""Read films and their offers in batches, so that memory does not grow with the database."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, Row, String, select, type_coerce
from sqlmodel import Session, col

from domain.common.enums import TitleKind
from domain.common.links import pick_allowed_url
from domain.linking.redirects import is_canonical
from domain.models.entry import Entry
from domain.models.film import Film, FilmIdentifier, FilmTitle
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.offers.availability import is_open, join_linked_offers

Execute = Callable[[Any], CursorResult[*tuple[Any, ...]]]
RowsByFilm = dict[int, list[Row[Any]]]
_BATCH_SIZE = 2_000
_FILM_COLUMNS: tuple[Any, ...] = (
    *(Film.id, Film.title, Film.original_title, Film.slug, Film.year, Film.release_date, Film.runtime_min),
    *(Film.directors, Film.countries, Film.kind),
)
_PERIOD_COLUMNS: tuple[Any, ...] = (
    *(Judgement.film_id, type_coerce(Judgement.author_kind, String).label("author_kind"), Judgement.agent_id),
    *(Judgement.matcher_version, Judgement.author_label, Judgement.by_person),
    *(Judgement.decided_at, Judgement.probability),
    *(Offer.id, type_coerce(Offer.access, String).label("access"), Offer.price_cents, Offer.currency),
    *(type_coerce(Offer.quality, String).label("quality"), Offer.languages, Offer.audio_description),
    *(Offer.sdh, Offer.edition, Offer.starts, Offer.ends, Offer.url, Offer.first_seen, Offer.last_seen),
    *(Offer.first_run_id, Offer.last_run_id, Offer.closed_at, Offer.closed_why),
    *(col(Platform.slug).label("platform"), col(Entry.url).label("entry_url")),
)


@dataclass(frozen=True)
class FilmBatch:
    """Hold some films in the order of their ids, with their identifiers, other titles and offers, by film id.

    Rows have the column names of the tables, and codes as they are stored. `periods` are all the offer periods that had begun
    at the moment of the export, `offers` those that are open, `links` the URL of each open offer by offer id (None: none may be
    followed), and `offer_cells` the formatted cells that several tables share, by offer id.
    """

    films: Sequence[Row[Any]]
    identifiers: dict[int, dict[str, list[str]]]
    titles: RowsByFilm
    periods: RowsByFilm
    offers: RowsByFilm
    links: dict[int, str | None]
    offer_cells: dict[int, Sequence[Any]] = field(default_factory=dict)


def iter_film_batches(session: Session, at: datetime, hosts: dict[str, list[str]]) -> Iterator[FilmBatch]:
    """Yield all the canonical films, in the order of their ids, with the offers of a moment.

    `hosts` gives the host names that the links of each platform, by slug, may lead to.
    """
    # Through the session, the same rows would pass by its objects, for half as much time again.
    execute = session.connection().execute
    stmt = select(*_FILM_COLUMNS).where(is_canonical()).order_by(col(Film.id)).limit(_BATCH_SIZE)
    last_id = -1
    while films := execute(stmt.where(col(Film.id) > last_id)).all():
        first_id, last_id = films[0].id, films[-1].id
        periods = _get_periods(execute, at, first_id, last_id)
        offers = _filter_open_periods(periods)
        yield FilmBatch(
            films,
            _get_identifiers(execute, first_id, last_id),
            _get_other_titles(execute, first_id, last_id),
            periods,
            offers,
            _pick_links(offers, hosts),
        )


def _get_identifiers(execute: Execute, first_id: int, last_id: int) -> dict[int, dict[str, list[str]]]:
    columns: tuple[Any, ...] = (FilmIdentifier.film_id, FilmIdentifier.scheme, FilmIdentifier.value)
    stmt = select(*columns).where(col(FilmIdentifier.film_id).between(first_id, last_id)).order_by(col(FilmIdentifier.id))
    identifiers: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for film_id, scheme, value in execute(stmt):
        identifiers[film_id][scheme].append(value)
    return identifiers


def _get_other_titles(execute: Execute, first_id: int, last_id: int) -> RowsByFilm:
    columns: tuple[Any, ...] = (FilmTitle.film_id, FilmTitle.title, FilmTitle.language)
    stmt = select(*columns).where(col(FilmTitle.film_id).between(first_id, last_id))
    return _group_by_film(execute(stmt.where(col(FilmTitle.kind) != TitleKind.DISPLAY).order_by(col(FilmTitle.id))))


def _get_periods(execute: Execute, at: datetime, first_id: int, last_id: int) -> RowsByFilm:
    stmt = join_linked_offers(select(*_PERIOD_COLUMNS, is_open(at).label("available")))
    stmt = stmt.where(col(Judgement.film_id).between(first_id, last_id), col(Offer.first_seen) <= at)
    return _group_by_film(execute(stmt.order_by(col(Judgement.film_id), col(Offer.id))))


def _group_by_film(rows: CursorResult[*tuple[Any, ...]]) -> RowsByFilm:
    by_film: RowsByFilm = defaultdict(list)
    for row in rows:
        by_film[row.film_id].append(row)
    return by_film


def _filter_open_periods(periods: RowsByFilm) -> RowsByFilm:
    """Keep the periods that are open; films that have none are left out."""
    offers: RowsByFilm = {}
    for film_id, rows in periods.items():
        open_rows = [row for row in rows if row.available]
        if open_rows:
            offers[film_id] = open_rows
    return offers


def _pick_links(offers: RowsByFilm, hosts: dict[str, list[str]]) -> dict[int, str | None]:
    links: dict[int, str | None] = {}
    for rows in offers.values():
        for offer in rows:
            links[offer.id] = pick_allowed_url((offer.url, offer.entry_url), hosts[offer.platform])
    return links
