"""The base read by stretches of films, so that memory holds one of them at a time whatever the size of the base."""

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
_BATCH_SIZE = 2_000
_FILM_COLUMNS: tuple[Any, ...] = (
    *(Film.id, Film.title, Film.original_title, Film.slug, Film.year, Film.release_date, Film.runtime_min),
    *(Film.directors, Film.countries, Film.kind),
)
_PERIOD_COLUMNS: tuple[Any, ...] = (
    *(Judgement.film_id, Judgement.who, Judgement.by_person, Judgement.decided_at, Judgement.probability),
    *(Offer.id, type_coerce(Offer.access, String).label("access"), Offer.price_cents, Offer.currency),
    *(type_coerce(Offer.quality, String).label("quality"), Offer.languages, Offer.audio_description),
    *(Offer.sdh, Offer.edition, Offer.starts, Offer.ends, Offer.url, Offer.first_seen, Offer.last_seen),
    *(Offer.first_run_id, Offer.last_run_id, Offer.closed_at, Offer.closed_why),
    *(col(Platform.slug).label("platform"), col(Entry.url).label("entry_url")),
)


@dataclass(frozen=True)
class FilmBatch:
    """Some films in the order of their numbers, with their identifiers, other titles and periods of offers, by film.

    The names of columns are those of the tables, words as they are stored. `offers` are the periods that are open at the moment
    of the export, `links`, by the number of one, where it may be followed, and `written` the cells that several tables share.
    """

    films: Sequence[Row[Any]]
    identifiers: dict[int, dict[str, list[str]]]
    titles: dict[int, list[Row[Any]]]
    periods: dict[int, list[Row[Any]]]
    offers: dict[int, list[Row[Any]]]
    links: dict[int, str | None]
    offer_cells: dict[int, Sequence[Any]] = field(default_factory=dict)


def iter_film_batches(session: Session, at: datetime, hosts: dict[str, list[str]]) -> Iterator[FilmBatch]:
    """All the films of the base, in the order of their numbers, as they stand at a moment; `hosts` are each service's sites."""
    after = -1
    ask = (
        session.connection().execute
    )  # by the session, the same rows would pass through its objects, for half as much time again
    standing = select(*_FILM_COLUMNS).where(is_canonical()).order_by(col(Film.id)).limit(_BATCH_SIZE)
    while films := ask(standing.where(col(Film.id) > after)).all():
        first, after = films[0].id, films[-1].id
        periods = _get_periods(ask, at, first, after)
        offers = {film: found for film, some in periods.items() if (found := [period for period in some if period.available])}
        links = {
            offer.id: pick_allowed_url((offer.url, offer.entry_url), hosts[offer.platform])
            for some in offers.values()
            for offer in some
        }
        yield FilmBatch(films, _get_identifiers(ask, first, after), _get_other_titles(ask, first, after), periods, offers, links)


def _get_identifiers(execute: Execute, first: int, last: int) -> dict[int, dict[str, list[str]]]:
    numbers: tuple[Any, ...] = (FilmIdentifier.film_id, FilmIdentifier.scheme, FilmIdentifier.value)
    asked = select(*numbers).order_by(col(FilmIdentifier.id))
    found: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for film_id, scheme, value in execute(asked.where(col(FilmIdentifier.film_id).between(first, last))):
        found[film_id][scheme].append(value)
    return found


def _get_other_titles(execute: Execute, first: int, last: int) -> dict[int, list[Row[Any]]]:
    told: tuple[Any, ...] = (FilmTitle.film_id, FilmTitle.title, FilmTitle.language)
    asked = select(*told).order_by(col(FilmTitle.id))
    others = asked.where(col(FilmTitle.film_id).between(first, last), col(FilmTitle.kind) != TitleKind.DISPLAY)
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in execute(others):
        found[row.film_id].append(row)
    return found


def _get_periods(execute: Execute, at: datetime, first: int, last: int) -> dict[int, list[Row[Any]]]:
    asked = join_linked_offers(select(*_PERIOD_COLUMNS, is_open(at).label("available")))
    asked = asked.where(col(Judgement.film_id).between(first, last), col(Offer.first_seen) <= at)
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in execute(asked.order_by(col(Judgement.film_id), col(Offer.id))):
        found[row.film_id].append(row)
    return found
