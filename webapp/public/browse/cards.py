"""A page of a list: the films, and in words what is said of each."""

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
from webapp.public.browse.listings import FilmLine, MoveKind, filter_by_services

PER_PAGE = 30


@dataclass(frozen=True)
class Card:
    """A film as a list shows it: how it can be watched now, and where it moves, one sentence."""

    film: Film
    line: FilmLine
    accesses: list[Access]
    sentence: str | None


@dataclass(frozen=True)
class ListPage:
    """One page of a list: of `total` films, or films and days where it is by day."""

    cards: list[Card]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are; one when there is nothing."""
        return count_pages(self.total, PER_PAGE)

    @property
    def cards_by_day(self) -> list[tuple[date | None, list[Card]]]:
        """The cards of each day, in the order they came."""
        return [(day, list(cards)) for day, cards in groupby(self.cards, key=lambda card: card.line.day)]


def load_list_page(
    db: Session, lines: Sequence[FilmLine], page: int, at: datetime, selection: ServiceSelection | None = None
) -> ListPage:
    """A page of a list, of some services only where they are named. A page beyond the last is not found."""
    wanted = filter_by_services(lines, selection.platform_ids) if selection else lines
    shown = wanted[(page - 1) * PER_PAGE : page * PER_PAGE]
    if page > 1 and not shown:
        abort(404)
    return ListPage(build_cards(db, shown, at, selection), len(wanted), page)


def build_cards(db: Session, lines: Sequence[FilmLine], at: datetime, selection: ServiceSelection | None = None) -> list[Card]:
    """The cards of these lines, in their order."""
    numbers = {line.film_id for line in lines}
    films = {film.id: film for film in db.exec(select(Film).where(col(Film.id).in_(numbers)))}
    chosen = selection.platform_ids if selection else ()
    presences = available_presences(db, at, numbers)
    ways = {(film, access) for film, platform, access in presences if not chosen or platform in chosen}
    services = load_platforms(db)
    return [
        Card(
            films[line.film_id],
            line,
            [access for access in Access if (line.film_id, access) in ways],
            format_move(line, services, at),
        )
        for line in lines
        if line.film_id in films
    ]


def load_platforms(db: Session) -> dict[int, Platform]:
    """Every service, by number."""
    return {platform.id: platform for platform in db.exec(select(Platform)) if platform.id is not None}


def format_move(line: FilmLine, platforms: dict[int, Platform], at: datetime) -> str | None:
    """« Nouveau : Ciné-Démo (location, achat) », services in the neutral order of a moment; None where nothing moves."""
    if line.move_kind is None or line.day is None:
        return None
    sentence = {
        MoveKind.NEW: gettext("Nouveau : %(services)s"),
        MoveKind.ALSO: gettext("Aussi sur %(services)s"),
        MoveKind.BACK: gettext("De retour sur %(services)s"),
        MoveKind.LAST: gettext("Jusqu’au %(day)s sur %(services)s ; ensuite, plus aucune offre connue"),
        MoveKind.STAYS: gettext("Jusqu’au %(day)s sur %(services)s ; ensuite, d’autres offres restent"),
        MoveKind.CAME: gettext("Arrivé le %(day)s : %(services)s"),
        MoveKind.LEFT: gettext("Parti le %(day)s : %(services)s"),
    }[line.move_kind]
    return sentence % {"day": format_long_date(line.day), "services": format_services(line, platforms, at)}


def format_services(line: FilmLine, platforms: dict[int, Platform], at: datetime) -> str:
    """« Ciné-Démo (location, achat), Kiosque (par abonnement) », in the neutral order of a moment."""
    ordered = sort_in_neutral_order(
        (platforms[number] for number in line.platform_ids), line.film_id, at, lambda service: service.slug
    )
    return ", ".join(f"{service.name} ({_format_service_accesses(line, service.id)})" for service in ordered)


def _format_service_accesses(line: FilmLine, platform_id: int | None) -> str:
    there = {access for number, access in line.platform_accesses if number == platform_id}
    return ", ".join(gettext(ACCESS_LABELS[access]).lower() for access in Access if access in there)
