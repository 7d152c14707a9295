"""A page of films for a query and its filters: one search for the site, the API and the feeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from domain.common.enums import Access
from domain.models.film import Film
from domain.offers.availability import available_films, available_presences, offered
from search.filters import ALL, Filters, film_conditions, is_of_country, offer_conditions
from search.index_holder import titles
from search.query import Wording, query_wording
from search.ranking import Match, ranked
from search.retrieval import likely, remote
from search.title_index import TitleIndex
from webapp.core.pagination import count_pages

PAGE_SIZE = 20
MOST = 300
_MOST_FILTERED = 1_000
_SURE = 0.8
_AVAILABLE = 0.05  # what being on offer is worth among films that look alike


@dataclass(frozen=True)
class Hit:
    """A film found, and how it can be watched now."""

    film: Film
    accesses: list[Access]


@dataclass(frozen=True)
class Results:
    """One page of films. `meant` is the title that the query, misspelt, may stand for; `cut` says that there are more films."""

    hits: list[Hit]
    total: int
    page: int
    meant: str | None = None
    cut: bool = False

    @property
    def pages(self) -> int:
        """How many pages there are; one when nothing was found."""
        return count_pages(self.total, PAGE_SIZE)


@dataclass(frozen=True)
class Found:
    """Films in the order they are shown. `misspelt`: none has every word; `cut`: there are more."""

    film_ids: list[int]
    misspelt: bool = False
    cut: bool = False


def matches(index: TitleIndex, query: Wording, most: int) -> list[Match]:
    """Films like the query, best first; those that have only some of its words are tried when none is near."""
    candidates = likely(index, query, most)
    found = ranked(query, candidates)
    if found and found[0].likeness >= _SURE:
        return found
    return ranked(query, dict.fromkeys([*candidates, *remote(index, query, most)]))


def search_films(session: Session, query: str, page: int, at: datetime, filters: Filters = ALL) -> Results:
    """A page of the films that look like the query among those the filters keep. Called within the application.

    Films that can be watched now come first among those that look alike; without a query, those on offer, the best known first.
    """
    found = find_films(session, query, at, filters)
    hits = _hits(session, found.film_ids[(page - 1) * PAGE_SIZE : page * PAGE_SIZE], at)
    meant = session.get_one(Film, found.film_ids[0]).title if found.misspelt and found.film_ids else None
    return Results(hits, len(found.film_ids), page, meant, found.cut)


def find_films(session: Session, query: str, at: datetime, filters: Filters = ALL) -> Found:
    """The numbers of all the films that `search_films` would show, in its order."""
    wording = query_wording(query)
    if not wording.keys[0]:
        return _browse(session, filters, at)
    most = _MOST_FILTERED if filters.of_offers or filters.of_films else MOST
    found = matches(titles().index(session), wording, most)
    kept = _kept(session, [match.candidate.film_id for match in found], filters, at)
    scores = {match.candidate.film_id: match.score for match in found if match.candidate.film_id in kept}
    on_offer = available_films(session, at, scores)
    order = sorted(scores, key=lambda film_id: -(scores[film_id] + _AVAILABLE * (film_id in on_offer)))
    return Found(order, misspelt=bool(found) and not found[0].exact, cut=len(found) >= most)


def _kept(session: Session, film_ids: Sequence[int], filters: Filters, at: datetime) -> set[int]:
    kept = set(film_ids)
    if filters.of_offers:
        kept = available_films(session, at, film_ids, offer_conditions(filters))
    if filters.of_films and kept:
        films = select(Film.id, Film.countries).where(col(Film.id).in_(kept), *film_conditions(filters))
        kept = {film_id for film_id, countries in session.exec(films) if is_of_country(countries, filters)}
    return kept


def _browse(session: Session, filters: Filters, at: datetime) -> Found:
    if not (filters.of_offers or filters.of_films):
        return Found([])
    on_offer = col(Film.id).in_(offered(at, offer_conditions(filters)))
    known, year = col(Film.popularity).desc().nulls_last(), col(Film.year).desc().nulls_last()
    films = select(Film.id, Film.countries).where(on_offer, *film_conditions(filters)).order_by(known, year, col(Film.id))
    return Found([film_id for film_id, countries in session.exec(films) if is_of_country(countries, filters)])


def _hits(session: Session, film_ids: Sequence[int], at: datetime) -> list[Hit]:
    films = {film.id: film for film in session.exec(select(Film).where(col(Film.id).in_(film_ids)))}
    shown = {(film_id, access) for film_id, _, access in available_presences(session, at, film_ids)}
    return [Hit(films[film_id], [access for access in Access if (film_id, access) in shown]) for film_id in film_ids]
