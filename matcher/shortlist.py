"""Which films of the base may be an entry's work: by identifier, by title, by people, by letters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.clues import Surroundings
from matcher.people import person_keys
from matcher.postings import Postings
from matcher.trigrams import TrigramIndex
from matcher.work import Work

_HOMONYMS = 24
_NEAR_TITLES = 12
_SAME_PEOPLE = 16
_NAMESAKES = 200
_ALIKE = 6


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The places of the films put forward, ascending, and what the base holds around the entry."""

    places: Sequence[int]
    around: Surroundings


class FilmIndex:
    """The films of a base, found again by what an entry says. Films are named by their place in `films`."""

    def __init__(self, films: Iterable[Work]) -> None:
        self.films: Sequence[Work] = sorted(films, key=lambda film: film.id)
        placed = list(enumerate(self.films))
        self._by_title = Postings((key, place) for place, film in placed for key in film.exact)
        self._by_part = Postings((part, place) for place, film in placed for part in film.parts)
        self._by_id = Postings((":".join(pair), place) for place, film in placed for pair in film.ids)
        self._by_person = Postings(
            (key, place) for place, film in placed for person in film.people for key in person_keys(person)
        )
        self._by_facts = Postings((key, place) for place, film in placed for key in _facts(film))
        self._trigrams = TrigramIndex([key for film in self.films for key in film.keys])
        self._owners = np.fromiter((place for place, film in placed for _ in film.keys), dtype=np.int32)

    def shortlists(self, entries: Sequence[Work]) -> list[Shortlist]:
        """For each entry, the films that may be its work."""
        near = self._near_titles(entries)
        return [self._shortlist(entry, titles) for entry, titles in zip(entries, near, strict=True)]

    def _shortlist(self, entry: Work, near: set[int]) -> Shortlist:
        homonyms = {place for key in entry.exact for place in self._by_title.places(key).tolist()}
        made = {place for person in entry.people for place in self._by_person.places(person_keys(person)[0]).tolist()}
        found = near | (homonyms & made) | self._nearest(entry, homonyms, _HOMONYMS) | self._nearest(entry, made, _SAME_PEOPLE)
        found.update(place for pair in entry.ids for place in self._by_id.places(":".join(pair)).tolist())
        found |= self._nearest(entry, self._parted(entry), _NEAR_TITLES) | self._namesakes(entry, made)
        found |= self._alike(entry)
        return Shortlist(sorted(found), Surroundings(len(homonyms), len(made)))

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


def _year_gap(entry: Work, film: Work) -> int:
    return min((abs(a - b) for a in entry.years for b in film.years), default=0)
