"""Named transforms of platform files: each returns a clean value, or raises ValueError saying in French what was expected.

They never get a missing value: `crawlers.extract.expressions.Rule` returns None before it calls them.
"""

import html
import re
from collections.abc import Callable
from datetime import datetime

from w3lib.html import remove_tags

from domain.common import parsing
from domain.common.text import clean_text

Transform = Callable[[object], object]
_NO_DURATION_WORDS = frozenset(["no-duration", "n/a", "-"])
_TIMESTAMP = re.compile("[0-9]{9,13}")


def parse_text(value: object) -> str:
    """Return HTML as plain text, on one line."""
    if isinstance(value, str):
        return clean_text(html.unescape(remove_tags(value)))
    raise ValueError("texte attendu")


def _split_values(value: object, split_text: Callable[[str], list[str]]) -> list[str]:
    texts = value if isinstance(value, list) else [value]
    items: list[str] = []
    for text in texts:
        if not isinstance(text, str):
            raise ValueError("texte ou liste de textes attendu")
        items += split_text(parse_text(text))
    return list(dict.fromkeys(items))


def parse_names(value: object) -> list[str]:
    """Return the people of « A et B », « A, B », « A / B » or of a list, each once."""
    return _split_values(value, parsing.split_people)


def parse_countries(value: object) -> list[str]:
    """Return the countries of « France ,  Belgique » or of a list, each once."""
    return _split_values(value, parsing.split_list)


def parse_languages(value: object) -> list[str]:
    """Return the language versions of « VOST FR », « vf, vo » or of a list.

    Raises UnknownWordError for a version or a language that has no word on the site.
    """
    return parsing.parse_languages(_split_values(value, parsing.split_list))


def parse_price_cents(value: object) -> int:
    """Return the cents of « 2,99 », « 7.99 euros », « 3,99 € » or 3.99."""
    return parsing.parse_price_cents(value)


def convert_seconds_to_minutes(value: object) -> int | None:
    """Return minutes from 5820, « 5820 » or {"seconds": 5820}."""
    seconds = parsing.parse_whole_number(value.get("seconds") if isinstance(value, dict) else value)
    return round(seconds / 60) or None


def convert_milliseconds_to_minutes(value: object) -> int | None:
    """Return minutes from 8640000 or « 8640000 » milliseconds."""
    return round(parsing.parse_whole_number(value) / 60_000) or None


def convert_iso_to_minutes(value: object) -> int | None:
    """Return minutes from ISO 8601: PT1H37M, PT97M, PT01H37M00S, P0DT1H37M0S or PT5820S."""
    return parsing.round_minutes(parsing.parse_iso_duration(value if isinstance(value, str) else ""))


def convert_clock_to_minutes(value: object) -> int | None:
    """Return minutes from « 1h45 », « 1:45 » or « 97 min »; None for « no-duration »."""
    text = value.strip() if isinstance(value, str) else ""
    if text.lower() in _NO_DURATION_WORDS:
        return None
    return parsing.round_minutes(parsing.parse_clock_duration(text))


def parse_datetime(value: object) -> datetime:
    """Return a UTC moment from ISO 8601, or from seconds or milliseconds since 1970.

    Without a zone it is read as Paris time; a day alone is its first instant.
    """
    return _parse_datetime(value, include_day=False)


def parse_end_datetime(value: object) -> datetime:
    """Return the end of an offer as a UTC moment: as `parse_datetime`, but a day alone counts whole, in Paris."""
    is_last_of_calendar = isinstance(value, str) and value.strip().startswith("9999")  # written for « no end »
    return _parse_datetime(value, include_day=not is_last_of_calendar)


def _parse_datetime(value: object, include_day: bool) -> datetime:
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return parsing.parse_timestamp(value)
        text = value.strip() if isinstance(value, str) else ""
        if _TIMESTAMP.fullmatch(text):
            return parsing.parse_timestamp(int(text))
        return parsing.parse_paris_datetime(text, include_day=include_day)
    except (ValueError, OverflowError, OSError):
        raise ValueError("date ISO 8601 ou nombre de secondes attendu") from None


TRANSFORMS: dict[str, Transform] = {
    "int": parsing.parse_whole_number,
    "year_of": parsing.parse_year,
    "text": parse_text,
    "names": parse_names,
    "countries": parse_countries,
    "languages": parse_languages,
    "cents": parse_price_cents,
    "minutes_from_iso": convert_iso_to_minutes,
    "minutes_from_seconds": convert_seconds_to_minutes,
    "minutes_from_ms": convert_milliseconds_to_minutes,
    "minutes_from_hm": convert_clock_to_minutes,
    "date": parse_datetime,
    "last_day": parse_end_datetime,
}
