"""Read the Retry-After header, given as a number of seconds or as a date (RFC 9110)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def parse_retry_after(header: str) -> float | None:
    """Return the seconds to wait, 0.0 for a date that has passed; None when the header says nothing clear."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
