"""Print text, figures and dates in French, whatever the language of the page; nothing depends on the machine's locale.

Babel does the work. Four rules of French typography that this site keeps differ from the locale data of Unicode: the space before
« % » is a plain no-break space, the parts of a date are held together by no-break spaces, its first day is « 1er », and a
currency other than the euro is named by its code.
"""

import re
from datetime import date, datetime

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from domain.common.money import format_money as format_money
from domain.common.paris_time import PARIS, get_paris_date

NBSP = "\N{NO-BREAK SPACE}"
NARROW_NBSP = "\N{NARROW NO-BREAK SPACE}"
_LOCALE = Locale("fr")
_DATE_PATTERN = f"d{NBSP}MMMM{NBSP}y"
_FIRST_DAY_PATTERN = f"d'er'{NBSP}MMMM{NBSP}y"
_TIME_PATTERN = f"H{NBSP}'h'{NBSP}mm"


def typeset(text: str) -> str:
    """Return a text with the apostrophes and unbreakable spaces of French typography; no space is added where there was none."""
    text = re.sub(r"(?<=\w)'(?=\w)", "’", text)
    text = re.sub(r" (?=[;!?])", NARROW_NBSP, text)
    return re.sub(r" (?=[:»€%])|(?<=«) ", NBSP, text)


def format_number(value: int) -> str:
    """Return « 30 650 »."""
    return format_decimal(value, locale=_LOCALE)


def format_count(value: int, singular: str, plural: str | None = None) -> str:
    """Return « 0 film », « 1 film », « 30 650 films »; the plural is the singular with an « s » unless it is given."""
    noun = singular if value < 2 else plural or singular + "s"
    return f"{format_number(value)}{NBSP}{noun}"


def format_percent(share: float, digits: int = 1) -> str:
    """Return « 2,5 % » for a share from 0 to 1."""
    return f"{format_decimal(round(100 * share, digits), get_decimals_pattern(digits), _LOCALE)}{NBSP}%"


def get_decimals_pattern(digits: int) -> str:
    """Return Babel's pattern of an ungrouped number with so many decimals."""
    return f"0.{'0' * digits}" if digits else "0"


def format_runtime(minutes: int) -> str:
    """Return « 2 h 03 », or « 52 min » under an hour."""
    hours, remaining_minutes = divmod(minutes, 60)
    return f"{hours}{NBSP}h{NBSP}{remaining_minutes:02d}" if hours else f"{remaining_minutes}{NBSP}min"


def format_long_date(day: date) -> str:
    """Return « 1er mai 2026 »; a moment is told as the day it was in Paris."""
    if isinstance(day, datetime):
        day = get_paris_date(day)
    return format_date(day, _FIRST_DAY_PATTERN if day.day == 1 else _DATE_PATTERN, _LOCALE)


def format_clock_time(moment: datetime) -> str:
    """Return « 14 h 35 », in Paris."""
    return format_time(moment, _TIME_PATTERN, PARIS, _LOCALE)
