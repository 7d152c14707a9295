"""Windows of the chronologie des médias that open soon, of films that no service offers in that way yet."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, or_, select

from domain.common.enums import Access
from domain.linking.redirects import is_canonical
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.offers.availability import is_open, join_linked_offers
from domain.windows.absence import RERELEASE_AFTER_YEARS, get_exemption
from domain.windows.rules import WindowRule, add_months, find_rule, get_window_rules, list_rules_on

_LONGEST_SHIFT = timedelta(days=3)
"""The last days of a month fall together once months are added: 28 to 31 October plus 4 are all 28 February."""
_BATCH = 500


@dataclass(frozen=True)
class UpcomingWindow:
    """The films of one exploitation whose window opens on a day, and that are not offered in that way."""

    day: date
    rule: WindowRule
    films: list[Film]


def list_upcoming_windows(session: Session, first: date, last: date, at: datetime) -> list[UpcomingWindow]:
    """What opens from a day to another, both included, without an offer at the moment `at`; by day, then as the rules stand.

    Each day is judged by the rules in force that day; rules that concern no service of the register are left out.
    """
    found = defaultdict[tuple[date, WindowRule], list[Film]](list)
    films = _list_released_films(session, first, last)
    ways = _map_offered_accesses(session, [film.id for film in films], at)
    for film in films:
        for rule, day in _iter_film_windows(film, first, last):
            if not any(find_rule(list_rules_on(day), access, service) is rule for access, service in ways[film.id]):
                found[day, rule].append(film)
    places = sorted(found, key=lambda place: (place[0], get_window_rules().index(place[1])))
    return [UpcomingWindow(*place, sorted(found[place], key=lambda film: (film.title, film.id))) for place in places]


def _iter_film_windows(film: Film, first: date, last: date) -> Iterable[tuple[WindowRule, date]]:
    """The windows of a film that open in the period, each with its day."""
    if film.release_date is None or get_exemption(film):
        return
    for rule in get_window_rules():
        day = rule.compute_opening_date(film.release_date)
        if rule.concerns and first <= day <= last and rule.is_in_force_on(day):
            yield rule, day


def _list_released_films(session: Session, first: date, last: date) -> list[Film]:
    """The films released when a window may be opened in the period, by one rule or another."""
    months = {rule.months for rule in get_window_rules() if rule.concerns}
    ranges = [(add_months(first, -number) - _LONGEST_SHIFT, add_months(last, -number) + _LONGEST_SHIFT) for number in months]
    if not ranges:
        return []
    # The index of years spares reading all films; a film of an earlier year is taken for a re-release.
    recent = or_(col(Film.year) >= min(ranges)[0].year - RERELEASE_AFTER_YEARS, col(Film.year).is_(None))
    released = or_(*(col(Film.release_date).between(*some) for some in ranges))
    return list(session.exec(select(Film).where(recent, released, is_canonical()).order_by(col(Film.id))))


def _map_offered_accesses(session: Session, films: list[int], at: datetime) -> dict[int, set[tuple[Access, str]]]:
    """The accesses, each with its service, under which films are offered."""
    found = defaultdict[int, set[tuple[Access, str]]](set)
    for start in range(0, len(films), _BATCH):
        asked = join_linked_offers(select(col(Judgement.film_id), col(Offer.access), col(Platform.slug)).distinct()).where(
            is_open(at)
        )
        for film, access, service in session.exec(asked.where(col(Judgement.film_id).in_(films[start : start + _BATCH]))):
            found[film or 0].add((access, service))
    return found
