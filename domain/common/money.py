"""Format amounts of money in French."""

from babel import Locale
from babel.numbers import format_currency

_LOCALE = Locale("fr")
_EURO_PATTERN = "#,##0.00\N{NO-BREAK SPACE}¤"
_CURRENCY_CODE_PATTERN = "#,##0.00\N{NO-BREAK SPACE}¤¤"


def format_money(cents: int, currency: str) -> str:
    """Return « 2,99 € », or « 10,00 CHF » for a currency other than the euro."""
    pattern = _EURO_PATTERN if currency == "EUR" else _CURRENCY_CODE_PATTERN
    return format_currency(cents / 100, currency, pattern, _LOCALE, currency_digits=False)
