"""Describe offers with schema.org: WatchAction and its conditions, as search engines and media feeds read them."""

from datetime import datetime
from typing import Any, Protocol

from domain.common.enums import Access
from domain.common.isoformat import format_decimal_price, format_iso

JsonObject = dict[str, Any]
REGION: JsonObject = {"@type": "Country", "name": "FR"}
_DEVICES = ["https://schema.org/DesktopWebPlatform", "https://schema.org/MobileWebPlatform"]
ACCESS_CATEGORIES: dict[str, str] = {
    Access.FREE: "free",
    Access.FREE_WITH_ADS: "free",
    Access.CATCH_UP: "free",
    Access.LIBRARY: "externalSubscription",
    Access.SUBSCRIPTION: "subscription",
    Access.RENT: "rental",
    Access.BUY: "purchase",
}


class OfferTerms(Protocol):
    """Require the terms of an offer: `domain.models.offer.Offer` has them, and any row with the same columns."""

    @property
    def access(self) -> str: ...
    @property
    def price_cents(self) -> int | None: ...
    @property
    def currency(self) -> str: ...
    @property
    def starts(self) -> datetime | None: ...
    @property
    def ends(self) -> datetime | None: ...


def build_watch_action(offer: OfferTerms, service: str, link: str) -> JsonObject:
    """Build the WatchAction of an offer that a service, given by name, opens at a URL; unknown facts are left out."""
    requirement: JsonObject = {
        "@type": "ActionAccessSpecification",
        "category": ACCESS_CATEGORIES[offer.access],
        "availabilityStarts": format_iso(offer.starts),
        "availabilityEnds": format_iso(offer.ends),
        "eligibleRegion": REGION,
        "requiresSubscription": _build_subscription(offer, service),
        "expectsAcceptanceOf": _build_payment(offer, service),
    }
    return {
        "@type": "WatchAction",
        "target": {
            "@type": "EntryPoint",
            "urlTemplate": link.replace("{", "%7B").replace("}", "%7D"),
            "actionPlatform": _DEVICES,
        },
        "actionAccessibilityRequirement": {name: value for name, value in requirement.items() if value},
    }


def _build_subscription(offer: OfferTerms, service: str) -> JsonObject | None:
    if offer.access != Access.SUBSCRIPTION:
        return None
    return {"@type": "MediaSubscription", "name": service}


def _build_payment(offer: OfferTerms, service: str) -> JsonObject | None:
    if offer.access not in (Access.RENT, Access.BUY):
        return None
    payment: JsonObject = {"@type": "Offer"}
    price = format_decimal_price(offer.price_cents)
    if price is not None:
        payment |= {"price": price, "priceCurrency": offer.currency}
    return payment | {"seller": {"@type": "Organization", "name": service}}
