"""Build a page of a list: its films, and in words how each moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from flask import abort
from sqlmodel import Session, col, select

from domain.common.enums import Access
from domain.common.pagination import count_pages
from domain.models.film import Film
from domain.models.platform import Platform
from domain.offers.availability import available_presences
from domain.offers.neutral_order import sort_in_neutral_order
from search.filters import ServiceSelection
from webapp.core.formatting import format_long_date
from webapp.core.i18n import gettext
from webapp.core.offer_labels import ACCESS_LABELS
from webapp.public.browse.listed_film import ListedFilm, MoveKind, filter_by_services

PER_PAGE = 30


@dataclass(frozen=True)
class Card:
    """Represent a film as a list shows it: how it can be watched now, and in one sentence how it moves."""

    film: Film
    day: date | None
    accesses: list[Access]
    sentence: str | None


@dataclass(frozen=True)
class ListPage:
    """Represent one page of a list of `total` films, or films and days where the list is by day."""

    cards: list[Card]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """Return how many pages there are; one when the list is empty."""
        return count_pages(self.total, PER_PAGE)

    @property
    def cards_by_day(self) -> list[tuple[date | None, list[Card]]]:
        """Return the cards of each day, in their order."""
        return [(day, list(cards)) for day, cards in groupby(self.cards, key=lambda card: card.day)]


def load_list_page(
    db: Session, films: Sequence[ListedFilm], page: int, at: datetime, selection: ServiceSelection | None = None
) -> ListPage:
    """Return a page of a list, restricted to the services selected; a page beyond the last is answered 404."""
    selected = filter_by_services(films, selection.platform_ids) if selection else films
    on_page = selected[(page - 1) * PER_PAGE : page * PER_PAGE]
    if page > 1 and not on_page:
        abort(404)
    return ListPage(build_cards(db, on_page, at, selection), len(selected), page)


def build_cards(
    db: Session, listed_films: Sequence[ListedFilm], at: datetime, selection: ServiceSelection | None = None
) -> list[Card]:
    """Return the cards of the films of a list, in their order."""
    film_ids = {listed.film_id for listed in listed_films}
    films = {film.id: film for film in db.exec(select(Film).where(col(Film.id).in_(film_ids)))}
    accesses = _load_accesses(db, at, film_ids, selection)
    platforms = load_platforms(db)
    cards = []
    for listed in listed_films:
        film = films.get(listed.film_id)
        if film is not None:
            film_accesses = [access for access in Access if access in accesses.get(listed.film_id, ())]
            cards.append(Card(film, listed.day, film_accesses, format_move(listed, platforms, at)))
    return cards


def _load_accesses(db: Session, at: datetime, film_ids: set[int], selection: ServiceSelection | None) -> dict[int, set[Access]]:
    """Return under which accesses each film can be seen, on the services selected if any are."""
    chosen = selection.platform_ids if selection else ()
    accesses: dict[int, set[Access]] = {}
    for film_id, platform_id, access in available_presences(db, at, film_ids):
        if not chosen or platform_id in chosen:
            accesses.setdefault(film_id, set()).add(access)
    return accesses


def load_platforms(db: Session) -> dict[int, Platform]:
    """Return every service, by id."""
    return {platform.id: platform for platform in db.exec(select(Platform)) if platform.id is not None}


def format_move(listed: ListedFilm, platforms: dict[int, Platform], at: datetime) -> str | None:
    """Return « Nouveau : Ciné-Démo (location, achat) », None where nothing moves.

    Services are in the neutral order of the moment.
    """
    if listed.move_kind is None or listed.day is None:
        return None
    sentence = {
        MoveKind.NEW: gettext("Nouveau : %(services)s"),
        MoveKind.ALSO: gettext("Aussi sur %(services)s"),
        MoveKind.BACK: gettext("De retour sur %(services)s"),
        MoveKind.LAST: gettext("Jusqu’au %(day)s sur %(services)s ; ensuite, plus aucune offre connue"),
        MoveKind.STAYS: gettext("Jusqu’au %(day)s sur %(services)s ; ensuite, d’autres offres restent"),
        MoveKind.CAME: gettext("Arrivé le %(day)s : %(services)s"),
        MoveKind.LEFT: gettext("Parti le %(day)s : %(services)s"),
    }[listed.move_kind]
    return sentence % {"day": format_long_date(listed.day), "services": format_services(listed, platforms, at)}


def format_services(listed: ListedFilm, platforms: dict[int, Platform], at: datetime) -> str:
    """Return « Ciné-Démo (location, achat), Kiosque (par abonnement) », in the neutral order of a moment."""
    services = [platforms[platform_id] for platform_id in listed.platform_ids]
    ordered = sort_in_neutral_order(services, listed.film_id, at, lambda service: service.slug)
    return ", ".join(f"{service.name} ({_format_service_accesses(listed, service.id)})" for service in ordered)


def _format_service_accesses(listed: ListedFilm, platform_id: int | None) -> str:
    accesses = {access for access_platform_id, access in listed.platform_accesses if access_platform_id == platform_id}
    return ", ".join(gettext(ACCESS_LABELS[access]).lower() for access in Access if access in accesses)
