"""Why a film is not offered, or not yet: for each exploitation, what the chronologie des médias says of it on a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.common.enums import Access, Kind
from domain.models.film import Film
from domain.windows.rules import WindowRule, add_months, find_rule, list_rules_on

MAX_SHORT_RUNTIME = 60
"""Minutes: a work that lasts no longer is not bound by the chronologie."""
RERELEASE_AFTER_YEARS = 4
"""Years after its production: a later day of release is more likely that of a re-release."""


class Exemption(StrEnum):
    """Why nothing can be said of a film's windows."""

    NOT_CINEMA = "not-cinema"
    SHORT = "short"
    NEVER_RELEASED = "never-released"
    UNKNOWN_RELEASE = "unknown-release"
    LATE_RELEASE = "late-release"


class State(StrEnum):
    """Where one exploitation of a film stands on a day."""

    NOT_APPLICABLE = "not-applicable"
    FUTURE = "future"
    POSSIBLE = "possible-by-derogation"
    OPEN_NO_OFFER = "open-no-offer"
    OPEN_WITH_OFFER = "open-with-offer"
    EARLY_OFFER = "early-offer"
    CLOSED_EXPECTED = "closed-expected"


@dataclass(frozen=True)
class OfferSighting:
    """An offer as the rules look at it: its access, the slug of its service, the day (in Paris) it was first seen open."""

    access: Access
    service: str
    first_seen_on: date


@dataclass(frozen=True)
class Window:
    """One exploitation of a film on a day: from when it is allowed, and from when by derogation, if one is possible.

    `back` is the day when a service that had to withdraw the film may show it again, set when it is expected to be away.
    """

    rule: WindowRule
    state: State
    opens_on: date | None = None
    may_open_on: date | None = None
    returns_on: date | None = None


def get_exemption(film: Film) -> Exemption | None:
    """Why the chronologie does not apply to a film, or cannot be worked out; None when it can.

    A running time that is not known is taken for that of a feature.
    """
    if film.kind in (Kind.SERIES, Kind.EPISODE):
        return Exemption.NOT_CINEMA
    if film.kind is Kind.SHORT or (film.runtime_min is not None and film.runtime_min <= MAX_SHORT_RUNTIME):
        return Exemption.SHORT
    if film.in_cinemas is False:
        return Exemption.NEVER_RELEASED
    if film.release_date is None:
        return Exemption.UNKNOWN_RELEASE
    if film.year is not None and film.release_date.year - film.year > RERELEASE_AFTER_YEARS:
        return Exemption.LATE_RELEASE
    return None


def compute_windows(film: Film, day: date, sightings: Iterable[OfferSighting] = ()) -> list[Window]:
    """Every exploitation under the rules in force on a day, given the offers that stand on that day."""
    rules, offers = list_rules_on(day), list(sightings)
    if film.release_date is None or get_exemption(film):
        return [Window(rule, State.NOT_APPLICABLE) for rule in rules]
    return [_compute_window(film, film.release_date, rule, day, _filter_by_rule(offers, rules, rule)) for rule in rules]


def _filter_by_rule(offers: Sequence[OfferSighting], rules: Sequence[WindowRule], rule: WindowRule) -> list[OfferSighting]:
    return [offer for offer in offers if find_rule(rules, offer.access, offer.service) is rule]


def _compute_window(film: Film, release: date, rule: WindowRule, day: date, offers: Sequence[OfferSighting]) -> Window:
    opens, may_open = rule.compute_opening_date(release), rule.compute_derogation_date(release, film.admissions)
    if any(get_violated_opening(film, offer) for offer in offers):
        return Window(rule, State.EARLY_OFFER, opens, may_open)
    if offers:
        return Window(rule, State.OPEN_WITH_OFFER, opens, may_open)
    if day < opens:
        possible = may_open is not None and may_open <= day
        return Window(rule, State.POSSIBLE if possible else State.FUTURE, opens, may_open)
    if rule.withdrawal and add_months(release, rule.withdrawal.start) <= day < add_months(release, rule.withdrawal.end):
        return Window(rule, State.CLOSED_EXPECTED, opens, may_open, add_months(release, rule.withdrawal.end))
    return Window(rule, State.OPEN_NO_OFFER, opens, may_open)


def get_violated_opening(film: Film, offer: OfferSighting) -> date | None:
    """The first day an offer was allowed, when it was seen before; None when it was not, or when nothing can be said.

    The rule in force on the day it was first seen is the judge: a film already placed stays. A delay that may have been
    shortened by derogation is taken as shortened.
    """
    rule = find_rule(list_rules_on(offer.first_seen_on), offer.access, offer.service)
    if rule is None or film.release_date is None or get_exemption(film):
        return None
    first = rule.compute_derogation_date(film.release_date, film.admissions) or rule.compute_opening_date(film.release_date)
    return first if offer.first_seen_on < first else None
