"""Represent a film or a catalogue's entry in the form that the matcher compares, prepared once."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
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
    """The comparable facts of a film or an entry.

    `title_keys` are the normalised forms of its titles, with numbers in figures; `exact_keys` the same without spaces, with
    numbers in figures and in words: two works have the same title when they share one; `part_keys` those of the parts of
    titles with a subtitle. `people` are the normalised names of `directors`; `countries` are ISO codes; `popularity` goes
    from 0 to 100; `ids` are written « imdb:tt0120616 »; `rejected_film_ids` are the films that a person rejected for an entry.
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
        """Return the years known: of production, then of the French release."""
        return tuple(filter(None, (self.year, self.release_year)))


def remove_spaces(key: str) -> str:
    """Return a key without spaces: « 5 x 2 » and « 5x2 » are one title."""
    return key.replace(" ", "")


def _get_part_keys(title: str) -> list[str]:
    """Return the keys, long enough to mean something, of the parts of a title that has several."""
    parts = [part for part in _PART_SEPARATOR.split(title) if part]
    if len(parts) < 2:
        return []
    keys = [remove_spaces(normalise_numbers(build_title_key(part))) for part in parts]
    return [key for key in keys if len(key) >= _MIN_PART_LENGTH]


def _get_plain_keys(titles: Iterable[str]) -> list[str]:
    """Return the keys of titles; a title in another script also has the key of its romanised form."""
    keys = [build_title_key(title) for title in titles]
    romanised_keys = [build_title_key(romanise_text(key)) for key in keys if not key.isascii()]
    return [key for key in (*keys, *romanised_keys) if key]


def _get_comparable_forms(titles: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the title keys, exact keys and part keys of a work's titles."""
    plain_keys = _get_plain_keys(titles)
    title_keys = tuple(dict.fromkeys(map(normalise_numbers, plain_keys)))
    exact_keys = tuple(dict.fromkeys(map(remove_spaces, (*title_keys, *plain_keys))))
    part_keys = dict.fromkeys(key for title in titles for key in _get_part_keys(title))
    return title_keys, exact_keys, tuple(key for key in part_keys if key not in exact_keys)


@dataclass(slots=True)
class _WrittenTitles:
    """The spellings of a work's titles, and the year and directors written in them."""

    main_title: str
    spellings: dict[str, None] = field(default_factory=dict)
    year: int | None = None
    directors: list[str] = field(default_factory=list)


def _read_titles(titles: Iterable[str]) -> _WrittenTitles:
    texts = list(dict.fromkeys(title[:_MAX_TITLE_LENGTH] for title in titles if title))
    written = _WrittenTitles(clean_text(texts[0]) if texts else "")
    for text in texts:
        parts = split_title(text)
        written.spellings |= dict.fromkeys((parts.title, *parts.alternatives))
        written.year = written.year or parts.year
        if parts.director:
            written.directors.append(parts.director)
    return written


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
    """Return a work from its facts as they are written; the first title is its main one.

    A year or a director written in a title is used when it is not given otherwise.
    """
    written = _read_titles(titles)
    title_keys, exact_keys, part_keys = _get_comparable_forms(list(written.spellings))
    names = tuple(directors) or tuple(written.directors)
    return Work(
        work_id,
        title=written.main_title,
        title_keys=title_keys,
        exact_keys=exact_keys,
        part_keys=part_keys,
        year=year or written.year,
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
