"""Why a film is not offered, or not yet, as its page tells it."""

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
    """Windows that open on one day."""

    day: date
    windows: tuple[Window, ...]

    @property
    def label(self) -> str:
        """« Netflix (règle à confirmer) ; Disney+ »."""
        return gettext(" ; ").join(format_rule(window.rule) for window in self.windows)


@dataclass(frozen=True)
class Absence:
    """What the page of a film says of its windows on a day.

    `sale` is the window of rental and purchase, None when nothing can be said of it; `coming` what opens later; `withdrawn` a
    window that a subscription may have had to leave; `long_past` tells that a film without a known day of release is old
    enough for every delay to be over.
    """

    day: date
    exemption: Exemption | None
    sale_window: Window | None
    upcoming: list[UpcomingWindows]
    closed_window: Window | None
    is_past_all_delays: bool


def format_rule(rule: WindowRule) -> str:
    """The exploitation of a rule, marked when the rule is to be confirmed."""
    told = gettext(rule.exploitation)
    return f"{told} ({gettext('règle à confirmer')})" if rule.doubt else told


def get_first_seen_day(offer: Offer) -> date:
    """The day an offer was first seen open: one announced ahead is seen when it starts."""
    return get_paris_date(max(offer.first_seen, offer.starts or offer.first_seen))


def explain_absence(film: Film, offers: Iterable[AvailableOffer], at: datetime) -> Absence:
    """What stands behind the offers of a film at a moment, or behind their absence."""
    day = get_paris_date(at)
    seen = [OfferSighting(shown.offer.access, shown.platform.slug, get_first_seen_day(shown.offer)) for shown in offers]
    found = [window for window in compute_windows(film, day, seen) if window.rule.concerns and window.opens_on]
    return Absence(
        day=day,
        exemption=get_exemption(film),
        sale_window=next((window for window in found if (Access.RENT, OTHER_SERVICES) in window.rule.access_service_pairs), None),
        upcoming=_group_upcoming_windows(found),
        closed_window=next((window for window in found if window.state is State.CLOSED_EXPECTED), None),
        is_past_all_delays=film.year is not None and film.year + _LONGEST_DELAY_YEARS <= day.year,
    )


def _group_upcoming_windows(windows: Iterable[Window]) -> list[UpcomingWindows]:
    later = sorted((window for window in windows if window.state in (State.FUTURE, State.POSSIBLE)), key=_get_opening_day)
    return [UpcomingWindows(day, tuple(some)) for day, some in groupby(later, key=_get_opening_day)]


def _get_opening_day(window: Window) -> date:
    return window.opens_on or date.max
