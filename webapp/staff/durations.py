"""Spans of time and differences, as agents read them."""

from datetime import timedelta

from webapp.core.french import NBSP, format_count, format_number

_HOUR, _DAY = 3_600, 86_400


def format_age(span: timedelta) -> str:
    """« moins d’une heure », « 5 heures », « 3 jours »: whole hours up to two days, then whole days."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < _HOUR:
        return f"moins d’une{NBSP}heure"
    return format_count(seconds // _HOUR, "heure") if seconds < 2 * _DAY else format_count(seconds // _DAY, "jour")


def capitalize_first(text: str) -> str:
    """The text with a capital, unless it begins with the name of a file: « robots.txt de cine.example a changé »."""
    return text if "." in text.partition(" ")[0].rstrip(".") else text[:1].upper() + text[1:]


def format_signed(value: int) -> str:
    """« +12 », « −3 », « 0 »."""
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{format_number(abs(value))}"
