"""A work as the matcher sees it: a film of the base or an entry of a catalogue, its comparable forms made once."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from domain.common.countries import parse_countries
from domain.common.enums import Kind
from domain.common.identifiers import parse_identifiers
from domain.common.numerals import normalise_numbers
from domain.common.text import clean_text, romanise_text
from domain.common.titles import build_title_key, split_title
from matcher.comparisons.people import NormalisedName, normalise_names

_PART_SEPARATOR = re.compile(r"\s*[:;/]\s*|\s+[-–—]\s*|\s*[-–—]\s+|,\s+|\s*[()]\s*")
_MIN_PART_LENGTH = 4
_MAX_TITLE_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Work:
    """What is known of a work, in comparable form.

    `keys` are its titles' comparable forms, in figures; `exact` the same without spaces, with figures and with words (what
    makes two titles equal); `parts` those of the pieces of titles with a subtitle; `countries` ISO codes; `popularity` from 0
    to 100; `ids` numbers under a scheme, « imdb:tt0120616 »; `rejected` the films that a person said an entry is not.
    """

    id: str
    title: str
    title_keys: tuple[str, ...]
    exact_keys: tuple[str, ...]
    part_keys: tuple[str, ...]
    year: int | None = None
    release_year: int | None = None
    runtime_min: int | None = None
    people: tuple[NormalisedName, ...] = ()
    directors: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    kind: Kind | None = None
    popularity: float | None = None
    ids: tuple[str, ...] = ()
    rejected_film_ids: frozenset[str] = frozenset()

    @property
    def years(self) -> tuple[int, ...]:
        """The years known: of production, then of the French release."""
        if self.release_year:
            return (self.year, self.release_year) if self.year else (self.release_year,)
        return (self.year,) if self.year else ()


def remove_spaces(key: str) -> str:
    """A key without spaces: « 5 x 2 » and « 5x2 » are one title."""
    return key.replace(" ", "")


def _get_part_keys(title: str) -> Iterable[str]:
    pieces = [piece for piece in _PART_SEPARATOR.split(title) if piece]
    return (remove_spaces(normalise_numbers(build_title_key(piece))) for piece in pieces) if len(pieces) > 1 else ()


def _get_title_keys(spellings: Iterable[str]) -> list[str]:
    """The comparable forms; a title in another script is also found under its romanised form."""
    found = [build_title_key(text) for text in spellings]
    return [key for key in (*found, *(build_title_key(romanise_text(key)) for key in found if not key.isascii())) if key]


def _get_comparable_forms(spellings: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The comparable forms of titles: keys, exact, parts."""
    plain = _get_title_keys(spellings)
    keys = tuple(dict.fromkeys(map(normalise_numbers, plain)))
    exact = tuple(dict.fromkeys(map(remove_spaces, (*keys, *plain))))
    pieces = dict.fromkeys(piece for text in spellings for piece in _get_part_keys(text) if len(piece) >= _MIN_PART_LENGTH)
    return keys, exact, tuple(piece for piece in pieces if piece not in exact)


def make_work(
    work_id: str,
    titles: Iterable[str],
    *,
    year: int | None = None,
    release_date: date | None = None,
    runtime_min: int | None = None,
    directors: Iterable[str] = (),
    countries: Iterable[str] = (),
    kind: Kind | None = None,
    popularity: float | None = None,
    ids: Iterable[tuple[str, str]] = (),
    rejected_film_ids: Iterable[str] = (),
) -> Work:
    """Prepares a work from what is written of it; the first title is the one it is called by.

    A year or a director written in the title serve when they are given nowhere else.
    """
    written = list(dict.fromkeys(title[:_MAX_TITLE_LENGTH] for title in titles if title))
    read = [split_title(title) for title in written]
    names = tuple(directors) or tuple(parts.director for parts in read if parts.director)
    return Work(
        work_id,
        clean_text(written[0]) if written else "",
        *_get_comparable_forms(list(dict.fromkeys(text for parts in read for text in (parts.title, *parts.alternatives)))),
        year=year or next((parts.year for parts in read if parts.year), None),
        release_year=release_date.year if release_date else None,
        runtime_min=runtime_min or None,
        people=normalise_names(names),
        directors=names,
        countries=parse_countries(countries),
        kind=kind,
        popularity=popularity,
        ids=tuple(sorted(f"{scheme}:{value}" for scheme, value in parse_identifiers(ids))),
        rejected_film_ids=frozenset(rejected_film_ids),
    )
