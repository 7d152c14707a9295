"""Represent an entry of an invented catalogue, before its service writes it down."""

import hashlib
from dataclasses import dataclass
from datetime import date

from domain.common.enums import Access


@dataclass(frozen=True)
class ListedOffer:
    """Represent an invented offer. `cents` is a price in euro cents; `ends` is None when the service does not say."""

    access: Access
    cents: int | None = None
    starts: date | None = None
    ends: date | None = None


@dataclass(frozen=True)
class Listing:
    """Represent an entry as the service writes it. `film` is its id in films.csv, None when that file does not hold it.

    `category` is one of film, short, telefilm, series; each service has its own word for it.
    """

    ref: str
    film: str | None
    title: str
    year: int | None
    directors: tuple[str, ...] = ()
    original_title: str | None = None
    runtime_min: int | None = None
    countries: tuple[str, ...] = ()
    category: str = "film"
    offers: tuple[ListedOffer, ...] = ()

    @property
    def is_series(self) -> bool:
        """Tell whether the listing is a series rather than a single work."""
        return self.category == "series"


def draw_number(slug: str, film: str, subject: str, sides: int) -> int:
    """Draw a number from 0 to sides - 1, always the same for the same service, film and subject."""
    digest = hashlib.sha256(f"{slug}:{film}:{subject}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % sides
