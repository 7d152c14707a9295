"""Why a film is not offered, or not yet, as its page tells it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from domain.common.enums import Access
from domain.common.paris_time import day_in_paris
from domain.models.film import Film
from domain.models.offer import Offer
from domain.offers.availability import AvailableOffer
from domain.windows.absence import Exemption, Seen, State, Window, exemption, windows_of
from domain.windows.rules import OTHERS, Rule
from webapp.core.i18n import gettext

_LONG_PAST = 5  # years after production: two to reach cinemas, three for the longest delay


@dataclass(frozen=True)
class Coming:
    """Windows that open on one day."""

    day: date
    windows: tuple[Window, ...]

    @property
    def words(self) -> str:
        """« Netflix (règle à confirmer) ; Disney+ »."""
        return gettext(" ; ").join(rule_words(window.rule) for window in self.windows)


@dataclass(frozen=True)
class Absence:
    """What the page of a film says of its windows on a day.

    `sale` is the window of rental and purchase, None when nothing can be said of it; `coming` what opens later; `withdrawn` a
    window that a subscription may have had to leave; `long_past` tells that a film without a known day of release is old
    enough for every delay to be over.
    """

    day: date
    exemption: Exemption | None
    sale: Window | None
    coming: list[Coming]
    withdrawn: Window | None
    long_past: bool


def rule_words(rule: Rule) -> str:
    """The exploitation of a rule, marked when the rule is to be confirmed."""
    told = gettext(rule.exploitation)
    return f"{told} ({gettext('règle à confirmer')})" if rule.doubt else told


def seen_on(offer: Offer) -> date:
    """The day an offer was first seen open: one announced ahead is seen when it starts."""
    return day_in_paris(max(offer.first_seen, offer.starts or offer.first_seen))


def absence_told(film: Film, offers: Iterable[AvailableOffer], at: datetime) -> Absence:
    """What stands behind the offers of a film at a moment, or behind their absence."""
    day = day_in_paris(at)
    seen = [Seen(shown.offer.access, shown.platform.slug, seen_on(shown.offer)) for shown in offers]
    found = [window for window in windows_of(film, day, seen) if window.rule.concerns and window.opens]
    return Absence(
        day=day,
        exemption=exemption(film),
        sale=next((window for window in found if (Access.RENT, OTHERS) in window.rule.pairs), None),
        coming=_coming(found),
        withdrawn=next((window for window in found if window.state is State.CLOSED_EXPECTED), None),
        long_past=film.year is not None and film.year + _LONG_PAST <= day.year,
    )


def _coming(found: Iterable[Window]) -> list[Coming]:
    later = sorted((window for window in found if window.state in (State.FUTURE, State.POSSIBLE)), key=_opens)
    return [Coming(day, tuple(some)) for day, some in groupby(later, key=_opens)]


def _opens(window: Window) -> date:
    return window.opens or date.max
