"""A page of films for a query and its filters: one search for the site, the API and the feeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from domain.common.enums import Access
from domain.models.film import Film
from domain.offers.availability import available_films, available_presences, select_available_film_ids
from search.filters import NO_FILTERS, Filters, build_film_conditions, build_offer_conditions, is_of_country
from search.index_holder import get_index_manager
from search.query import NormalisedTitle, normalise_query
from search.ranking import Match, rank_candidates
from search.retrieval import find_likely_candidates, find_partial_candidates
from search.title_index import TitleIndex
from webapp.core.pagination import count_pages

PAGE_SIZE = 20
MAX_RESULTS = 300
_MAX_FILTERED_RESULTS = 1_000
_SURE_SIMILARITY = 0.8
_AVAILABILITY_BONUS = 0.05  # what being on offer is worth among films that look alike


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
    suggested_title: str | None = None
    is_truncated: bool = False

    @property
    def pages(self) -> int:
        """How many pages there are; one when nothing was found."""
        return count_pages(self.total, PAGE_SIZE)


@dataclass(frozen=True)
class FoundFilms:
    """Films in the order they are shown. `misspelt`: none has every word; `cut`: there are more."""

    film_ids: list[int]
    is_misspelt: bool = False
    is_truncated: bool = False


def find_matches(index: TitleIndex, query: NormalisedTitle, limit: int) -> list[Match]:
    """Films like the query, best first; those that have only some of its words are tried when none is near."""
    candidates = find_likely_candidates(index, query, limit)
    found = rank_candidates(query, candidates)
    if found and found[0].similarity >= _SURE_SIMILARITY:
        return found
    return rank_candidates(query, dict.fromkeys([*candidates, *find_partial_candidates(index, query, limit)]))


def search_films(session: Session, query: str, page: int, at: datetime, filters: Filters = NO_FILTERS) -> Results:
    """A page of the films that look like the query among those the filters keep. Called within the application.

    Films that can be watched now come first among those that look alike; without a query, those on offer, the best known first.
    """
    found = find_films(session, query, at, filters)
    hits = _load_hits(session, found.film_ids[(page - 1) * PAGE_SIZE : page * PAGE_SIZE], at)
    meant = session.get_one(Film, found.film_ids[0]).title if found.is_misspelt and found.film_ids else None
    return Results(hits, len(found.film_ids), page, meant, found.is_truncated)


def find_films(session: Session, query: str, at: datetime, filters: Filters = NO_FILTERS) -> FoundFilms:
    """The numbers of all the films that `search_films` would show, in its order."""
    wording = normalise_query(query)
    if not wording.keys[0]:
        return _list_filtered_films(session, filters, at)
    most = _MAX_FILTERED_RESULTS if filters.has_offer_filters or filters.has_film_filters else MAX_RESULTS
    found = find_matches(get_index_manager().get_index(session), wording, most)
    kept = _apply_filters(session, [match.candidate.film_id for match in found], filters, at)
    scores = {match.candidate.film_id: match.score for match in found if match.candidate.film_id in kept}
    on_offer = available_films(session, at, scores)
    order = sorted(scores, key=lambda film_id: -(scores[film_id] + _AVAILABILITY_BONUS * (film_id in on_offer)))
    return FoundFilms(order, is_misspelt=bool(found) and not found[0].exact, is_truncated=len(found) >= most)


def _apply_filters(session: Session, film_ids: Sequence[int], filters: Filters, at: datetime) -> set[int]:
    kept = set(film_ids)
    if filters.has_offer_filters:
        kept = available_films(session, at, film_ids, build_offer_conditions(filters))
    if filters.has_film_filters and kept:
        films = select(Film.id, Film.countries).where(col(Film.id).in_(kept), *build_film_conditions(filters))
        kept = {film_id for film_id, countries in session.exec(films) if is_of_country(countries, filters)}
    return kept


def _list_filtered_films(session: Session, filters: Filters, at: datetime) -> FoundFilms:
    if not (filters.has_offer_filters or filters.has_film_filters):
        return FoundFilms([])
    on_offer = col(Film.id).in_(select_available_film_ids(at, build_offer_conditions(filters)))
    known, year = col(Film.popularity).desc().nulls_last(), col(Film.year).desc().nulls_last()
    films = select(Film.id, Film.countries).where(on_offer, *build_film_conditions(filters)).order_by(known, year, col(Film.id))
    return FoundFilms([film_id for film_id, countries in session.exec(films) if is_of_country(countries, filters)])


def _load_hits(session: Session, film_ids: Sequence[int], at: datetime) -> list[Hit]:
    films = {film.id: film for film in session.exec(select(Film).where(col(Film.id).in_(film_ids)))}
    shown = {(film_id, access) for film_id, _, access in available_presences(session, at, film_ids)}
    return [Hit(films[film_id], [access for access in Access if (film_id, access) in shown]) for film_id in film_ids]
