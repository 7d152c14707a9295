"""The plain values of the contract: texts, dates, prices, durations, as JSON or as a cell of a spreadsheet writes them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from domain.common.paris_time import PARIS
from domain.common.text import clean_text, fold_text

_PRICE_PATTERN = re.compile(
    r"€?\s*([0-9]{1,3}(?:\s[0-9]{3})+|[0-9]{1,6})(?:[.,]([0-9]{1,2})0*)?\s*(?:€|EUR|euros?)?", re.IGNORECASE
)
_DURATION_PATTERN = re.compile(r"([0-9]{1,2})\s*(?::|h)\s*([0-9]{2})?", re.IGNORECASE)
_FRENCH_DATE_PATTERN = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?:\s+([0-9]{2}:[0-9]{2}(?::[0-9]{2})?))?")
_PEOPLE_SEPARATOR = re.compile(r"\s*(?:[;/&|]|,(?!\s*(?:Jr|Sr)\b)|\s(?:et|and)\s)\s*")
_COUNTRY_SEPARATOR = re.compile(r"\s*[,;/|]\s*")
_FLAG_WORDS = {"oui": True, "o": True, "vrai": True, "true": True, "1": True, "x": True, "non": False, "n": False, "faux": False}
_FLAG_WORDS |= {"false": False, "0": False}
_MAX_CENTS = 1_000_000


def is_blank(value: object) -> bool:
    """Whether a value says nothing: null, or a text without a sign."""
    return value is None or (isinstance(value, str) and not value[:1].isalnum() and not clean_text(value))


def _parse_text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("texte attendu")
    return clean_text(str(value)[:10_000])


def _parse_integer(value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", clean_text(value)):
        return int(clean_text(value))
    raise ValueError("nombre entier attendu")


def _parse_cents(value: Any) -> int:
    written = clean_text(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if found := _PRICE_PATTERN.fullmatch(written):
        cents = int(re.sub(r"\s", "", found[1])) * 100 + int((found[2] or "").ljust(2, "0"))
        if cents <= _MAX_CENTS:
            return cents
    raise ValueError("prix attendu : un nombre de 0 à 10000, deux décimales au plus")


def _parse_minutes(value: Any) -> int:
    if isinstance(value, str) and (found := _DURATION_PATTERN.fullmatch(clean_text(value))):
        return int(found[1]) * 60 + int(found[2] or 0)
    try:
        return _parse_integer(value)
    except ValueError:
        raise ValueError("durée attendue, en minutes ou comme « 1h45 »") from None


def read_flag(value: Any) -> bool:
    """Yes or no, as JSON or as a cell writes it. Raises ValueError in French."""
    said = _FLAG_WORDS.get(fold_text(clean_text(str(value)))) if isinstance(value, str | int | bool) else None
    if said is None:
        raise ValueError("oui ou non attendu (true ou false)")
    return said


def _build_list_parser(separator: re.Pattern[str]) -> Callable[[Any], list[str]]:
    def read(value: Any) -> list[str]:
        parts = separator.split(clean_text(value[:10_000])) if isinstance(value, str) else value
        if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
            raise ValueError("texte ou liste de textes attendu")
        return list(dict.fromkeys(told for part in parts if (told := clean_text(part[:10_000]))))

    return read


def _parse_list(value: Any) -> list[Any]:
    """A list, a word alone, or the words of a cell."""
    if isinstance(value, str):
        return [part for part in re.split(r"[|,;/\s]+", value[:10_000]) if part]
    return value if isinstance(value, list) else [value]


def _to_iso_date(written: str) -> str:
    day = _FRENCH_DATE_PATTERN.fullmatch(written)
    return f"{day[3]}-{day[2]:0>2}-{day[1]:0>2}" + (f"T{day[4]}" if day[4] else "") if day else written


def _parse_moment(value: Any, whole_day: bool) -> datetime:
    """In UTC; without a zone it is Paris time, and a day alone is its first instant, or its end where the day counts whole."""
    try:
        written = _to_iso_date(clean_text(value)) if isinstance(value, str) else ""
        moment = datetime.fromisoformat(written)
        alone = len(written) <= 10 and moment.time() == time()
        local = (moment + timedelta(days=1)) if alone and whole_day else moment
        return (local if local.tzinfo else local.replace(tzinfo=PARIS)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("date attendue, comme 2026-11-22 ou 2026-11-22T08:00:00+01:00") from None


def _parse_start(value: Any) -> datetime:
    return _parse_moment(value, whole_day=False)


def _parse_end(value: Any) -> datetime:
    return _parse_moment(value, whole_day=True)


Text = Annotated[str, BeforeValidator(_parse_text, json_schema_input_type=str | int)]
Name = Annotated[str, Field(max_length=200)]
Integer = Annotated[int, BeforeValidator(_parse_integer, json_schema_input_type=int | str)]
Cents = Annotated[int, BeforeValidator(_parse_cents, json_schema_input_type=float | str)]
Minutes = Annotated[int, BeforeValidator(_parse_minutes, json_schema_input_type=int | str), Field(ge=1, le=6000)]
Flag = Annotated[bool, BeforeValidator(read_flag, json_schema_input_type=bool | str)]
People = Annotated[
    list[Name],
    BeforeValidator(_build_list_parser(_PEOPLE_SEPARATOR), json_schema_input_type=str | list[str]),
    Field(max_length=50),
]
Countries = Annotated[
    list[Name],
    BeforeValidator(_build_list_parser(_COUNTRY_SEPARATOR), json_schema_input_type=str | list[str]),
    Field(max_length=50),
]
StartMoment = Annotated[datetime, BeforeValidator(_parse_start, json_schema_input_type=str)]
EndMoment = Annotated[datetime, BeforeValidator(_parse_end, json_schema_input_type=str)]
AsList = BeforeValidator(_parse_list)
