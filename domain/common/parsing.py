"""Read prices, dates, durations, names and languages as outside sources write them.

Platforms, editors and spreadsheets all come through here, so that « 3,99 € » or « 1h45 » is read in one way only. A value
that could mean two things is refused with a ValueError in French, never guessed.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

import isodate  # type: ignore[import-untyped]

from domain.common.paris_time import PARIS
from domain.common.text import clean_text, fold_text

# The shapes of a price. price-parser would also read « dès 2,99 € » or « $3.99 », and take « 2,999 » for thousands.
_PRICE = re.compile(
    r"€?\s*([0-9]{1,3}(?:\s[0-9]{3})+|[0-9]{1,6})(?P<decimals>(?P<point>[.,])[0-9]{1,2}(?P<padding>0*))?\s*(?:€|EUR|euros?)?",
    re.IGNORECASE,
)
# isodate would also read years, months, weeks and signs, which say no length of a film.
_ISO_DURATION = re.compile(r"P(?:[0-9]{1,3}D)?(?:T(?=[0-9])(?:[0-9]{1,4}H)?(?:[0-9]{1,6}M)?(?:[0-9]{1,7}(?:\.[0-9]+)?S)?)?")
_CLOCK_DURATION = re.compile(
    r"([0-9]{1,3})\s*(?::|h|heures?)\s*(?:([0-9]{1,2})\s*(?:m|min|minutes?|:([0-9]{2})(?:\.[0-9]+)?)?)?", re.IGNORECASE
)
_MINUTES_DURATION = re.compile(r"([0-9]{1,4})\s*(?:m|mn|min|minutes?)\.?", re.IGNORECASE)
_YEAR = re.compile(r"(?<![0-9])(?:18[7-9]|19[0-9]|20[0-9])[0-9](?![0-9])")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FRENCH_DATE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?:\s+([0-9]{2}:[0-9]{2}(?::[0-9]{2})?))?")
_PEOPLE_SEPARATOR = re.compile(r"\s*(?:[;/&|]|,(?!\s*(?:Jr|Sr)\b)|\s(?:et|and)\s)\s*")
_LIST_SEPARATOR = re.compile(r"\s*[,;/|]\s*")
_MAX_DAY_LENGTH = 10
_WHOLE_NUMBER_LIMIT = 10**15
_SECONDS_LIMIT = 100_000_000_000  # seconds until the year 5138; a larger number is in milliseconds
_LANGUAGE_WORDS = {
    "VF": "vf versionfrancaise fr frfr fra fre french francais",
    "VO": "vo versionoriginale",
    "VOF": "vof versionoriginalefrancaise vofstmf",
    "VOST": "vost versionoriginalesoustitree",
    "VOSTFR": "vostfr vostf versionoriginalesoustitreeenfrancais",
}
_LANGUAGE_VERSIONS = {word: version for version, words in _LANGUAGE_WORDS.items() for word in words.split()}


class UnknownWordError(ValueError):
    """Report a word that no table translates; `known` holds the translations of the other words of the same list."""

    def __init__(self, word: str, known: list[str] | None = None) -> None:
        super().__init__(f"mot inconnu « {word} »")
        self.known = known


def parse_whole_number(value: object) -> int:
    """Return the integer of 97, 97.0 or « 97 ». Raises ValueError, also for more than fifteen digits."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE_NUMBER_LIMIT:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _WHOLE_NUMBER_LIMIT:
        return value
    if isinstance(value, str) and re.fullmatch("[0-9]{1,15}", value.strip()):
        return int(value)
    raise ValueError("nombre entier attendu")


def parse_year(value: object) -> int:
    """Return the first year from 1870 to 2099 in « 2019 », 2019, « 2019-05-01 » or « mai 2019 ». Raises ValueError."""
    year = _YEAR.search(str(value)[:100]) if isinstance(value, str | int) else None
    if year is None:
        raise ValueError("année attendue")
    return int(year[0])


def parse_price_cents(value: object, *, allow_padding: bool = False) -> int:
    """Return the cents of « 2,99 », « 7.99 euros », « 1 299,50 € » or 3.99, without any rounding. Raises ValueError.

    With `allow_padding`, zeros may follow the two decimals, as spreadsheets write them: « 3.990 ».
    """
    text = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    shape = _PRICE.fullmatch(text)
    if shape is None or (shape["padding"] and not allow_padding):
        raise ValueError("prix en euros attendu")
    from price_parser import Price  # takes 30 ms, that a run without prices need not wait for

    amount = Price.fromstring(shape[1] + (shape["decimals"] or ""), decimal_separator=shape["point"] or ",").amount
    assert amount is not None
    return int(amount * 100)


