"""Load all that the page of a film shows, in few queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from domain.common.enums import TitleKind
from domain.common.titles import build_title_key
from domain.films.directors import build_director_key, list_films_by_same_directors
from domain.models.film import Film, FilmIdentifier, FilmTitle
from domain.offers.availability import AvailableOffer, available_offers
from domain.offers.history import PastOffer, list_past_offers

_MAX_TITLES = 40
_MAX_PAST_OFFERS = 8
_MAX_RELATED_FILMS = 6


@dataclass(frozen=True)
class FilmPage:
    """Represent a film with all that its page shows at a moment.

    `directors` are names with their keys, `identifiers` values with their schemes first, `other_titles` those that are
    neither the title nor the original one, `related_films` other films of its directors that are offered now.
    """

    film: Film
    at: datetime
    offers: list[AvailableOffer]
    former_offers: list[PastOffer]
    related_films: list[Film]
    directors: list[tuple[str, str]]
    original_language: str | None
    other_titles: list[FilmTitle]
    identifiers: list[tuple[str, str]]


def load_film_page(session: Session, film: Film, at: datetime) -> FilmPage:
    """Return all that the page of a film shows at a moment."""
    offers = available_offers(session, film.id, at)
    current_accesses = {(available.platform.slug, available.offer.access) for available in offers}
    titles = _load_titles(session, film)
    return FilmPage(
        film=film,
        at=at,
        offers=offers,
        former_offers=list_past_offers(session, film.id, at, current_accesses, _MAX_PAST_OFFERS),
        related_films=list_films_by_same_directors(session, film, at, _MAX_RELATED_FILMS),
        directors=[(name, build_director_key(name)) for name in film.directors],
        original_language=_get_original_language(titles),
        other_titles=_list_other_titles(film, titles),
        identifiers=_load_identifiers(session, film),
    )


def _load_titles(session: Session, film: Film) -> Sequence[FilmTitle]:
    stmt = select(FilmTitle).where(FilmTitle.film_id == film.id).order_by(col(FilmTitle.id)).limit(_MAX_TITLES)
    return session.exec(stmt).all()


def _load_identifiers(session: Session, film: Film) -> list[tuple[str, str]]:
    stmt = select(FilmIdentifier.scheme, FilmIdentifier.value).where(FilmIdentifier.film_id == film.id)
    return list(session.exec(stmt.order_by(col(FilmIdentifier.scheme), col(FilmIdentifier.value))))


def _get_original_language(titles: Sequence[FilmTitle]) -> str | None:
    return next((title.language for title in titles if title.kind is TitleKind.ORIGINAL and title.language), None)


def _list_other_titles(film: Film, titles: Sequence[FilmTitle]) -> list[FilmTitle]:
    shown_keys = {build_title_key(title) for title in (film.title, film.original_title) if title}
    return [title for title in titles if title.key not in shown_keys]
