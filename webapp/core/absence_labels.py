"""Explain on a film's page why it is not offered, or which windows open later."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from domain.common.enums import Access
from domain.common.paris_time import get_paris_date
from domain.models.film import Film
from domain.models.offer import Offer
from domain.offers.availability import AvailableOffer
from domain.windows.absence import Exemption, OfferSighting, State, Window, compute_windows, get_exemption
from domain.windows.rules import OTHER_SERVICES, WindowRule
from webapp.core.i18n import gettext

_LONGEST_DELAY_YEARS = 5  # years after production: two to reach cinemas, three for the longest delay


@dataclass(frozen=True)
class UpcomingWindows:
    """Group the windows that open on one day."""

    day: date
    windows: tuple[Window, ...]

    @property
    def label(self) -> str:
        """Return « Netflix (règle à confirmer) ; Disney+ »."""
        return gettext(" ; ").join(format_rule(window.rule) for window in self.windows)


@dataclass(frozen=True)
class Absence:
    """Represent what the page of a film says of its windows on a day.

    `sale_window` is that of rental and purchase, None when nothing can be said of it; `upcoming` holds the windows that open
    later, `closed_window` one during which a subscription service may have had to withdraw the film. `is_past_all_delays` is true
    of a film old enough for every delay to be over even if its day of release is unknown.
    """

    day: date
    exemption: Exemption | None
    sale_window: Window | None
    upcoming: list[UpcomingWindows]
    closed_window: Window | None
    is_past_all_delays: bool


def format_rule(rule: WindowRule) -> str:
    """Return the exploitation that a rule is about, marked when the rule is still to be confirmed."""
    label = gettext(rule.exploitation)
    return f"{label} ({gettext('règle à confirmer')})" if rule.doubt else label


def get_first_seen_day(offer: Offer) -> date:
    """Return the day an offer was first seen open, in Paris: one announced ahead counts from its start."""
    return get_paris_date(max(offer.first_seen, offer.starts or offer.first_seen))


def explain_absence(film: Film, offers: Iterable[AvailableOffer], at: datetime) -> Absence:
    """Return what explains the offers of a film at a moment, or their absence."""
    day = get_paris_date(at)
    sightings = [_build_sighting(available) for available in offers]
    windows = [window for window in compute_windows(film, day, sightings) if window.rule.concerns and window.opens_on]
    return Absence(
        day=day,
        exemption=get_exemption(film),
        sale_window=next((window for window in windows if _is_sale_window(window)), None),
        upcoming=_group_upcoming_windows(windows),
        closed_window=next((window for window in windows if window.state is State.CLOSED_EXPECTED), None),
        is_past_all_delays=film.year is not None and film.year + _LONGEST_DELAY_YEARS <= day.year,
    )


def _build_sighting(available: AvailableOffer) -> OfferSighting:
    return OfferSighting(available.offer.access, available.platform.slug, get_first_seen_day(available.offer))


def _is_sale_window(window: Window) -> bool:
    return (Access.RENT, OTHER_SERVICES) in window.rule.access_service_pairs


def _group_upcoming_windows(windows: Iterable[Window]) -> list[UpcomingWindows]:
    upcoming = [window for window in windows if window.state in (State.FUTURE, State.POSSIBLE)]
    upcoming.sort(key=_get_opening_day)
    return [UpcomingWindows(day, tuple(group)) for day, group in groupby(upcoming, key=_get_opening_day)]


def _get_opening_day(window: Window) -> date:
    assert window.opens_on is not None
    return window.opens_on
