"""Put offers into words: grouped by access, then by service, each with an address that can be followed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple
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
"""The French label of each access, to be translated where it is shown."""
_PAID_ACCESSES = (Access.RENT, Access.BUY)
_ACCESS_ORDER = list(Access)
_QUALITY_ORDER = list(Quality)
_VERSION_ORDER = ["VF", "VOF", "VO", "VOST", "VOSTFR"]

AccessGroup = tuple[Access, list[AvailableOffer]]


class OfferFact(NamedTuple):
    """Hold something said of an offer, and the sign drawn before it: « audio-description », « sdh » or none."""

    label: str
    sign: str = ""


_Terms = tuple[str | None, str | None, tuple[OfferFact, ...], tuple[OfferFact, ...]]


@dataclass(frozen=True)
class OfferLine:
    """Represent one way to watch at a service: its price, the facts that the service's other lines lack, and where it leads."""

    offer: Offer
    price: str | None
    facts: list[OfferFact]
    link: str | None


@dataclass(frozen=True)
class ServiceRow:
    """Represent a service under one access: its lines from the plainest picture to the best, and the facts common to all.

    `link` is where all lines lead, None when they lead to several addresses or nowhere.
    """

    platform: Platform
    lines: list[OfferLine]
    facts: list[OfferFact]
    link: str | None

    @property
    def hosts(self) -> list[str]:
        """Return the sites that the lines lead to, each once; none when no line has a page on the web."""
        return list(dict.fromkeys(get_site_name(line.link) for line in self.lines if line.link))


def group_by_access(offers: list[AvailableOffer]) -> list[AccessGroup]:
    """Group offers by access, from free to bought; within an access, they keep their order."""
    by_access = sorted(offers, key=_get_access_rank)
    return [(_ACCESS_ORDER[rank], list(group)) for rank, group in groupby(by_access, key=_get_access_rank)]


def _get_access_rank(available: AvailableOffer) -> int:
    return _ACCESS_ORDER.index(available.offer.access)


def group_by_service(offers: list[AvailableOffer]) -> list[ServiceRow]:
    """Group the offers of one access by service; services keep their order."""
    by_service: dict[str, list[AvailableOffer]] = {}
    for available in offers:
        by_service.setdefault(available.platform.slug, []).append(available)
    return [_build_service_row(service_offers) for service_offers in by_service.values()]


def _build_service_row(offers: Sequence[AvailableOffer]) -> ServiceRow:
    groups = _group_by_terms(offers)
    facts_by_group = [_build_facts([available.offer for available in group]) for group in groups]
    common_facts = [fact for fact in facts_by_group[0] if all(fact in facts for facts in facts_by_group)]
    lines = []
    for group, facts in zip(groups, facts_by_group, strict=True):
        first = group[0]
        own_facts = [fact for fact in facts if fact not in common_facts]
        lines.append(OfferLine(first.offer, format_price(first.offer), own_facts, get_offer_url(first)))
    links = {line.link for line in lines}
    return ServiceRow(offers[0].platform, lines, common_facts, links.pop() if len(links) == 1 else None)


def _group_by_terms(offers: Sequence[AvailableOffer]) -> list[list[AvailableOffer]]:
    """Group the offers that differ by their versions only, from the plainest picture to the best."""
    groups: dict[_Terms, list[AvailableOffer]] = {}
    for available in sorted(offers, key=lambda available: _get_quality_rank(available.offer)):
        offer = available.offer
        terms = (
            format_price(offer),
            get_offer_url(available),
            _build_quality_facts(offer),
            _build_other_facts(offer),
        )
        groups.setdefault(terms, []).append(available)
    return list(groups.values())


def _get_quality_rank(offer: Offer) -> int:
    return _QUALITY_ORDER.index(offer.quality) if offer.quality else -1


def get_offer_url(available: AvailableOffer) -> str | None:
    """Return the offer's own page, or that of the film at the service, on the service's own sites; None when there is neither."""
    return pick_allowed_url((available.offer.url, available.entry.url), available.platform.hosts)


