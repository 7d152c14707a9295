"""An offer in the words of schema.org: WatchAction and its conditions, as search engines and media feeds read them."""

from datetime import datetime
from typing import Any, Protocol

from domain.common.enums import Access
from domain.common.isoformat import format_iso

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
    """What is told of an offer: `domain.models.offer.Offer`, or a row that has as much."""

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
    """The offer of a service, by name, that opens at an address; what is unknown is left out."""
    needs: JsonObject = {
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
        "actionAccessibilityRequirement": {name: value for name, value in needs.items() if value},
    }


def format_decimal_price(cents: int | None) -> str | None:
    """« 2.99 », with a point, for programs; None when the price is unknown."""
    return None if cents is None else f"{cents // 100}.{cents % 100:02d}"


def _build_subscription(offer: OfferTerms, service: str) -> JsonObject | None:
    return {"@type": "MediaSubscription", "name": service} if offer.access == Access.SUBSCRIPTION else None


def _build_payment(offer: OfferTerms, service: str) -> JsonObject | None:
    if offer.access not in (Access.RENT, Access.BUY):
        return None
    seller = {"@type": "Organization", "name": service}
    price = format_decimal_price(offer.price_cents)
    cost = {} if price is None else {"price": price, "priceCurrency": offer.currency}
    return {"@type": "Offer", **cost, "seller": seller}
