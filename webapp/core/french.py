"""French as it is printed: spaces, numbers, prices, dates. Nothing depends on the machine's locale."""

import re
from datetime import date, datetime

from domain.common.paris_time import PARIS, get_paris_date

NBSP = "\N{NO-BREAK SPACE}"
NARROW_NBSP = "\N{NARROW NO-BREAK SPACE}"
_MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
_CURRENCY_SYMBOLS = {"EUR": "€"}


def typeset(text: str) -> str:
    """The text with the apostrophes and the unbreakable spaces of French typography; no space is added where there was none."""
    text = re.sub(r"(?<=\w)'(?=\w)", "’", text)
    text = re.sub(r" (?=[;!?])", NARROW_NBSP, text)
    return re.sub(r" (?=[:»€%])|(?<=«) ", NBSP, text)


def format_number(value: int) -> str:
    """« 30 650 »."""
    return f"{value:,}".replace(",", NARROW_NBSP)


def format_count(value: int, singular: str, plural: str | None = None) -> str:
    """« 0 film », « 1 film », « 30 650 films »."""
    return f"{format_number(value)}{NBSP}{singular if value < 2 else plural or singular + 's'}"


def format_percent(share: float, digits: int = 1) -> str:
    """« 2,5 % », of a share from 0 to 1."""
    return f"{100 * share:.{digits}f}{NBSP}%".replace(".", ",")


def format_money(cents: int, currency: str) -> str:
    """« 2,99 € »."""
    return f"{format_number(cents // 100)},{cents % 100:02d}{NBSP}{_CURRENCY_SYMBOLS.get(currency, currency)}"


def format_runtime(minutes: int) -> str:
    """« 2 h 03 », « 52 min »."""
    hours, left = divmod(minutes, 60)
    return f"{hours}{NBSP}h{NBSP}{left:02d}" if hours else f"{left}{NBSP}min"


def format_long_date(day: date) -> str:
    """« 1er mai 2026 »; a moment is told as the day it was in Paris."""
    if isinstance(day, datetime):
        day = get_paris_date(day)
    return f"{'1er' if day.day == 1 else day.day}{NBSP}{_MONTHS[day.month - 1]}{NBSP}{day.year}"


def format_clock_time(moment: datetime) -> str:
    """« 14 h 35 », in Paris."""
    local = moment.astimezone(PARIS)
    return f"{local.hour}{NBSP}h{NBSP}{local.minute:02d}"
