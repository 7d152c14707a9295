"""Sort services in the neutral order: drawn again every five minutes, the same for everybody, anyone can recompute it."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TypeVar

PERIOD_SECONDS = 300
T = TypeVar("T")


def get_period_start(at: datetime) -> datetime:
    """Return the start of the five-minute period that holds a moment, in UTC."""
    seconds = int(at.timestamp()) // PERIOD_SECONDS * PERIOD_SECONDS
    return datetime.fromtimestamp(seconds, UTC)


def compute_draw_key(film_id: int, platform_slug: str, at: datetime) -> str:
    """Return a platform's draw for a film: SHA-256 of « film:period:slug », the period in seconds since 1970; smallest first."""
    period = int(get_period_start(at).timestamp())
    return hashlib.sha256(f"{film_id}:{period}:{platform_slug}".encode()).hexdigest()


def sort_in_neutral_order(items: Iterable[T], film_id: int, at: datetime, slug: Callable[[T], str]) -> list[T]:
    """Sort items in the order drawn for a film and the period of a moment; `slug` gives the platform of an item."""
    return sorted(items, key=lambda item: compute_draw_key(film_id, slug(item), at))
