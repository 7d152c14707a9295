"""Explain why a film is not offered, or not yet: the state of each of its windows on a day.

A window is one exploitation of a film under the chronologie des médias (renting, subscription, television…).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.common.enums import Access, Kind
from domain.models.film import Film
from domain.windows.rules import WindowRule, find_rule, list_rules_on

MAX_SHORT_RUNTIME = 60
"""Minutes: a work no longer than that is not bound by the chronologie."""
RERELEASE_AFTER_YEARS = 4
"""Years after production: a later release date is more likely that of a re-release."""


class Exemption(StrEnum):
    """Name why nothing can be said of a film's windows."""

    NOT_CINEMA = "not-cinema"
    SHORT = "short"
    NEVER_RELEASED = "never-released"
    UNKNOWN_RELEASE = "unknown-release"
    LATE_RELEASE = "late-release"


class State(StrEnum):
    """Name the state of one exploitation of a film on a day."""

    NOT_APPLICABLE = "not-applicable"
    FUTURE = "future"
    POSSIBLE = "possible-by-derogation"
    OPEN_NO_OFFER = "open-no-offer"
    OPEN_WITH_OFFER = "open-with-offer"
    EARLY_OFFER = "early-offer"
    CLOSED_EXPECTED = "closed-expected"


@dataclass(frozen=True)
class OfferSighting:
    """Represent an offer as the rules see it: access, platform slug, and the day (in Paris) it was first seen open."""

    access: Access
    service: str
    first_seen_on: date


@dataclass(frozen=True)
class Window:
    """Represent one exploitation of a film on a day.

    `opens_on` is the day from which it is allowed, `may_open_on` the day under a derogation if one is possible. `returns_on` is
    the day when a service that had to withdraw the film may show it again, set while the film is expected to be away.
    """

    rule: WindowRule
    state: State
    opens_on: date | None = None
    may_open_on: date | None = None
    returns_on: date | None = None


def get_exemption(film: Film) -> Exemption | None:
    """Return why the chronologie does not apply to a film or cannot be computed; None when it can.

    An unknown running time is taken for that of a feature.
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
    """Return every exploitation under the rules in force on a day, given the offers open on that day."""
    rules = list_rules_on(day)
    if film.release_date is None or get_exemption(film):
        return [Window(rule, State.NOT_APPLICABLE) for rule in rules]
    sightings_by_rule = defaultdict[str, list[OfferSighting]](list)
    for sighting in sightings:
        rule_of_offer = find_rule(rules, sighting.access, sighting.service)
        if rule_of_offer:
            sightings_by_rule[rule_of_offer.id].append(sighting)
    return [_compute_window(film, film.release_date, rule, day, sightings_by_rule[rule.id]) for rule in rules]


def _compute_window(film: Film, release: date, rule: WindowRule, day: date, sightings: Sequence[OfferSighting]) -> Window:
    """Compute the state of one exploitation, given the offers that fall under its rule."""
    opens_on = rule.compute_opening_date(release)
    may_open_on = rule.compute_derogation_date(release, film.admissions)
    returns_on = None
    if any(get_violated_opening(film, sighting) for sighting in sightings):
        state = State.EARLY_OFFER
    elif sightings:
        state = State.OPEN_WITH_OFFER
    elif day < opens_on:
        is_possible = may_open_on is not None and may_open_on <= day
        state = State.POSSIBLE if is_possible else State.FUTURE
    elif rule.is_withdrawn_on(day, release):
        state = State.CLOSED_EXPECTED
        returns_on = rule.compute_return_date(release)
    else:
        state = State.OPEN_NO_OFFER
    return Window(rule, state, opens_on, may_open_on, returns_on)


def get_violated_opening(film: Film, sighting: OfferSighting) -> date | None:
    """Return the first day when an offer seen before it was allowed; None when it was not early, or nothing can be said.

    The rule in force on the day it was first seen decides: a film already placed stays. A delay that may have been shortened by
    derogation is taken as shortened.
    """
    rule = find_rule(list_rules_on(sighting.first_seen_on), sighting.access, sighting.service)
    if rule is None or film.release_date is None or get_exemption(film):
        return None
    allowed_on = rule.compute_derogation_date(film.release_date, film.admissions)
    if allowed_on is None:
        allowed_on = rule.compute_opening_date(film.release_date)
    return allowed_on if sighting.first_seen_on < allowed_on else None
