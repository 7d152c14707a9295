"""Offers as they are told to people: grouped by access, in words, with an address that can be followed."""

from datetime import datetime, timedelta
from itertools import groupby

from records.availability import AvailableOffer
from records.catalogue import Offer
from records.ordering import period_start
from records.vocabulary import Access, Quality
from webapp.wording import clock, count, long_date, money

ACCESSES = {
    Access.FREE: "Gratuit",
    Access.FREE_WITH_ADS: "Gratuit avec publicité",
    Access.CATCH_UP: "En rattrapage (replay)",
    Access.LIBRARY: "Avec votre bibliothèque",
    Access.SUBSCRIPTION: "Par abonnement",
    Access.RENT: "Location",
    Access.BUY: "Achat",
}
_QUALITIES = {
    Quality.SD: "définition standard",
    Quality.HD: "haute définition",
    Quality.UHD: "ultra-haute définition (4K)",
}
_LANGUAGES = {
    "VF": "version française",
    "VO": "version originale",
    "VOF": "version originale française",
    "VOST": "version originale sous-titrée",
    "VOSTFR": "version originale sous-titrée en français",
}
_AUDIO_DESCRIPTION = {True: "audiodescription", False: "sans audiodescription"}
_SDH = {True: "sous-titres pour sourds et malentendants", False: "sans sous-titres pour sourds et malentendants"}
_PRICED = (Access.RENT, Access.BUY)
_ORDER = list(Access)

Group = tuple[Access, list[AvailableOffer]]


def grouped(offers: list[AvailableOffer]) -> list[Group]:
    """The offers by access, from free to bought; within one, in the order they came."""
    by_access = sorted(offers, key=lambda shown: _ORDER.index(shown.offer.access))
    return [(access, list(some)) for access, some in groupby(by_access, key=lambda shown: shown.offer.access)]


def address(shown: AvailableOffer) -> str | None:
    """Where the offer can be taken: its own page, or that of the film at the service; None when there is no web page."""
    found = shown.offer.url or shown.entry.url
    return found if found and found.lower().startswith(("https://", "http://")) else None


def price(offer: Offer) -> str | None:
    """« 2,99 € », « prix chez le service » when unknown, None where one does not pay by the film."""
    if offer.access not in _PRICED:
        return None
    return "prix chez le service" if offer.price_cents is None else money(offer.price_cents, offer.currency)


def details(offer: Offer) -> list[str]:
    """Quality, languages, accessibility and edition, in words; what the service does not say is left out."""
    told = [
        _QUALITIES[offer.quality] if offer.quality else None,
        *(_LANGUAGES.get(language, language) for language in offer.languages),
        _AUDIO_DESCRIPTION[offer.audio_description] if offer.audio_description is not None else None,
        _SDH[offer.sdh] if offer.sdh is not None else None,
        offer.edition,
    ]
    return [words for words in told if words]


def last_day(ends: datetime | None) -> str:
    """« jusqu’au 30 novembre 2026 », or that the end is unknown."""
    if ends is None:
        return "date de fin non communiquée"
    # An end at midnight leaves the day before as the last one.
    return f"jusqu’au {long_date(ends - timedelta(seconds=1))}"


def draw_label(at: datetime) -> str:
    """« Ordre tiré au sort pour la période commençant à 14 h 35 »."""
    return f"Ordre tiré au sort pour la période commençant à {clock(period_start(at))}"


def ways(accesses: list[Access]) -> str:
    """« Gratuit, location, achat »."""
    return ", ".join(ACCESSES[access] for access in accesses).capitalize()


def service_count(offers: list[AvailableOffer]) -> str:
    """« 3 services »."""
    return count(len({shown.platform.slug for shown in offers}), "service")
