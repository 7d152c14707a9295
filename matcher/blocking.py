"""Find the films that may be an entry's work: those with the same identifier, title, people or facts, or a similar title."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from matcher.comparisons.context import TermFrequencies
from matcher.comparisons.people import get_person_keys
from matcher.index_columns import IndexColumns, IndexPart, get_fact_keys
from matcher.trigrams import Positions, SimilarTitles, sort_distinct
from matcher.work import Work

_MAX_TITLE_MATCHES = 16
_MAX_SIMILAR_TITLES = 8
_MAX_PERSON_MATCHES = 12
_MAX_NAMESAKES = 200
_MAX_RARE_NAME_FILMS = 30
NAMESAKE_LIMITS = (_MAX_RARE_NAME_FILMS, _MAX_NAMESAKES)
"""Numbers of films by people who share a word of their name, past which that word is treated otherwise."""
MAX_FACT_MATCHES = 6
NO_SIMILARITY = 2.0
_NO_YEAR_GAP = 10_000
_POSITION_BITS = 32
_NO_POSITIONS = np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class CandidateSet:
    """The positions of an entry's candidates, ascending, and the term frequencies of the entry.

    `similarity_floor` is the cosine that another title needs to be one of the similar ones, above 1 where none is searched.
    """

    positions: Sequence[int]
    frequencies: TermFrequencies
    similarity_floor: float = NO_SIMILARITY


@dataclass(frozen=True, slots=True)
class _BlockingMatches:
    """The films that match an entry's blocking keys: by title, by people, by both, by identifier.

    `has_strong_match`: a film of the same title has the same people or the same year.
    """

    same_title: Positions
    same_person: Positions
    same_title_and_person: Positions
    same_identifier: Positions
    has_strong_match: bool


class _SimilarFilms(NamedTuple):
    """The films whose titles are the most similar to an entry's, and the cosine that another one needs to be among them."""

    positions: set[int]
    floor: float


