"""Moments as programs read them."""

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(10_000)  # the lines of a run share theirs
def format_iso(moment: datetime | None) -> str | None:
    """A moment for programs: ISO 8601 in UTC, to the second; None stays None."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z" if moment else None
