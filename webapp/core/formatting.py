"""Print numbers, prices, dates and countries in the language of the current page."""

from collections.abc import Mapping
from datetime import date, datetime

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

from domain.common.paris_time import PARIS, get_paris_date
from domain.common.text import fold_text
from webapp.core import french
from webapp.core.i18n import ENGLISH, FRENCH, LOCALES, get_language, is_english, mark_as_french, ngettext

_ENGLISH_LOCALE = Locale.parse(LOCALES[ENGLISH])


def typeset(text: str) -> str:
    """Return a French text with its apostrophes and unbreakable spaces, whatever the language of the page."""
    return type(text)(french.typeset(text))  # what is escaped already, a Markup, is not escaped again


def format_number(value: int) -> str:
    """Return « 30 650 », or « 30,650 » in English."""
    return format_decimal(value, locale=_ENGLISH_LOCALE) if is_english() else french.format_number(value)


def format_count(value: int, singular: str, plural: str | None = None) -> str:
    """Return « 30 650 films », or « 30,650 films » in English; the words given are French, and translated."""
    return f"{format_number(value)}{french.NBSP}{ngettext(singular, plural or singular + 's', value)}"


def format_percent(share: float, digits: int = 1) -> str:
    """Return « 2,5 % », or « 2.5% » in English, for a share from 0 to 1."""
    if not is_english():
        return french.format_percent(share, digits)
    return f"{format_decimal(round(100 * share, digits), french.get_decimals_pattern(digits), _ENGLISH_LOCALE)}%"


def format_money(cents: int, currency: str) -> str:
    """Return « 2,99 € », or « €2.99 » in English."""
    if not is_english():
        return french.format_money(cents, currency)
    return format_currency(cents / 100, currency, locale=_ENGLISH_LOCALE)


def format_runtime(minutes: int) -> str:
    """Return « 2 h 03 », or « 2h 03m » in English."""
    if not is_english():
        return french.format_runtime(minutes)
    hours, remaining_minutes = divmod(minutes, 60)
    return f"{hours}h{french.NBSP}{remaining_minutes:02d}m" if hours else f"{remaining_minutes}{french.NBSP}min"


def format_long_date(day: date) -> str:
    """Return « 1er mai 2026 », or « 1 May 2026 » in English; a moment is told as the day it was in Paris."""
    if not is_english():
        return french.format_long_date(day)
    if isinstance(day, datetime):
        day = get_paris_date(day)
    return format_date(day, "d MMMM y", _ENGLISH_LOCALE)


def format_month(day: date) -> str:
    """Return « novembre 2026 », or « November 2026 » in English."""
    return format_date(day, "MMMM y", LOCALES[get_language()])


def format_clock_time(moment: datetime) -> str:
    """Return « 14 h 35 », or « 14:35 » in English, in Paris."""
    if not is_english():
        return french.format_clock_time(moment)
    return format_time(moment, "HH:mm", PARIS, _ENGLISH_LOCALE)


def translate_country(name: str) -> str:
    """Return « Italie », or « Italy » in English, for a French name.

    One that is no country of today, such as « URSS », stays French, and is marked so.
    """
    if not is_english():
        return name
    return _ENGLISH_COUNTRIES.get(fold_text(name)) or mark_as_french(name)


def _load_english_countries() -> Mapping[str, str]:
    english_names = Locale(ENGLISH).territories
    french_names = Locale(FRENCH).territories
    return {fold_text(name): english_names[code] for code, name in french_names.items() if code in english_names}


_ENGLISH_COUNTRIES = _load_english_countries()
