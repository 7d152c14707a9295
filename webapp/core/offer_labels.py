"""Offers as they are told to people: grouped by access, then by service, in words, with an address that can be followed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from domain.common.enums import Access, Quality
from domain.common.links import followed
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.offers.availability import AvailableOffer
from domain.offers.neutral_order import period_start
from webapp.core.formatting import clock, count, long_date, money
from webapp.core.i18n import gettext

ACCESSES = {
    Access.FREE: "Gratuit",
    Access.FREE_WITH_ADS: "Gratuit avec publicité",
    Access.CATCH_UP: "En rattrapage (replay)",
    Access.LIBRARY: "Avec votre bibliothèque",
    Access.SUBSCRIPTION: "Par abonnement",
    Access.RENT: "Location",
    Access.BUY: "Achat",
}
"""The words of accesses, in French, to be told in the language of the page."""
_PRICED = (Access.RENT, Access.BUY)
_ORDER = list(Access)
_QUALITIES = list(Quality)
_VERSIONS = ["VF", "VOF", "VO", "VOST", "VOSTFR"]

Group = tuple[Access, list[AvailableOffer]]


class Fact(NamedTuple):
    """Something told of an offer, in words, and the sign drawn before them: « audio-description », « sdh » or none."""

    words: str
    sign: str = ""


@dataclass(frozen=True)
class Line:
    """One way to watch at a service: its price, what the service's other lines do not say, and where it leads."""

    offer: Offer
    price: str | None
    told: list[Fact]
    link: str | None


@dataclass(frozen=True)
class Row:
    """A service under one access, its lines from the plainest picture to the best, and what is true of all of them.

    `link` is where they all lead, None when they lead to several places or nowhere.
    """

    platform: Platform
    lines: list[Line]
    told: list[Fact]
    link: str | None

    @property
    def hosts(self) -> list[str]:
        """The sites that its lines lead to, each once; none when no line has a page on the web."""
        return list(dict.fromkeys(host(line.link) for line in self.lines if line.link))


def grouped(offers: list[AvailableOffer]) -> list[Group]:
    """The offers by access, from free to bought; within one, in the order they came."""
    by_access = sorted(offers, key=lambda shown: _ORDER.index(shown.offer.access))
    return [(access, list(some)) for access, some in groupby(by_access, key=lambda shown: shown.offer.access)]


def rows(offers: list[AvailableOffer]) -> list[Row]:
    """The offers of one access by service, services in the order they came."""
    by_service: dict[str, list[AvailableOffer]] = {}
    for shown in offers:
        by_service.setdefault(shown.platform.slug, []).append(shown)
    return [_row(some) for some in by_service.values()]


def _row(offers: list[AvailableOffer]) -> Row:
    alike: dict[Any, list[AvailableOffer]] = {}
    for shown in sorted(offers, key=lambda shown: _picture(shown.offer)):
        terms = (price(shown.offer), address(shown), *_apart_from_versions(shown.offer))
        alike.setdefault(terms, []).append(shown)
    told = [_facts([shown.offer for shown in some]) for some in alike.values()]
    common = [fact for fact in told[0] if all(fact in facts for facts in told)]
    lines = [
        Line(some[0].offer, price(some[0].offer), [fact for fact in facts if fact not in common], address(some[0]))
        for some, facts in zip(alike.values(), told, strict=True)
    ]
    places = {line.link for line in lines}
    return Row(offers[0].platform, lines, common, places.pop() if len(places) == 1 else None)


def _picture(offer: Offer) -> int:
    return _QUALITIES.index(offer.quality) if offer.quality else -1


def address(shown: AvailableOffer) -> str | None:
    """Where the offer can be taken: its own page, or that of the film at the service, on the service's own sites.

    None when there is no such page on the web.
    """
    return followed((shown.offer.url, shown.entry.url), shown.platform.hosts)


def host(url: str) -> str:
    """The site that an address leads to, without « www. »."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def access_label(access: Access) -> str:
    """« Location », in the language of the page."""
    return gettext(ACCESSES[access])


def price(offer: Offer) -> str | None:
    """« 2,99 € », « prix chez le service » when unknown, None where one does not pay by the film."""
    if offer.access not in _PRICED:
        return None
    return gettext("prix chez le service") if offer.price_cents is None else money(offer.price_cents, offer.currency)


def _facts(offers: list[Offer]) -> list[Fact]:
    """What is told of offers that differ by their versions only; what the service does not say is left out, but for the end."""
    before, after = _apart_from_versions(offers[0])
    codes = sorted({code for offer in offers for code in offer.languages}, key=_rank)
    return [*before, *(Fact(_version(code)) for code in codes), *after]


def _apart_from_versions(offer: Offer) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """Quality, told before the versions; accessibility, edition and dates, told after."""
    told = [_audio_description(offer.audio_description), _sdh(offer.sdh), Fact(offer.edition) if offer.edition else None]
    if offer.starts:
        told.append(Fact(gettext("depuis le %(day)s") % {"day": long_date(offer.starts)}))
    seen = gettext("vu le %(day)s") % {"day": long_date(offer.last_seen)}
    after = (*told, Fact(last_day(offer.ends)), Fact(seen))
    return (Fact(_quality(offer.quality)),) if offer.quality else (), tuple(fact for fact in after if fact)


def _quality(quality: Quality) -> str:
    words = {
        Quality.SD: gettext("définition standard"),
        Quality.HD: gettext("haute définition"),
        Quality.UHD: gettext("ultra-haute définition (4K)"),
    }
    return words[quality]


def _rank(code: str) -> tuple[int, str]:
    return (_VERSIONS.index(code) if code in _VERSIONS else len(_VERSIONS), code)


def _version(code: str) -> str:
    words = {
        "VF": gettext("version française"),
        "VO": gettext("version originale"),
        "VOF": gettext("version originale française"),
        "VOST": gettext("version originale sous-titrée"),
        "VOSTFR": gettext("version originale sous-titrée en français"),
    }
    return words.get(code, code)


def _audio_description(present: bool | None) -> Fact | None:
    if present is None:
        return None
    return Fact(gettext("audiodescription"), "audio-description") if present else Fact(gettext("sans audiodescription"))


def _sdh(present: bool | None) -> Fact | None:
    if present is None:
        return None
    if present:
        return Fact(gettext("sous-titres pour sourds et malentendants"), "sdh")
    return Fact(gettext("sans sous-titres pour sourds et malentendants"))


def last_day(ends: datetime | None) -> str:
    """« jusqu’au 30 novembre 2026 », or that the end is unknown."""
    if ends is None:
        return gettext("date de fin non communiquée")
    # An end at midnight leaves the day before as the last one.
    return gettext("jusqu’au %(day)s") % {"day": long_date(ends - timedelta(seconds=1))}


def draw_label(at: datetime) -> str:
    """« Ordre tiré au sort pour la période commençant à 14 h 35 »."""
    told = gettext("Ordre tiré au sort pour la période commençant à %(time)s")
    return told % {"time": clock(period_start(at))}


def ways(accesses: list[Access]) -> str:
    """« Gratuit, location, achat »."""
    return ", ".join(map(access_label, accesses)).capitalize()


def service_count(offers: list[AvailableOffer]) -> str:
    """« 3 services »."""
    return count(len({shown.platform.slug for shown in offers}), "service")
