"""Format moments and prices for programs: files, feeds and the API."""

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(10_000)  # the lines of a run share theirs
def format_iso(moment: datetime | None) -> str | None:
    """Return a moment in ISO 8601, in UTC, to the second, such as « 2026-11-22T13:37:00Z »; None stays None."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z" if moment else None


def format_decimal_price(cents: int | None) -> str | None:
    """Return a price with a decimal point, such as « 2.99 »; None stays None."""
    if cents is None:
        return None
    return f"{cents // 100}.{cents % 100:02d}"
