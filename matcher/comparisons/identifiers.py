"""Compare identifiers, and read the columns of a catalogue as what they really hold."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.common.identifiers import parse_identifier
from matcher.comparisons.levels import IdentifierLevel
from matcher.work import Work

_NOT_DIGIT = re.compile(r"[^0-9]")
_TEXT_SCHEMES = frozenset(("isan", "eidr"))
"""Schemes whose values are not numbers."""
_MAX_PREFIX_DIGITS = 4
_MAX_LOST_ZEROS = 4


class IdentifierForm(StrEnum):
    """Say how a column writes the identifiers of a scheme."""

    SAME = "same"
    REWRITTEN = "rewritten"
    FIRST_DIGIT_LOST = "first-digit-lost"
    PREFIXED = "prefixed"


@dataclass(frozen=True, slots=True)
class SchemeReading:
    """How a catalogue's column of identifiers is read: as which scheme, in which form.

    `agreed` of `compared` anchors agree under this reading. A column that `is_ignored` lies, and proves nothing; one that
    `is_weak` is often wrong, or may be read as several films: where it agrees it helps, where it differs it proves nothing.
    """

    entry_scheme: str
    film_scheme: str
    form: IdentifierForm
    agreed: int
    compared: int
    is_ignored: bool = False
    is_weak: bool = False


def split_identifiers(ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the scheme and the value of « imdb:tt0120616 »."""
    for identifier in ids:
        scheme, _, value = identifier.partition(":")
        yield scheme, value


def get_agreeing_form(scheme: str, value: str, film_scheme: str, film_value: str) -> IdentifierForm | None:
    """Return the form under which a column's value is a film's identifier; None when it is not."""
    if value == film_value:
        return IdentifierForm.SAME
    if scheme in _TEXT_SCHEMES or film_scheme in _TEXT_SCHEMES:
        return None
    digits, film_digits = _get_digits(value), _get_digits(film_value)
    if not digits or not film_digits:
        return None
    if digits == film_digits:
        return IdentifierForm.REWRITTEN
    if digits == film_digits[1:].lstrip("0"):
        return IdentifierForm.FIRST_DIGIT_LOST
    is_prefixed = digits.endswith(film_digits) and len(digits) - len(film_digits) <= _MAX_PREFIX_DIGITS
    return IdentifierForm.PREFIXED if is_prefixed else None


def _get_digits(value: str) -> str:
    return _NOT_DIGIT.sub("", value).lstrip("0")


def translate_identifiers(entry: Work, readings: Mapping[str, SchemeReading]) -> Work:
    """Return an entry with the identifiers that its columns really hold; those of columns that lie are left out."""
    if not readings:
        return entry
    ids: list[str] = []
    weak_ids: list[str] = []
    for scheme, value in split_identifiers((*entry.ids, *entry.unread_ids)):
        reading = readings.get(scheme)
        if reading is None:
            ids.append(f"{scheme}:{value}")
        elif not reading.is_ignored:
            (weak_ids if reading.is_weak else ids).extend(_list_meanings(reading, value))
    return replace(entry, ids=tuple(ids), weak_ids=tuple(weak_ids), unread_ids=())


def _list_meanings(reading: SchemeReading, value: str) -> Iterator[str]:
    """Yield the identifiers of films that a column's value may be."""
    for text in _list_values(reading.form, value):
        parsed = parse_identifier(reading.film_scheme, f"tt{text:0>7}" if reading.film_scheme == "imdb" else text)
        if parsed:
            yield f"{reading.film_scheme}:{parsed}"


def _list_values(form: IdentifierForm, value: str) -> list[str]:
    digits = _get_digits(value)
    match form:
        case IdentifierForm.SAME:
            return [value.removeprefix("tt")]
        case IdentifierForm.REWRITTEN:
            return [digits]
        case IdentifierForm.PREFIXED:
            return [digits[start:] for start in range(1, min(_MAX_PREFIX_DIGITS, len(digits) - 1) + 1)]
        case IdentifierForm.FIRST_DIGIT_LOST:
            return [f"{first}{'0' * zeros}{digits}" for first in range(1, 10) for zeros in range(_MAX_LOST_ZEROS + 1)]


def compare_identifiers(entry: Work, film: Work) -> IdentifierLevel:
    """Return SAME as soon as one scheme agrees: a source or a platform may hold a dead identifier in another scheme.

    LIKELY when only a column that is often wrong agrees.
    """
    if not film.ids:
        return IdentifierLevel.UNKNOWN
    if any(identifier in film.ids for identifier in entry.ids):
        return IdentifierLevel.SAME
    if any(identifier in film.ids for identifier in entry.weak_ids):
        return IdentifierLevel.LIKELY
    has_common_scheme = not _get_schemes(entry).isdisjoint(_get_schemes(film))
    return IdentifierLevel.DIFFERENT if has_common_scheme else IdentifierLevel.UNKNOWN


def _get_schemes(work: Work) -> set[str]:
    return {scheme for scheme, _ in split_identifiers(work.ids)}