def get_site_name(url: str) -> str:
    """Return the site that an address leads to, without « www. »."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def format_access(access: Access) -> str:
    """Return « Location », in the language of the page."""
    return gettext(ACCESS_LABELS[access])


def format_price(offer: Offer) -> str | None:
    """Return « 2,99 € », « prix chez le service » when it is unknown, None where one does not pay by the film."""
    if offer.access not in _PAID_ACCESSES:
        return None
    if offer.price_cents is None:
        return gettext("prix chez le service")
    return format_money(offer.price_cents, offer.currency)


def _build_facts(offers: Sequence[Offer]) -> list[OfferFact]:
    """Return what is said of offers that differ by their versions only; what is unknown is left out, but for the end."""
    codes = {code for offer in offers for code in offer.languages}
    versions = [OfferFact(_format_version(code)) for code in sorted(codes, key=_get_version_rank)]
    return [*_build_quality_facts(offers[0]), *versions, *_build_other_facts(offers[0])]


def _build_quality_facts(offer: Offer) -> tuple[OfferFact, ...]:
    return (OfferFact(_format_quality(offer.quality)),) if offer.quality else ()


def _build_other_facts(offer: Offer) -> tuple[OfferFact, ...]:
    """Return the facts that follow the versions: accessibility, edition and dates."""
    facts = [*_build_audio_description_facts(offer.audio_description), *_build_sdh_facts(offer.sdh)]
    if offer.edition:
        facts.append(OfferFact(offer.edition))
    if offer.starts:
        facts.append(OfferFact(gettext("depuis le %(day)s") % {"day": format_long_date(offer.starts)}))
    facts.append(OfferFact(format_last_day(offer.ends)))
    facts.append(OfferFact(gettext("vu le %(day)s") % {"day": format_long_date(offer.last_seen)}))
    return tuple(facts)


def _format_quality(quality: Quality) -> str:
    labels = {
        Quality.SD: gettext("définition standard"),
        Quality.HD: gettext("haute définition"),
        Quality.UHD: gettext("ultra-haute définition (4K)"),
    }
    return labels[quality]


def _get_version_rank(code: str) -> tuple[int, str]:
    rank = _VERSION_ORDER.index(code) if code in _VERSION_ORDER else len(_VERSION_ORDER)
    return rank, code


def _format_version(code: str) -> str:
    labels = {
        "VF": gettext("version française"),
        "VO": gettext("version originale"),
        "VOF": gettext("version originale française"),
        "VOST": gettext("version originale sous-titrée"),
        "VOSTFR": gettext("version originale sous-titrée en français"),
    }
    return labels.get(code, code)


def _build_audio_description_facts(is_present: bool | None) -> list[OfferFact]:
    if is_present is None:
        return []
    if is_present:
        return [OfferFact(gettext("audiodescription"), "audio-description")]
    return [OfferFact(gettext("sans audiodescription"))]


def _build_sdh_facts(is_present: bool | None) -> list[OfferFact]:
    if is_present is None:
        return []
    if is_present:
        return [OfferFact(gettext("sous-titres pour sourds et malentendants"), "sdh")]
    return [OfferFact(gettext("sans sous-titres pour sourds et malentendants"))]


def format_last_day(ends: datetime | None) -> str:
    """Return « jusqu’au 30 novembre 2026 », or that the end is unknown."""
    if ends is None:
        return gettext("date de fin non communiquée")
    # An end at midnight leaves the day before as the last one.
    return gettext("jusqu’au %(day)s") % {"day": format_long_date(ends - timedelta(seconds=1))}


def format_draw_period(at: datetime) -> str:
    """Return « Ordre tiré au sort pour la période commençant à 14 h 35 »."""
    message = gettext("Ordre tiré au sort pour la période commençant à %(time)s")
    return message % {"time": format_clock_time(get_period_start(at))}


def format_accesses(accesses: list[Access]) -> str:
    """Return « Gratuit, location, achat »."""
    return ", ".join(map(format_access, accesses)).capitalize()


def format_service_count(offers: list[AvailableOffer]) -> str:
    """Return « 3 services »."""
    return format_count(len({available.platform.slug for available in offers}), "service")
