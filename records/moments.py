"""Moments as programs read them."""

from datetime import UTC, datetime


def iso(moment: datetime | None) -> str | None:
    """A moment for programs: ISO 8601 in UTC, to the second; None stays None."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
