"""Format spans of time and differences, as agents read them."""

from datetime import timedelta

from webapp.core.french import NBSP, format_count, format_number

_HOUR = 3_600
_DAY = 24 * _HOUR


def format_age(span: timedelta) -> str:
    """Return « moins d’une heure », « 5 heures », « 3 jours »: whole hours up to two days, then whole days."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < _HOUR:
        return f"moins d’une{NBSP}heure"
    if seconds < 2 * _DAY:
        return format_count(seconds // _HOUR, "heure")
    return format_count(seconds // _DAY, "jour")


def capitalize_first(text: str) -> str:
    """Return the text with a capital, unless it begins with a file's name: « robots.txt de cine.example a changé »."""
    first_word = text.partition(" ")[0]
    return text if "." in first_word.rstrip(".") else text[:1].upper() + text[1:]


def format_signed(value: int) -> str:
    """Return « +12 », « −3 », « 0 »."""
    magnitude = format_number(abs(value))
    if value > 0:
        return f"+{magnitude}"
    if value < 0:
        return f"−{magnitude}"
    return magnitude
