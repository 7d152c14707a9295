"""What the page of a film tells, gathered in few queries."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from domain.common.enums import TitleKind
from domain.common.titles import build_title_key
from domain.films.directors import build_director_key, list_films_by_same_directors
from domain.models.film import Film, FilmIdentifier, FilmTitle
from domain.offers.availability import AvailableOffer, available_offers
from domain.offers.history import PastOffer, list_past_offers

_MAX_TITLES, _MAX_PAST_OFFERS, _MAX_RELATED_FILMS = 40, 8, 6


@dataclass(frozen=True)
class FilmPage:
    """A film with all that its page tells; `directors` are names with their keys, `identifiers` numbers by scheme.

    `other_titles` are neither the title nor the original one; `also` are films of its directors offered now.
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
    """All that the page of a film tells at a moment."""
    offers = available_offers(session, film.id, at)
    current = {(shown.platform.slug, shown.offer.access) for shown in offers}
    by_age = select(FilmTitle).where(FilmTitle.film_id == film.id).order_by(col(FilmTitle.id))
    titles = session.exec(by_age.limit(_MAX_TITLES)).all()
    known = {build_title_key(title) for title in (film.title, film.original_title) if title}
    identifiers = select(FilmIdentifier.scheme, FilmIdentifier.value).where(FilmIdentifier.film_id == film.id)
    return FilmPage(
        film=film,
        at=at,
        offers=offers,
        former_offers=list_past_offers(session, film.id, at, current, _MAX_PAST_OFFERS),
        related_films=list_films_by_same_directors(session, film, at, _MAX_RELATED_FILMS),
        directors=[(name, build_director_key(name)) for name in film.directors],
        original_language=next((title.language for title in titles if title.kind is TitleKind.ORIGINAL and title.language), None),
        other_titles=[title for title in titles if title.key not in known],
        identifiers=list(session.exec(identifiers.order_by(col(FilmIdentifier.scheme), col(FilmIdentifier.value)))),
    )
