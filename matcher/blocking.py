"""Which films of the base may be an entry's work: by identifier, by title, by people, by letters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.comparisons import Surroundings
from matcher.inverted_index import Postings
from matcher.people import person_keys
from matcher.trigrams import TrigramIndex
from matcher.work import Work

_HOMONYMS = 16
_NEAR_TITLES = 8
_SAME_PEOPLE = 12
_NAMESAKES = 200
_ALIKE = 6
_NEVER = 10_000
_NOWHERE = np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The places of the films put forward, ascending, and what the base holds around the entry."""

    places: Sequence[int]
    around: Surroundings


Places = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _Named:
    """The places that an entry names, ascending: by title, by people, by both, by number.

    `fits` when a film of an equal title has the same people or year.
    """

    homonyms: Places
    made: Places
    both: Places
    numbered: Places
    fits: bool


class FilmIndex:
    """The films of a base, found again by what an entry says. Films are named by their place in `films`."""

    def __init__(self, films: Iterable[Work]) -> None:
        self.films: Sequence[Work] = sorted(films, key=lambda film: film.id)
        placed = list(enumerate(self.films))
        self._by_title = Postings((key, place) for place, film in placed for key in film.exact)
        self._by_part = Postings((part, place) for place, film in placed for part in film.parts)
        self._by_id = Postings((number, place) for place, film in placed for number in film.ids)
        self._by_person = Postings(
            (key, place) for place, film in placed for person in film.people for key in person_keys(person)
        )
        self._by_facts = Postings((key, place) for place, film in placed for key in _facts(film))
        self._trigrams = TrigramIndex([key for film in self.films for key in film.keys])
        years = ((film.year or 0, film.release_year or 0) for film in self.films)
        self._years = np.fromiter(years, dtype=np.dtype((np.int16, 2)))
        self._owners = np.fromiter((place for place, film in placed for _ in film.keys), dtype=np.int32)

    def shortlists(self, entries: Sequence[Work]) -> list[Shortlist]:
        """For each entry, the films that may be its work; resembling titles are looked for only where no equal one fits."""
        sure = [self._namely(entry) for entry in entries]
        open_places = [place for place, found in enumerate(sure) if not found.fits]
        near = dict(zip(open_places, self._near_titles([entries[place] for place in open_places]), strict=True))
        return [
            self._shortlist(entry, found, near.get(place)) for place, (entry, found) in enumerate(zip(entries, sure, strict=True))
        ]

    def _namely(self, entry: Work) -> _Named:
        """What the entry's titles, people and numbers name."""
        homonyms = _merged([self._by_title.places(key) for key in entry.exact])
        made = _merged([self._by_person.places(person_keys(person)[0]) for person in entry.people])
        both = np.intersect1d(homonyms, made, assume_unique=True) if len(homonyms) and len(made) else made[:0]
        numbered = _merged([self._by_id.places(number) for number in entry.ids])
        fits = len(both) > 0 or any(year in self._years[homonyms] for year in entry.years)
        return _Named(homonyms, made, both, numbered, fits)

    def _shortlist(self, entry: Work, named: _Named, near: set[int] | None) -> Shortlist:
        found = self._nearest(entry, named.numbered, _HOMONYMS) | self._nearest(entry, named.both, _HOMONYMS)
        found |= self._nearest(entry, named.homonyms, _HOMONYMS) | self._nearest(entry, named.made, _SAME_PEOPLE)
        if near is not None:
            found |= near | self._nearest(entry, self._parted(entry), _NEAR_TITLES) | self._alike(entry)
            found |= set() if len(named.made) else self._namesakes(entry)
        that_year = int(np.count_nonzero(self._gaps(entry, named.made) == 0)) if entry.years else 0
        return Shortlist(sorted(found), Surroundings(len(named.homonyms), len(named.made), that_year))

    def _near_titles(self, entries: Sequence[Work]) -> list[set[int]]:
        found: list[set[int]] = [set() for _ in entries]
        owners = [place for place, entry in enumerate(entries) for _ in entry.keys]
        lines = self._trigrams.near([key for entry in entries for key in entry.keys], _NEAR_TITLES)
        for owner, near in zip(owners, lines, strict=True):
            found[owner].update(self._owners[near].tolist())
        return found

    def _alike(self, entry: Work) -> set[int]:
        """Films of the same year, country and running time, when these are few: a translated title leaves nothing else."""
        found = _merged([self._by_facts.places(key) for key in _facts(entry)])
        return set(found.tolist()) if len(found) <= _ALIKE else set()

    def _parted(self, entry: Work) -> Places:
        """Films whose title is a piece of the entry's, or the other way round."""
        wholes = [self._by_part.places(key) for key in entry.exact]
        return _merged([*wholes, *(self._by_title.places(part) for part in entry.parts)])

    def _namesakes(self, entry: Work) -> set[int]:
        """Films of the same year by people of nearly the same name."""
        rough = [self._by_person.places(key) for person in entry.people for key in person_keys(person)[1:]]
        few = _merged([places for places in rough if len(places) <= _NAMESAKES])
        return self._nearest(entry, few[self._gaps(entry, few) <= 1], _SAME_PEOPLE)

    def _nearest(self, entry: Work, places: Places, most: int) -> set[int]:
        if len(places) > most:
            ranked = (self._gaps(entry, places) << 32) | places
            places = np.partition(ranked, most)[:most] & 0xFFFFFFFF
        return set(places.tolist())

    def _gaps(self, entry: Work, places: Places) -> npt.NDArray[np.int64]:
        """The gap of the nearest two years of the entry and of each film; none when either has no year."""
        years = self._years[places].astype(np.int64)
        if not entry.years or not len(places):
            return np.zeros(len(places), dtype=np.int64)
        gaps = np.min([np.where(years > 0, abs(years - year), _NEVER) for year in entry.years], axis=0).min(axis=1)
        return np.where(gaps == _NEVER, 0, gaps)


def _merged(found: Sequence[Places]) -> Places:
    """Places found under several keys, ascending, each once."""
    some = [places for places in found if len(places)]
    if len(some) < 2:
        return some[0] if some else _NOWHERE
    return np.unique(np.concatenate(some))


def _facts(work: Work) -> list[str]:
    return [f"{work.year} {work.runtime_min} {country}" for country in work.countries if work.year and work.runtime_min]
