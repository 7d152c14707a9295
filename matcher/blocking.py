"""Which films of the base may be an entry's work: by identifier, by title, by people, by letters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.comparisons.context import TermFrequencies
from matcher.comparisons.people import get_person_keys
from matcher.inverted_index import InvertedIndex
from matcher.trigrams import TrigramIndex
from matcher.work import Work

_MAX_TITLE_MATCHES = 16
_MAX_SIMILAR_TITLES = 8
_MAX_PERSON_MATCHES = 12
_MAX_NAMESAKES = 200
_MAX_FACT_MATCHES = 6
_NO_YEAR_GAP = 10_000
_NO_POSITIONS = np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class CandidateSet:
    """The places of the films put forward, ascending, and what the base holds around the entry."""

    positions: Sequence[int]
    frequencies: TermFrequencies


Positions = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _BlockingMatches:
    """The places that an entry names, ascending: by title, by people, by both, by number.

    `fits` when a film of an equal title has the same people or year.
    """

    same_title: Positions
    same_person: Positions
    same_title_and_person: Positions
    same_identifier: Positions
    has_strong_match: bool


class FilmIndex:
    """The films of a base, found again by what an entry says. Films are named by their place in `films`."""

    def __init__(self, films: Iterable[Work]) -> None:
        self.films: Sequence[Work] = sorted(films, key=lambda film: film.id)
        placed = list(enumerate(self.films))
        self._by_title = InvertedIndex((key, place) for place, film in placed for key in film.exact_keys)
        self._by_part = InvertedIndex((part, place) for place, film in placed for part in film.part_keys)
        self._by_id = InvertedIndex((number, place) for place, film in placed for number in film.ids)
        self._by_person = InvertedIndex(
            (key, place) for place, film in placed for person in film.people for key in get_person_keys(person)
        )
        self._by_facts = InvertedIndex((key, place) for place, film in placed for key in _get_fact_keys(film))
        self._trigrams = TrigramIndex([key for film in self.films for key in film.title_keys])
        years = ((film.year or 0, film.release_year or 0) for film in self.films)
        self._years = np.fromiter(years, dtype=np.dtype((np.int16, 2)))
        self._owners = np.fromiter((place for place, film in placed for _ in film.title_keys), dtype=np.int32)

    def find_candidates(self, entries: Sequence[Work]) -> list[CandidateSet]:
        """For each entry, the films that may be its work; resembling titles are looked for only where no equal one fits."""
        sure = [self._match_blocking_keys(entry) for entry in entries]
        open_places = [place for place, found in enumerate(sure) if not found.has_strong_match]
        near = dict(zip(open_places, self._find_similar_titles([entries[place] for place in open_places]), strict=True))
        return [
            self._build_candidate_set(entry, found, near.get(place))
            for place, (entry, found) in enumerate(zip(entries, sure, strict=True))
        ]

    def _match_blocking_keys(self, entry: Work) -> _BlockingMatches:
        """What the entry's titles, people and numbers name."""
        homonyms = _merge_positions([self._by_title.get_positions(key) for key in entry.exact_keys])
        made = _merge_positions([self._by_person.get_positions(get_person_keys(person)[0]) for person in entry.people])
        both = np.intersect1d(homonyms, made, assume_unique=True) if len(homonyms) and len(made) else made[:0]
        numbered = _merge_positions([self._by_id.get_positions(number) for number in entry.ids])
        fits = len(both) > 0 or any(year in self._years[homonyms] for year in entry.years)
        return _BlockingMatches(homonyms, made, both, numbered, fits)

    def _build_candidate_set(self, entry: Work, matches: _BlockingMatches, similar_titles: set[int] | None) -> CandidateSet:
        found = self._keep_nearest_years(entry, matches.same_identifier, _MAX_TITLE_MATCHES) | self._keep_nearest_years(
            entry, matches.same_title_and_person, _MAX_TITLE_MATCHES
        )
        found |= self._keep_nearest_years(entry, matches.same_title, _MAX_TITLE_MATCHES) | self._keep_nearest_years(
            entry, matches.same_person, _MAX_PERSON_MATCHES
        )
        if similar_titles is not None:
            found |= (
                similar_titles
                | self._keep_nearest_years(entry, self._find_partial_titles(entry), _MAX_SIMILAR_TITLES)
                | self._find_same_facts(entry)
            )
            found |= set() if len(matches.same_person) else self._find_namesakes(entry)
        that_year = int(np.count_nonzero(self._get_year_gaps(entry, matches.same_person) == 0)) if entry.years else 0
        return CandidateSet(sorted(found), TermFrequencies(len(matches.same_title), len(matches.same_person), that_year))

    def _find_similar_titles(self, entries: Sequence[Work]) -> list[set[int]]:
        found: list[set[int]] = [set() for _ in entries]
        owners = [place for place, entry in enumerate(entries) for _ in entry.title_keys]
        lines = self._trigrams.find_similar([key for entry in entries for key in entry.title_keys], _MAX_SIMILAR_TITLES)
        for owner, near in zip(owners, lines, strict=True):
            found[owner].update(self._owners[near].tolist())
        return found

    def _find_same_facts(self, entry: Work) -> set[int]:
        """Films of the same year, country and running time, when these are few: a translated title leaves nothing else."""
        found = _merge_positions([self._by_facts.get_positions(key) for key in _get_fact_keys(entry)])
        return set(found.tolist()) if len(found) <= _MAX_FACT_MATCHES else set()

    def _find_partial_titles(self, entry: Work) -> Positions:
        """Films whose title is a piece of the entry's, or the other way round."""
        wholes = [self._by_part.get_positions(key) for key in entry.exact_keys]
        return _merge_positions([*wholes, *(self._by_title.get_positions(part) for part in entry.part_keys)])

    def _find_namesakes(self, entry: Work) -> set[int]:
        """Films of the same year by people of nearly the same name."""
        rough = [self._by_person.get_positions(key) for person in entry.people for key in get_person_keys(person)[1:]]
        few = _merge_positions([places for places in rough if len(places) <= _MAX_NAMESAKES])
        return self._keep_nearest_years(entry, few[self._get_year_gaps(entry, few) <= 1], _MAX_PERSON_MATCHES)

    def _keep_nearest_years(self, entry: Work, positions: Positions, limit: int) -> set[int]:
        if len(positions) > limit:
            ranked = (self._get_year_gaps(entry, positions) << 32) | positions
            positions = np.partition(ranked, limit)[:limit] & 0xFFFFFFFF
        return set(positions.tolist())

    def _get_year_gaps(self, entry: Work, positions: Positions) -> npt.NDArray[np.int64]:
        """The gap of the nearest two years of the entry and of each film; none when either has no year."""
        years = self._years[positions].astype(np.int64)
        if not entry.years or not len(positions):
            return np.zeros(len(positions), dtype=np.int64)
        gaps = np.min([np.where(years > 0, abs(years - year), _NO_YEAR_GAP) for year in entry.years], axis=0).min(axis=1)
        return np.where(gaps == _NO_YEAR_GAP, 0, gaps)


def _merge_positions(position_lists: Sequence[Positions]) -> Positions:
    """Places found under several keys, ascending, each once."""
    some = [places for places in position_lists if len(places)]
    if len(some) < 2:
        return some[0] if some else _NO_POSITIONS
    return np.unique(np.concatenate(some))


def _get_fact_keys(work: Work) -> list[str]:
    return [f"{work.year} {work.runtime_min} {country}" for country in work.countries if work.year and work.runtime_min]
