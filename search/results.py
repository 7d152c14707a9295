"""Search films by words and filters: one search for the site, the API and the feeds."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from domain.common.enums import Access
from domain.common.pagination import count_pages
from domain.models.film import Film
from domain.offers.availability import available_films, available_presences, select_available_film_ids
from search.filters import NO_FILTERS, Filters, build_film_conditions, build_offer_conditions, matches_country
from search.query import NormalisedTitle, normalise_query
from search.ranking import Match, rank_candidates
from search.retrieval import find_likely_candidates, find_partial_candidates
from search.title_index import TitleIndex

PAGE_SIZE = 20
MAX_RESULTS = 300
_MAX_FILTERED_RESULTS = 1_000
_SURE_SIMILARITY = 0.8
_AVAILABILITY_BONUS = 0.05
"""What a current offer adds to the similarity of a film, so that films alike come with those on offer first."""

IndexLoader = Callable[[Session], TitleIndex]
"""Opens the title index; called only for a search that has words."""


@dataclass(frozen=True)
class Hit:
    """A film found, and how it can be watched now."""

    film: Film
    accesses: list[Access]


@dataclass(frozen=True)
class Results:
    """One page of films; `suggested_title` may be what a misspelt query meant; `is_truncated`: there are more films."""

    hits: list[Hit]
    total: int
    page: int
    suggested_title: str | None = None
    is_truncated: bool = False

    @property
    def pages(self) -> int:
        """Return how many pages there are; one when nothing was found."""
        return count_pages(self.total, PAGE_SIZE)


@dataclass(frozen=True)
class FoundFilms:
    """Ids of films in display order. `is_misspelt`: none has every word; `is_truncated`: there are more."""

    film_ids: list[int]
    is_misspelt: bool = False
    is_truncated: bool = False


def find_matches(index: TitleIndex, query: NormalisedTitle, limit: int) -> list[Match]:
    """Return films like the query, best first; films that have only some of its words are added when none is near."""
    candidates = find_likely_candidates(index, query, limit)
    matches = rank_candidates(query, candidates)
    if matches and matches[0].similarity >= _SURE_SIMILARITY:
        return matches
    partial_candidates = find_partial_candidates(index, query, limit)
    return rank_candidates(query, dict.fromkeys([*candidates, *partial_candidates]))


def search_films(
    session: Session, load_index: IndexLoader, query: str, page: int, at: datetime, filters: Filters = NO_FILTERS
) -> Results:
    """Return a page of the films that look like the query and pass the filters.

    Among films that look alike, those that can be watched at that moment come first. Without a query, list the films on
    offer, best known first.
    """
    matching = find_films(session, load_index, query, at, filters)
    first = (page - 1) * PAGE_SIZE
    hits = _load_hits(session, matching.film_ids[first : first + PAGE_SIZE], at)
    suggested_title = None
    if matching.is_misspelt and matching.film_ids:
        suggested_title = session.get_one(Film, matching.film_ids[0]).title
    return Results(hits, len(matching.film_ids), page, suggested_title, matching.is_truncated)


def find_films(session: Session, load_index: IndexLoader, query: str, at: datetime, filters: Filters = NO_FILTERS) -> FoundFilms:
    """Return the ids of all the films that `search_films` shows, in its order."""
    title = normalise_query(query)
    has_filters = filters.has_offer_filters or filters.has_film_filters
    if not title.keys[0]:
        return _list_filtered_films(session, filters, at) if has_filters else FoundFilms([])
    limit = _MAX_FILTERED_RESULTS if has_filters else MAX_RESULTS
    matches = find_matches(load_index(session), title, limit)
    accepted_ids = _apply_filters(session, [match.candidate.film_id for match in matches], filters, at)
    scores = {match.candidate.film_id: match.score for match in matches if match.candidate.film_id in accepted_ids}
    for film_id in available_films(session, at, scores):
        scores[film_id] += _AVAILABILITY_BONUS
    film_ids = sorted(scores, key=lambda film_id: -scores[film_id])
    is_misspelt = bool(matches) and not matches[0].exact
    return FoundFilms(film_ids, is_misspelt, is_truncated=len(matches) >= limit)


def _apply_filters(session: Session, film_ids: Sequence[int], filters: Filters, at: datetime) -> set[int]:
    accepted_ids = set(film_ids)
    if filters.has_offer_filters:
        accepted_ids = available_films(session, at, film_ids, build_offer_conditions(filters))
    if filters.has_film_filters and accepted_ids:
        stmt = select(Film.id, Film.countries).where(col(Film.id).in_(accepted_ids), *build_film_conditions(filters))
        accepted_ids = {film_id for film_id, countries in session.exec(stmt) if matches_country(countries, filters)}
    return accepted_ids


def _list_filtered_films(session: Session, filters: Filters, at: datetime) -> FoundFilms:
    on_offer = col(Film.id).in_(select_available_film_ids(at, build_offer_conditions(filters)))
    stmt = (
        select(Film.id, Film.countries)
        .where(on_offer, *build_film_conditions(filters))
        .order_by(col(Film.popularity).desc().nulls_last(), col(Film.year).desc().nulls_last(), col(Film.id))
    )
    return FoundFilms([film_id for film_id, countries in session.exec(stmt) if matches_country(countries, filters)])


def _load_hits(session: Session, film_ids: Sequence[int], at: datetime) -> list[Hit]:
    films = {film.id: film for film in session.exec(select(Film).where(col(Film.id).in_(film_ids)))}
    accesses: defaultdict[int, set[Access]] = defaultdict(set)
    for film_id, _, access in available_presences(session, at, film_ids):
        accesses[film_id].add(access)
    order = list(Access)
    return [Hit(films[film_id], sorted(accesses[film_id], key=order.index)) for film_id in film_ids]
