"""List windows of the chronologie des médias that open soon, of films that no service offers in that way yet."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, or_, select

from domain.common.batches import iter_batches
from domain.common.enums import Access
from domain.linking.redirects import is_canonical
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.offers.availability import is_open, join_linked_offers
from domain.windows.absence import RERELEASE_AFTER_YEARS, get_exemption
from domain.windows.rules import WindowRule, add_months, find_rule, get_window_rules, list_rules_on

_MONTH_END_MARGIN = timedelta(days=3)
"""The last days of a month fall together once months are added: 28 to 31 October plus 4 are all 28 February."""
_BATCH_SIZE = 500


@dataclass(frozen=True)
class UpcomingWindow:
    """Represent the films whose window for one exploitation opens on a day, and that are not offered in that way."""

    day: date
    rule: WindowRule
    films: list[Film]


def list_upcoming_windows(session: Session, first: date, last: date, at: datetime) -> list[UpcomingWindow]:
    """Return the windows that open between two days, both included, without an offer at the moment `at`.

    They are sorted by day, then in the order of the rules. Each day is judged by the rules in force on it; rules that concern
    no registered service are left out.
    """
    films = _list_released_films(session, first, last)
    accesses = _map_offered_accesses(session, [film.id for film in films], at)
    films_by_window = defaultdict[tuple[date, WindowRule], list[Film]](list)
    for film in films:
        for rule, day in _iter_film_windows(film, first, last):
            if not _is_offered_under(rule, day, accesses[film.id]):
                films_by_window[day, rule].append(film)
    rules = get_window_rules()
    windows = sorted(films_by_window, key=lambda window: (window[0], rules.index(window[1])))
    return [UpcomingWindow(day, rule, _sort_by_title(films_by_window[day, rule])) for day, rule in windows]


def _sort_by_title(films: list[Film]) -> list[Film]:
    return sorted(films, key=lambda film: (film.title, film.id))


def _is_offered_under(rule: WindowRule, day: date, accesses: set[tuple[Access, str]]) -> bool:
    """Return whether one of these accesses, each with its service, falls under a rule on a day."""
    rules = list_rules_on(day)
    return any(find_rule(rules, access, service) is rule for access, service in accesses)


def _iter_film_windows(film: Film, first: date, last: date) -> Iterator[tuple[WindowRule, date]]:
    """Yield the windows of a film that open between two days, each with its day."""
    if film.release_date is None or get_exemption(film):
        return
    for rule in get_window_rules():
        day = rule.compute_opening_date(film.release_date)
        if rule.concerns and first <= day <= last and rule.is_in_force_on(day):
            yield rule, day


def _list_released_films(session: Session, first: date, last: date) -> list[Film]:
    """Return the films whose release date may open a window between two days, by one rule or another."""
    delays = {rule.months for rule in get_window_rules() if rule.concerns}
    if not delays:
        return []
    # The index of years spares reading all films; a film of an earlier year is taken for a re-release.
    oldest = add_months(first, -max(delays)) - _MONTH_END_MARGIN
    is_recent = or_(col(Film.year) >= oldest.year - RERELEASE_AFTER_YEARS, col(Film.year).is_(None))
    is_released = [
        col(Film.release_date).between(
            add_months(first, -delay) - _MONTH_END_MARGIN, add_months(last, -delay) + _MONTH_END_MARGIN
        )
        for delay in delays
    ]
    return list(session.exec(select(Film).where(is_recent, or_(*is_released), is_canonical()).order_by(col(Film.id))))


def _map_offered_accesses(session: Session, film_ids: list[int], at: datetime) -> dict[int, set[tuple[Access, str]]]:
    """Return, by film id, the accesses under which it is offered, each with the slug of the platform."""
    accesses = defaultdict[int, set[tuple[Access, str]]](set)
    stmt = join_linked_offers(select(col(Judgement.film_id), col(Offer.access), col(Platform.slug)).distinct())
    stmt = stmt.where(is_open(at))
    for batch in iter_batches(film_ids, _BATCH_SIZE):
        for film_id, access, slug in session.exec(stmt.where(col(Judgement.film_id).in_(batch))):
            assert film_id is not None
            accesses[film_id].add((access, slug))
    return accesses
