"""A work as the matcher sees it: a film of the base or an entry of a catalogue, its comparable forms made once."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from domain.common.countries import read_countries
from domain.common.enums import Kind
from domain.common.identifiers import read_identifiers
from domain.common.numerals import in_figures
from domain.common.text import clean, romanise
from domain.common.titles import split_title, title_key
from matcher.people import Person, read_people

_SEPARATOR = re.compile(r"\s*[:;/]\s*|\s+[-–—]\s*|\s*[-–—]\s+|,\s+|\s*[()]\s*")
_SHORTEST_PART = 4
_LONGEST_TITLE = 500


@dataclass(frozen=True, slots=True)
class Work:
    """What is known of a work, in comparable form.

    `keys` are its titles' comparable forms, in figures; `exact` the same without spaces, with figures and with words (what
    makes two titles equal); `parts` those of the pieces of titles with a subtitle; `countries` ISO codes; `popularity` from 0
    to 100; `ids` numbers under a scheme, « imdb:tt0120616 »; `rejected` the films that a person said an entry is not.
    """

    id: str
    title: str
    keys: tuple[str, ...]
    exact: tuple[str, ...]
    parts: tuple[str, ...]
    year: int | None = None
    release_year: int | None = None
    runtime_min: int | None = None
    people: tuple[Person, ...] = ()
    directors: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    kind: Kind | None = None
    popularity: float | None = None
    ids: tuple[str, ...] = ()
    rejected: frozenset[str] = frozenset()

    @property
    def years(self) -> tuple[int, ...]:
        """The years known: of production, then of the French release."""
        if self.release_year:
            return (self.year, self.release_year) if self.year else (self.release_year,)
        return (self.year,) if self.year else ()


def compact(key: str) -> str:
    """A key without spaces: « 5 x 2 » and « 5x2 » are one title."""
    return key.replace(" ", "")


def _pieces(title: str) -> Iterable[str]:
    pieces = [piece for piece in _SEPARATOR.split(title) if piece]
    return (compact(in_figures(title_key(piece))) for piece in pieces) if len(pieces) > 1 else ()


def _keys(spellings: Iterable[str]) -> list[str]:
    """The comparable forms; a title in another script is also found under its romanised form."""
    found = [title_key(text) for text in spellings]
    return [key for key in (*found, *(title_key(romanise(key)) for key in found if not key.isascii())) if key]


def _forms(spellings: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The comparable forms of titles: keys, exact, parts."""
    plain = _keys(spellings)
    keys = tuple(dict.fromkeys(map(in_figures, plain)))
    exact = tuple(dict.fromkeys(map(compact, (*keys, *plain))))
    pieces = dict.fromkeys(piece for text in spellings for piece in _pieces(text) if len(piece) >= _SHORTEST_PART)
    return keys, exact, tuple(piece for piece in pieces if piece not in exact)


def make_work(
    number: str,
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
    rejected: Iterable[str] = (),
) -> Work:
    """Prepares a work from what is written of it; the first title is the one it is called by.

    A year or a director written in the title serve when they are given nowhere else.
    """
    written = list(dict.fromkeys(title[:_LONGEST_TITLE] for title in titles if title))
    read = [split_title(title) for title in written]
    names = tuple(directors) or tuple(parts.director for parts in read if parts.director)
    return Work(
        number,
        clean(written[0]) if written else "",
        *_forms(list(dict.fromkeys(text for parts in read for text in (parts.title, *parts.alternatives)))),
        year=year or next((parts.year for parts in read if parts.year), None),
        release_year=release_date.year if release_date else None,
        runtime_min=runtime_min or None,
        people=read_people(names),
        directors=names,
        countries=read_countries(countries),
        kind=kind,
        popularity=popularity,
        ids=tuple(sorted(f"{scheme}:{value}" for scheme, value in read_identifiers(ids))),
        rejected=frozenset(rejected),
    )
