"""Numbers, prices, dates and spaces as they are printed in the language of the page."""

from datetime import date, datetime
from functools import cache

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

from domain.common.paris_time import PARIS, get_paris_date
from domain.common.text import fold_text
from webapp.core import french
from webapp.core.i18n import ENGLISH, FRENCH, is_english, mark_as_french, ngettext

_ENGLISH_LOCALE = "en_GB"


def typeset(text: str) -> str:
    """A French title or sentence with its apostrophes and unbreakable spaces, whatever the language of the page."""
    return type(text)(french.typeset(text))  # what is escaped already, a Markup, is not escaped again


def format_number(value: int) -> str:
    """« 30 650 »; « 30,650 »."""
    return format_decimal(value, locale=_ENGLISH_LOCALE) if is_english() else french.format_number(value)


def format_count(value: int, singular: str, plural: str | None = None) -> str:
    """« 30 650 films »; « 30,650 films ». The words are French, and looked up."""
    return f"{format_number(value)}{french.NBSP}{ngettext(singular, plural or singular + 's', value)}"


def format_percent(share: float, digits: int = 1) -> str:
    """« 2,5 % »; « 2.5% ». Of a share from 0 to 1."""
    return f"{100 * share:.{digits}f}%" if is_english() else french.format_percent(share, digits)


def format_money(cents: int, currency: str) -> str:
    """« 2,99 € »; « €2.99 »."""
    return (
        format_currency(cents / 100, currency, locale=_ENGLISH_LOCALE) if is_english() else french.format_money(cents, currency)
    )


def format_runtime(minutes: int) -> str:
    """« 2 h 03 »; « 2h 03m »."""
    if not is_english():
        return french.format_runtime(minutes)
    hours, left = divmod(minutes, 60)
    return f"{hours}h{french.NBSP}{left:02d}m" if hours else f"{left}{french.NBSP}min"


def translate_country(name: str) -> str:
    """« Italie »; « Italy ». Of a French name; one that is no country of today, as « URSS », stays French, and says so."""
    return (_load_english_countries().get(fold_text(name)) or mark_as_french(name)) if is_english() else name


@cache
def _load_english_countries() -> dict[str, str]:
    english = Locale(ENGLISH).territories
    return {fold_text(name): english[code] for code, name in Locale(FRENCH).territories.items() if code in english}


def format_long_date(day: date) -> str:
    """« 1er mai 2026 »; « 1 May 2026 ». A moment is told as the day it was in Paris."""
    if not is_english():
        return french.format_long_date(day)
    if isinstance(day, datetime):
        day = get_paris_date(day)
    return format_date(day, "d MMMM y", locale=_ENGLISH_LOCALE)


def format_clock_time(moment: datetime) -> str:
    """« 14 h 35 »; « 14:35 ». In Paris."""
    local = moment.astimezone(PARIS)
    return format_time(local, "HH:mm", tzinfo=PARIS, locale=_ENGLISH_LOCALE) if is_english() else french.format_clock_time(moment)