def parse_iso_duration(text: str) -> timedelta:
    """Return the length that ISO 8601 writes in days, hours, minutes and seconds: « PT1H37M ». Raises ValueError."""
    written = text.strip()
    if not _ISO_DURATION.fullmatch(written) or written == "P":
        raise ValueError("durée ISO 8601 attendue (PT1H37M)")
    duration: timedelta = isodate.parse_duration(written)
    return duration


def parse_clock_duration(text: str) -> timedelta:
    """Return the length that a person writes: « 1h45 », « 1:45 », « 01:45:30 » or « 97 min ». Raises ValueError."""
    written = text.strip()
    if clock := _CLOCK_DURATION.fullmatch(written):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if counted := _MINUTES_DURATION.fullmatch(written):
        return timedelta(minutes=int(counted[1]))
    raise ValueError("durée attendue (1h45, 1:45 ou 97 min)")


def round_minutes(duration: timedelta) -> int | None:
    """Return whole minutes; None for zero, with which sources say that they do not know."""
    whole_seconds = duration // timedelta(seconds=1)
    return round(whole_seconds / 60) or None


def parse_iso_day(text: str) -> date:
    """Return the day of « 2001-04-25 », the only form accepted. Raises ValueError."""
    if not _ISO_DAY.fullmatch(text):
        raise ValueError("date attendue, comme 2001-04-25")
    return date.fromisoformat(text)


def is_whole_day(text: str) -> bool:
    """Tell whether a date written in ISO 8601 is a day alone, without an hour. Raises ValueError when it is no date."""
    return len(text) <= _MAX_DAY_LENGTH and datetime.fromisoformat(text).time() == time()


def parse_paris_datetime(text: str, *, include_day: bool = False) -> datetime:
    """Return the UTC moment of an ISO 8601 text; without a zone it is Paris time, and a day alone is its first instant.

    With `include_day`, a day alone is its end instead: midnight in Paris, where the next day begins.
    Raises ValueError, or OverflowError for the last day of the calendar.
    """
    moment = datetime.fromisoformat(text)
    if include_day and is_whole_day(text):
        moment += timedelta(days=1)
    return (moment if moment.tzinfo else moment.replace(tzinfo=PARIS)).astimezone(UTC)


def convert_french_date(text: str) -> str:
    """Return « 31/12/2026 » or « 31/12/2026 20:00 » in ISO 8601; any other text as it is."""
    written = _FRENCH_DATE.fullmatch(text)
    if written is None:
        return text
    day, month, year, clock = written.groups()
    iso_day = f"{year}-{month:0>2}-{day:0>2}"
    if clock:
        return f"{iso_day}T{clock}"
    return iso_day


def parse_timestamp(timestamp: float) -> datetime:
    """Return the UTC moment of so many seconds since 1970, or milliseconds. Raises ValueError, OverflowError or OSError."""
    seconds = timestamp / 1000 if abs(timestamp) > _SECONDS_LIMIT else timestamp
    return datetime.fromtimestamp(seconds, UTC)


def split_people(text: str) -> list[str]:
    """Return the names of « A et B », « A, B & C » or « A / B »; « Robert Downey, Jr. » is one person."""
    return drop_repeats(_PEOPLE_SEPARATOR.split(text))


def split_list(text: str) -> list[str]:
    """Return the items of « France, Belgique » or « VF / VO »."""
    return drop_repeats(_LIST_SEPARATOR.split(text))


def drop_repeats(items: Iterable[str]) -> list[str]:
    """Return the texts cleaned, each once and in their first order, without the empty ones."""
    cleaned = map(clean_text, items)
    return list(dict.fromkeys(filter(None, cleaned)))


def parse_languages(words: Iterable[str]) -> list[str]:
    """Return the language versions of the site (VF, VO, VOF, VOST, VOSTFR) for a platform's words.

    French sound is VF, whatever the film's own language. Raises UnknownWordError for a word that has no version.
    """
    versions = []
    unknown_words = []
    for word in words:
        version = _LANGUAGE_VERSIONS.get(fold_text(re.sub(r"[^\w]", "", word)))
        if version is None:
            unknown_words.append(word)
        else:
            versions.append(version)
    distinct_versions = list(dict.fromkeys(versions))
    if unknown_words:
        raise UnknownWordError(unknown_words[0][:80], distinct_versions)
    return distinct_versions
