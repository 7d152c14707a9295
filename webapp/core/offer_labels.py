"""Offers as they are told to people: grouped by access, then by service, in words, with an address that can be followed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from domain.common.enums import Access, Quality
from domain.common.links import pick_allowed_url
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.offers.availability import AvailableOffer
from domain.offers.neutral_order import get_period_start
from webapp.core.formatting import format_clock_time, format_count, format_long_date, format_money
from webapp.core.i18n import gettext

ACCESS_LABELS = {
    Access.FREE: "Gratuit",
    Access.FREE_WITH_ADS: "Gratuit avec publicité",
    Access.CATCH_UP: "En rattrapage (replay)",
    Access.LIBRARY: "Avec votre bibliothèque",
    Access.SUBSCRIPTION: "Par abonnement",
    Access.RENT: "Location",
    Access.BUY: "Achat",
}
"""The words of accesses, in French, to be told in the language of the page."""
_PAID_ACCESSES = (Access.RENT, Access.BUY)
_ACCESS_ORDER = list(Access)
_QUALITY_ORDER = list(Quality)
_VERSION_ORDER = ["VF", "VOF", "VO", "VOST", "VOSTFR"]

AccessGroup = tuple[Access, list[AvailableOffer]]


class OfferFact(NamedTuple):
    """Something told of an offer, in words, and the sign drawn before them: « audio-description », « sdh » or none."""

    label: str
    sign: str = ""


@dataclass(frozen=True)
class OfferLine:
    """One way to watch at a service: its price, what the service's other lines do not say, and where it leads."""

    offer: Offer
    price: str | None
    facts: list[OfferFact]
    link: str | None


@dataclass(frozen=True)
class ServiceRow:
    """A service under one access, its lines from the plainest picture to the best, and what is true of all of them.

    `link` is where they all lead, None when they lead to several places or nowhere.
    """

    platform: Platform
    lines: list[OfferLine]
    facts: list[OfferFact]
    link: str | None

    @property
    def hosts(self) -> list[str]:
        """The sites that its lines lead to, each once; none when no line has a page on the web."""
        return list(dict.fromkeys(get_site_name(line.link) for line in self.lines if line.link))


def group_by_access(offers: list[AvailableOffer]) -> list[AccessGroup]:
    """The offers by access, from free to bought; within one, in the order they came."""
    by_access = sorted(offers, key=lambda shown: _ACCESS_ORDER.index(shown.offer.access))
    return [(access, list(some)) for access, some in groupby(by_access, key=lambda shown: shown.offer.access)]


def group_by_service(offers: list[AvailableOffer]) -> list[ServiceRow]:
    """The offers of one access by service, services in the order they came."""
    by_service: dict[str, list[AvailableOffer]] = {}
    for shown in offers:
        by_service.setdefault(shown.platform.slug, []).append(shown)
    return [_build_service_row(some) for some in by_service.values()]


def _build_service_row(offers: list[AvailableOffer]) -> ServiceRow:
    alike: dict[Any, list[AvailableOffer]] = {}
    for shown in sorted(offers, key=lambda shown: _get_quality_rank(shown.offer)):
        terms = (format_price(shown.offer), get_offer_url(shown), *_build_other_facts(shown.offer))
        alike.setdefault(terms, []).append(shown)
    told = [_build_facts([shown.offer for shown in some]) for some in alike.values()]
    common = [fact for fact in told[0] if all(fact in facts for facts in told)]
    lines = [
        OfferLine(
            some[0].offer, format_price(some[0].offer), [fact for fact in facts if fact not in common], get_offer_url(some[0])
        )
        for some, facts in zip(alike.values(), told, strict=True)
    ]
    places = {line.link for line in lines}
    return ServiceRow(offers[0].platform, lines, common, places.pop() if len(places) == 1 else None)


def _get_quality_rank(offer: Offer) -> int:
    return _QUALITY_ORDER.index(offer.quality) if offer.quality else -1


def get_offer_url(shown: AvailableOffer) -> str | None:
    """Where the offer can be taken: its own page, or that of the film at the service, on the service's own sites.

    None when there is no such page on the web.
    """
    return pick_allowed_url((shown.offer.url, shown.entry.url), shown.platform.hosts)


