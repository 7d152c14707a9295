"""A page of a list: the films, and in words what is said of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from flask import abort
from sqlmodel import Session, col, select

from domain.common.enums import Access
from domain.models.film import Film
from domain.models.platform import Platform
from domain.offers.availability import available_presences
from domain.offers.neutral_order import neutral_order
from webapp.core.formatting import long_date
from webapp.core.i18n import gettext
from webapp.core.my_services import MyServices
from webapp.core.offer_labels import ACCESSES
from webapp.core.pagination import count_pages
from webapp.public.browse.listings import Line, Tone, narrowed

PER_PAGE = 30


@dataclass(frozen=True)
class Card:
    """A film as a list shows it: how it can be watched now, and where it moves, one sentence."""

    film: Film
    line: Line
    accesses: list[Access]
    sentence: str | None


@dataclass(frozen=True)
class Shelf:
    """One page of a list: of `total` films, or films and days where it is by day."""

    cards: list[Card]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are; one when there is nothing."""
        return count_pages(self.total, PER_PAGE)

    @property
    def by_day(self) -> list[tuple[date | None, list[Card]]]:
        """The cards of each day, in the order they came."""
        return [(day, list(cards)) for day, cards in groupby(self.cards, key=lambda card: card.line.day)]


def read_shelf(db: Session, lines: Sequence[Line], number: int, at: datetime, mine: MyServices | None = None) -> Shelf:
    """A page of a list, of some services only where they are named. A page beyond the last is not found."""
    wanted = narrowed(lines, mine.platform_ids) if mine else lines
    shown = wanted[(number - 1) * PER_PAGE : number * PER_PAGE]
    if number > 1 and not shown:
        abort(404)
    return Shelf(cards_of(db, shown, at, mine), len(wanted), number)


def cards_of(db: Session, lines: Sequence[Line], at: datetime, mine: MyServices | None = None) -> list[Card]:
    """The cards of these lines, in their order."""
    numbers = {line.film_id for line in lines}
    films = {film.id: film for film in db.exec(select(Film).where(col(Film.id).in_(numbers)))}
    chosen = mine.platform_ids if mine else ()
    presences = available_presences(db, at, numbers)
    ways = {(film, access) for film, platform, access in presences if not chosen or platform in chosen}
    services = read_platforms(db)
    return [
        Card(
            films[line.film_id],
            line,
            [access for access in Access if (line.film_id, access) in ways],
            tell_move(line, services, at),
        )
        for line in lines
        if line.film_id in films
    ]


def read_platforms(db: Session) -> dict[int, Platform]:
    """Every service, by number."""
    return {platform.id: platform for platform in db.exec(select(Platform)) if platform.id is not None}


def tell_move(line: Line, services: dict[int, Platform], at: datetime) -> str | None:
    """« Nouveau : Ciné-Démo (location, achat) », services in the neutral order of a moment; None where nothing moves."""
    if line.tone is None or line.day is None:
        return None
    sentence = {
        Tone.NEW: gettext("Nouveau : %(services)s"),
        Tone.ALSO: gettext("Aussi sur %(services)s"),
        Tone.BACK: gettext("De retour sur %(services)s"),
        Tone.LAST: gettext("Jusqu’au %(day)s sur %(services)s ; ensuite, plus aucune offre connue"),
        Tone.STAYS: gettext("Jusqu’au %(day)s sur %(services)s ; ensuite, d’autres offres restent"),
        Tone.CAME: gettext("Arrivé le %(day)s : %(services)s"),
        Tone.LEFT: gettext("Parti le %(day)s : %(services)s"),
    }[line.tone]
    return sentence % {"day": long_date(line.day), "services": tell_services(line, services, at)}


def tell_services(line: Line, services: dict[int, Platform], at: datetime) -> str:
    """« Ciné-Démo (location, achat), Kiosque (par abonnement) », in the neutral order of a moment."""
    ordered = neutral_order((services[number] for number in line.platforms), line.film_id, at, lambda service: service.slug)
    return ", ".join(f"{service.name} ({_accesses(line, service.id)})" for service in ordered)


def _accesses(line: Line, platform_id: int | None) -> str:
    there = {access for number, access in line.ways if number == platform_id}
    return ", ".join(gettext(ACCESSES[access]).lower() for access in Access if access in there)
