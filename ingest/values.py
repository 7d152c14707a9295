"""Read the plain values of the contract, written in JSON or in a cell of a spreadsheet: texts, dates, prices, durations."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from domain.common.parsing import (
    convert_french_date,
    drop_repeats,
    parse_clock_duration,
    parse_paris_datetime,
    parse_price_cents,
    split_list,
    split_people,
)
from domain.common.text import clean_text, fold_text

_FLAG_WORDS = dict.fromkeys(("oui", "o", "vrai", "true", "1", "x"), True)
_FLAG_WORDS |= dict.fromkeys(("non", "n", "faux", "false", "0"), False)
_MAX_CENTS = 1_000_000


def is_blank(value: object) -> bool:
    """Return whether a value is null or a text without any visible character."""
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
    text = clean_text(str(value)) if isinstance(value, str | float) else value
    try:
        cents = parse_price_cents(text, allow_padding=True)
    except ValueError:
        cents = _MAX_CENTS + 1
    if cents > _MAX_CENTS:
        raise ValueError("prix attendu : un nombre de 0 à 10000, deux décimales au plus")
    return cents


def _parse_minutes(value: Any) -> int:
    try:
        return _parse_integer(value)
    except ValueError:
        pass
    try:
        duration = parse_clock_duration(clean_text(value) if isinstance(value, str) else "")
    except ValueError:
        raise ValueError("durée attendue, en minutes ou comme « 1h45 »") from None
    return duration // timedelta(minutes=1)


def read_flag(value: Any) -> bool:
    """Return the boolean of « oui », « x », « 0 », true and the like. Raise ValueError, in French, for anything else."""
    word = fold_text(clean_text(str(value))) if isinstance(value, str | int | bool) else ""
    if word not in _FLAG_WORDS:
        raise ValueError("oui ou non attendu (true ou false)")
    return _FLAG_WORDS[word]


def _build_list_parser(split_text: Callable[[str], list[str]]) -> Callable[[Any], list[str]]:
    def parse_texts(value: Any) -> list[str]:
        if isinstance(value, str):
            return split_text(clean_text(value[:10_000]))
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise ValueError("texte ou liste de textes attendu")
        return drop_repeats(part[:10_000] for part in value)

    return parse_texts


def _parse_list(value: Any) -> list[Any]:
    """Return a list as it is, the words of a cell, or a list of the single value."""
    if isinstance(value, str):
        return [part for part in re.split(r"[|,;/\s]+", value[:10_000]) if part]
    return value if isinstance(value, list) else [value]


def _parse_moment(value: Any, include_day: bool) -> datetime:
    """Return a UTC moment; without a zone it is Paris time, and a day alone is its first instant, or its end when included."""
    text = clean_text(value) if isinstance(value, str) else ""
    try:
        return parse_paris_datetime(convert_french_date(text), include_day=include_day)
    except (ValueError, OverflowError):
        raise ValueError("date attendue, comme 2026-11-22 ou 2026-11-22T08:00:00+01:00") from None


def _parse_start(value: Any) -> datetime:
    return _parse_moment(value, include_day=False)


def _parse_end(value: Any) -> datetime:
    return _parse_moment(value, include_day=True)


Text = Annotated[str, BeforeValidator(_parse_text, json_schema_input_type=str | int)]
Name = Annotated[str, Field(max_length=200)]
Integer = Annotated[int, BeforeValidator(_parse_integer, json_schema_input_type=int | str)]
Cents = Annotated[int, BeforeValidator(_parse_cents, json_schema_input_type=float | str)]
Minutes = Annotated[int, BeforeValidator(_parse_minutes, json_schema_input_type=int | str), Field(ge=1, le=6000)]
Flag = Annotated[bool, BeforeValidator(read_flag, json_schema_input_type=bool | str)]
People = Annotated[
    list[Name],
    BeforeValidator(_build_list_parser(split_people), json_schema_input_type=str | list[str]),
    Field(max_length=50),
]
Countries = Annotated[
    list[Name],
    BeforeValidator(_build_list_parser(split_list), json_schema_input_type=str | list[str]),
    Field(max_length=50),
]
StartMoment = Annotated[datetime, BeforeValidator(_parse_start, json_schema_input_type=str)]
EndMoment = Annotated[datetime, BeforeValidator(_parse_end, json_schema_input_type=str)]
AsList = BeforeValidator(_parse_list)