def get_site_name(url: str) -> str:
    """The site that an address leads to, without « www. »."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def format_access(access: Access) -> str:
    """« Location », in the language of the page."""
    return gettext(ACCESS_LABELS[access])


def format_price(offer: Offer) -> str | None:
    """« 2,99 € », « prix chez le service » when unknown, None where one does not pay by the film."""
    if offer.access not in _PAID_ACCESSES:
        return None
    return gettext("prix chez le service") if offer.price_cents is None else format_money(offer.price_cents, offer.currency)


def _build_facts(offers: list[Offer]) -> list[OfferFact]:
    """What is told of offers that differ by their versions only; what the service does not say is left out, but for the end."""
    before, after = _build_other_facts(offers[0])
    codes = sorted({code for offer in offers for code in offer.languages}, key=_get_version_rank)
    return [*before, *(OfferFact(_format_version(code)) for code in codes), *after]


def _build_other_facts(offer: Offer) -> tuple[tuple[OfferFact, ...], tuple[OfferFact, ...]]:
    """Quality, told before the versions; accessibility, edition and dates, told after."""
    told = [
        _build_audio_description_fact(offer.audio_description),
        _build_sdh_fact(offer.sdh),
        OfferFact(offer.edition) if offer.edition else None,
    ]
    if offer.starts:
        told.append(OfferFact(gettext("depuis le %(day)s") % {"day": format_long_date(offer.starts)}))
    seen = gettext("vu le %(day)s") % {"day": format_long_date(offer.last_seen)}
    after = (*told, OfferFact(format_last_day(offer.ends)), OfferFact(seen))
    return (OfferFact(_format_quality(offer.quality)),) if offer.quality else (), tuple(fact for fact in after if fact)


def _format_quality(quality: Quality) -> str:
    words = {
        Quality.SD: gettext("définition standard"),
        Quality.HD: gettext("haute définition"),
        Quality.UHD: gettext("ultra-haute définition (4K)"),
    }
    return words[quality]


def _get_version_rank(code: str) -> tuple[int, str]:
    return (_VERSION_ORDER.index(code) if code in _VERSION_ORDER else len(_VERSION_ORDER), code)


def _format_version(code: str) -> str:
    words = {
        "VF": gettext("version française"),
        "VO": gettext("version originale"),
        "VOF": gettext("version originale française"),
        "VOST": gettext("version originale sous-titrée"),
        "VOSTFR": gettext("version originale sous-titrée en français"),
    }
    return words.get(code, code)


def _build_audio_description_fact(present: bool | None) -> OfferFact | None:
    if present is None:
        return None
    return OfferFact(gettext("audiodescription"), "audio-description") if present else OfferFact(gettext("sans audiodescription"))


def _build_sdh_fact(present: bool | None) -> OfferFact | None:
    if present is None:
        return None
    if present:
        return OfferFact(gettext("sous-titres pour sourds et malentendants"), "sdh")
    return OfferFact(gettext("sans sous-titres pour sourds et malentendants"))


def format_last_day(ends: datetime | None) -> str:
    """« jusqu’au 30 novembre 2026 », or that the end is unknown."""
    if ends is None:
        return gettext("date de fin non communiquée")
    # An end at midnight leaves the day before as the last one.
    return gettext("jusqu’au %(day)s") % {"day": format_long_date(ends - timedelta(seconds=1))}


def format_draw_period(at: datetime) -> str:
    """« Ordre tiré au sort pour la période commençant à 14 h 35 »."""
    told = gettext("Ordre tiré au sort pour la période commençant à %(time)s")
    return told % {"time": format_clock_time(get_period_start(at))}


def format_accesses(accesses: list[Access]) -> str:
    """« Gratuit, location, achat »."""
    return ", ".join(map(format_access, accesses)).capitalize()


def format_service_count(offers: list[AvailableOffer]) -> str:
    """« 3 services »."""
    return format_count(len({shown.platform.slug for shown in offers}), "service")
