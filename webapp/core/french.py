"""French as it is printed: spaces, numbers, prices, dates. Nothing depends on the machine's locale."""

import re
from datetime import date, datetime

from domain.common.paris_time import PARIS, day_in_paris

NBSP = "\N{NO-BREAK SPACE}"
THIN = "\N{NARROW NO-BREAK SPACE}"
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
_SYMBOLS = {"EUR": "€"}


def typeset(text: str) -> str:
    """The text with the apostrophes and the unbreakable spaces of French typography; no space is added where there was none."""
    text = re.sub(r"(?<=\w)'(?=\w)", "’", text)
    text = re.sub(r" (?=[;!?])", THIN, text)
    return re.sub(r" (?=[:»€%])|(?<=«) ", NBSP, text)


def number(value: int) -> str:
    """« 30 650 »."""
    return f"{value:,}".replace(",", THIN)


def count(value: int, singular: str, plural: str | None = None) -> str:
    """« 0 film », « 1 film », « 30 650 films »."""
    return f"{number(value)}{NBSP}{singular if value < 2 else plural or singular + 's'}"


def percent(share: float, digits: int = 1) -> str:
    """« 2,5 % », of a share from 0 to 1."""
    return f"{100 * share:.{digits}f}{NBSP}%".replace(".", ",")


def money(cents: int, currency: str) -> str:
    """« 2,99 € »."""
    return f"{number(cents // 100)},{cents % 100:02d}{NBSP}{_SYMBOLS.get(currency, currency)}"


def runtime(minutes: int) -> str:
    """« 2 h 03 », « 52 min »."""
    hours, left = divmod(minutes, 60)
    return f"{hours}{NBSP}h{NBSP}{left:02d}" if hours else f"{left}{NBSP}min"


def long_date(day: date) -> str:
    """« 1er mai 2026 »; a moment is told as the day it was in Paris."""
    if isinstance(day, datetime):
        day = day_in_paris(day)
    return f"{'1er' if day.day == 1 else day.day}{NBSP}{_MONTHS[day.month - 1]}{NBSP}{day.year}"


def clock(moment: datetime) -> str:
    """« 14 h 35 », in Paris."""
    local = moment.astimezone(PARIS)
    return f"{local.hour}{NBSP}h{NBSP}{local.minute:02d}"