class FilmIndex:
    """Index films by blocking keys. A film is named by its position in `films`, which are sorted by id."""

    def __init__(self, films: Iterable[Work]) -> None:
        self.films: Sequence[Work] = sorted(films, key=lambda film: film.id)
        self.columns = IndexColumns.build(IndexPart.build(self.films))

    @classmethod
    def restore(cls, films: Sequence[Work], columns: IndexColumns) -> Self:
        """Return the index of films sorted by id, from the columns computed of them."""
        index = cls.__new__(cls)
        index.films, index.columns = films, columns
        return index

    def find_candidates(self, entries: Sequence[Work]) -> list[CandidateSet]:
        """Return the candidates of each entry; similar titles are searched for entries without a strong match only."""
        matches = [self._match_blocking_keys(entry) for entry in entries]
        unmatched = [entry for entry, entry_matches in zip(entries, matches, strict=True) if not entry_matches.has_strong_match]
        similar_titles = iter(self._find_similar_titles(unmatched))
        candidate_sets = []
        for entry, entry_matches in zip(entries, matches, strict=True):
            similar = None if entry_matches.has_strong_match else next(similar_titles)
            candidate_sets.append(self._build_candidate_set(entry, entry_matches, similar))
        return candidate_sets

    def _match_blocking_keys(self, entry: Work) -> _BlockingMatches:
        same_title = _merge_positions([self.columns.by_title.get_positions(key) for key in entry.exact_keys])
        same_person = _merge_positions(
            [self.columns.by_person.get_positions(get_person_keys(person)[0]) for person in entry.people]
        )
        same_identifier = _merge_positions([self.columns.by_id.get_positions(identifier) for identifier in entry.ids])
        same_both = _NO_POSITIONS
        if len(same_title) and len(same_person):
            same_both = np.intersect1d(same_title, same_person, assume_unique=True)
        has_strong_match = len(same_both) > 0 or self._has_film_of_years(same_title, entry.years)
        return _BlockingMatches(same_title, same_person, same_both, same_identifier, has_strong_match)

    def _has_film_of_years(self, positions: Positions, years: tuple[int, ...]) -> bool:
        if not years or not len(positions):
            return False
        film_years = self.columns.years[positions]
        return any(year in film_years for year in years)

    def _build_candidate_set(self, entry: Work, matches: _BlockingMatches, similar: _SimilarFilms | None) -> CandidateSet:
        candidates = self._keep_nearest_years(entry, matches.same_identifier, _MAX_TITLE_MATCHES)
        candidates |= self._keep_nearest_years(entry, matches.same_title_and_person, _MAX_TITLE_MATCHES)
        candidates |= self._keep_nearest_years(entry, matches.same_title, _MAX_TITLE_MATCHES)
        candidates |= self._keep_nearest_years(entry, matches.same_person, _MAX_PERSON_MATCHES)
        if similar is not None:
            candidates |= similar.positions
            candidates |= self._keep_nearest_years(entry, self._find_partial_titles(entry), _MAX_SIMILAR_TITLES)
            candidates |= self._find_same_facts(entry)
            if not len(matches.same_person):
                candidates |= self._find_namesakes(entry)
        floor = similar.floor if similar is not None else NO_SIMILARITY
        return CandidateSet(sorted(candidates), self._count_terms(entry, matches), floor)

    def _count_terms(self, entry: Work, matches: _BlockingMatches) -> TermFrequencies:
        same_director_and_year = 0
        if entry.years and len(matches.same_person):
            same_director_and_year = int(np.count_nonzero(self._get_year_gaps(entry, matches.same_person) == 0))
        rare_words = frozenset(word for person in entry.people for word in person.split() if self._is_rare_name_word(word))
        return TermFrequencies(len(matches.same_title), len(matches.same_person), same_director_and_year, rare_words)

    def _is_rare_name_word(self, word: str) -> bool:
        fuzzy_keys = get_person_keys(word)[1:]
        return any(len(self.columns.by_person.get_positions(key)) <= _MAX_RARE_NAME_FILMS for key in fuzzy_keys)

    def _find_similar_titles(self, entries: Sequence[Work]) -> list[_SimilarFilms]:
        keys = [key for entry in entries for key in entry.title_keys]
        titles = iter(self.columns.trigrams.find_similar(keys, _MAX_SIMILAR_TITLES))
        return [self._merge_similar_titles(entry, [next(titles) for _ in entry.title_keys]) for entry in entries]

    def _merge_similar_titles(self, entry: Work, titles: Sequence[SimilarTitles]) -> _SimilarFilms:
        """Return the films of titles similar to those of an entry; of too many, the nearest in time."""
        rows = {row for similar in titles for row in similar.positions.tolist()}
        spans = [slice(*self.columns.title_starts[row : row + 2]) for row in rows]
        positions = _merge_positions([self.columns.films_by_title[span] for span in spans])
        floor = min((similar.floor for similar in titles), default=NO_SIMILARITY)
        return _SimilarFilms(self._keep_nearest_years(entry, positions, _MAX_TITLE_MATCHES), floor)

    def _find_same_facts(self, entry: Work) -> set[int]:
        """Return films of the same year, country and running time, when few: a translated title leaves nothing else."""
        positions = _merge_positions([self.columns.by_facts.get_positions(key) for key in get_fact_keys(entry)])
        return set(positions.tolist()) if len(positions) <= MAX_FACT_MATCHES else set()

    def _find_partial_titles(self, entry: Work) -> Positions:
        """Return films whose title is a part of the entry's, or has it as a part."""
        position_lists = [self.columns.by_part.get_positions(key) for key in entry.exact_keys]
        position_lists += [self.columns.by_title.get_positions(part) for part in entry.part_keys]
        return _merge_positions(position_lists)

    def _find_namesakes(self, entry: Work) -> set[int]:
        """Return films of about the same year by people with nearly the same name."""
        fuzzy_keys = [key for person in entry.people for key in get_person_keys(person)[1:]]
        position_lists = [self.columns.by_person.get_positions(key) for key in fuzzy_keys]
        positions = _merge_positions([positions for positions in position_lists if len(positions) <= _MAX_NAMESAKES])
        is_of_same_time = self._get_year_gaps(entry, positions) <= 1
        return self._keep_nearest_years(entry, positions[is_of_same_time], _MAX_PERSON_MATCHES)

    def _keep_nearest_years(self, entry: Work, positions: Positions, limit: int) -> set[int]:
        """Return at most `limit` positions, those of the years nearest to the entry's first, then the lowest."""
        if len(positions) > limit:
            ranks = (self._get_year_gaps(entry, positions) << _POSITION_BITS) | positions
            positions = np.partition(ranks, limit)[:limit] & (2**_POSITION_BITS - 1)
        return set(positions.tolist())

    def _get_year_gaps(self, entry: Work, positions: Positions) -> npt.NDArray[np.int64]:
        """Return the gap between the nearest years of the entry and of each film; 0 when one of them has no year."""
        if not entry.years or not len(positions):
            return np.zeros(len(positions), dtype=np.int64)
        years = self.columns.years[positions].astype(np.int64)
        gaps_by_year = [np.where(years > 0, abs(years - year), _NO_YEAR_GAP) for year in entry.years]
        gaps = np.min(gaps_by_year, axis=0).min(axis=1)
        return np.where(gaps == _NO_YEAR_GAP, 0, gaps)


def _merge_positions(position_lists: Sequence[Positions]) -> Positions:
    """Return the positions of several lists, ascending, each once."""
    filled_lists = [positions for positions in position_lists if len(positions)]
    if not filled_lists:
        return _NO_POSITIONS
    if len(filled_lists) == 1:
        return filled_lists[0]
    return sort_distinct(np.concatenate(filled_lists))
