"""Which films of the base may be an entry's work: by identifier, by title, by people, by letters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.clues import Surroundings
from matcher.people import person_keys
from matcher.postings import Postings
from matcher.trigrams import TrigramIndex
from matcher.work import Work

_HOMONYMS = 16
_NEAR_TITLES = 8
_SAME_PEOPLE = 12
_NAMESAKES = 200
_ALIKE = 6


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The places of the films put forward, ascending, and what the base holds around the entry."""

    places: Sequence[int]
    around: Surroundings


@dataclass(frozen=True, slots=True)
class _Named:
    """The places that an entry names: by title, by people, by number; `fits` when an equal title has the same people or year."""

    homonyms: set[int]
    made: set[int]
    numbered: set[int]
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
        homonyms = {place for key in entry.exact for place in self._by_title.places(key).tolist()}
        made = {place for person in entry.people for place in self._by_person.places(person_keys(person)[0]).tolist()}
        numbered = {place for number in entry.ids for place in self._by_id.places(number).tolist()}
        fits = bool(homonyms & made) or any(_same_year(entry, self.films[place]) for place in homonyms)
        return _Named(homonyms, made, numbered, fits)

    def _shortlist(self, entry: Work, named: _Named, near: set[int] | None) -> Shortlist:
        found = named.numbered | (named.homonyms & named.made)
        found |= self._nearest(entry, named.homonyms, _HOMONYMS) | self._nearest(entry, named.made, _SAME_PEOPLE)
        if near is not None:
            found |= near | self._nearest(entry, self._parted(entry), _NEAR_TITLES)
            found |= self._alike(entry) | self._namesakes(entry, named.made)
        return Shortlist(sorted(found), Surroundings(len(named.homonyms), len(named.made)))

    def _near_titles(self, entries: Sequence[Work]) -> list[set[int]]:
        found: list[set[int]] = [set() for _ in entries]
        owners = [place for place, entry in enumerate(entries) for _ in entry.keys]
        lines = self._trigrams.near([key for entry in entries for key in entry.keys], _NEAR_TITLES)
        for owner, near in zip(owners, lines, strict=True):
            found[owner].update(self._owners[near].tolist())
        return found

    def _alike(self, entry: Work) -> set[int]:
        """Films of the same year, country and running time, when these are few: a translated title leaves nothing else."""
        found = {place for key in _facts(entry) for place in self._by_facts.places(key).tolist()}
        return found if len(found) <= _ALIKE else set()

    def _parted(self, entry: Work) -> set[int]:
        """Films whose title is a piece of the entry's, or the other way round."""
        wholes = {place for key in entry.exact for place in self._by_part.places(key).tolist()}
        return wholes | {place for part in entry.parts for place in self._by_title.places(part).tolist()}

    def _namesakes(self, entry: Work, made: set[int]) -> set[int]:
        """Films of the same year by people of nearly the same name, when nobody of that very name made any."""
        if made:
            return set()
        rough = [self._by_person.places(key) for person in entry.people for key in person_keys(person)[1:]]
        few = {place for places in rough if len(places) <= _NAMESAKES for place in places.tolist()}
        return {place for place in self._nearest(entry, few, _SAME_PEOPLE) if _year_gap(entry, self.films[place]) <= 1}

    def _nearest(self, entry: Work, places: set[int], most: int) -> set[int]:
        if len(places) <= most:
            return places
        return set(sorted(places, key=lambda place: (_year_gap(entry, self.films[place]), place))[:most])


def _facts(work: Work) -> list[str]:
    return [f"{work.year} {work.runtime_min} {country}" for country in work.countries if work.year and work.runtime_min]


def _same_year(entry: Work, film: Work) -> bool:
    return any(year in film.years for year in entry.years)


def _year_gap(entry: Work, film: Work) -> int:
    """The gap of the nearest two years; none when either has no year."""
    return min((abs(mine - yours) for mine in entry.years for yours in film.years), default=0)
