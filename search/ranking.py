"""How much a film looks like what was asked, from 0 to 1, and in which order films are shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from search.query import NormalisedTitle, get_significant_words, is_year, join_words
from search.title_index import Candidate

_PREFIX_SCORE, _LENGTH_BONUS, _QUERY_COVERAGE_WEIGHT, _TITLE_COVERAGE_WEIGHT = 0.8, 0.1, 0.7, 0.2
_WORD_PREFIX_SCORE = 0.9
_NAME_SCORE, _NEAR_NAME_SCORE, _NEAR_YEAR_SCORE = 0.9, 0.85, 0.8
_YEAR_WEIGHT = 0.4  # what a year weighs beside a word: people remember it badly
_MIN_WORD_SIMILARITY, _MAX_LENGTH_GAP = 0.6, 2
_POPULARITY_WEIGHT = 0.0008  # what a point of fame, of a hundred, is worth: less than what parts a title from its beginning
_MIN_SIMILARITY, _CLOSE_SIMILARITY = 0.62, 0.8


@dataclass(frozen=True)
class Match:
    """A candidate and how much it looks like the query; `exact` when it has every word, the last maybe longer."""

    candidate: Candidate
    similarity: float
    exact: bool

    @property
    def score(self) -> float:
        """Likeness first; among like ones, the best known."""
        return self.similarity + _POPULARITY_WEIGHT * self.candidate.popularity


def rank_candidates(query: NormalisedTitle, candidates: Iterable[Candidate]) -> list[Match]:
    """The candidates that look enough like the query, best first.

    Where some have all its words, they come first, and of the others only those that are close.
    """
    matches = [_score_candidate(query, candidate) for candidate in candidates]
    least = _CLOSE_SIMILARITY if any(match.exact for match in matches) else _MIN_SIMILARITY
    kept = [match for match in matches if match.exact or match.similarity >= least]
    return sorted(kept, key=lambda match: (not match.exact, -match.score, match.candidate.film_id))


def _score_candidate(query: NormalisedTitle, candidate: Candidate) -> Match:
    likeness = max(_compute_similarity(key, candidate) for key in query.keys)
    return Match(candidate, likeness, any(_has_all_words(key, candidate) for key in query.keys))


def _compute_similarity(key: str, candidate: Candidate) -> float:
    words = get_significant_words(key)
    names = [_compare_name_or_year(word, candidate) for word in words]
    return max(_compare_title(key, words, names, title) for title in candidate.keys)


def _compare_title(key: str, words: Sequence[str], names: Sequence[float], title: str) -> float:
    """The better of two views: the title as a whole, or each word of the query on its own, whatever their order."""
    whole = _compare_whole_title(join_words(key), join_words(title))
    theirs = title.split()
    if not words or not theirs:
        return whole
    pairs = [max((_compare_words(word, other), place) for place, other in enumerate(theirs)) for word in words]
    said = [max(pair[0], name) for pair, name in zip(pairs, names, strict=True)]
    weights = [_YEAR_WEIGHT if is_year(word) else 1.0 for word in words]
    found = sum(
        weight * likeness for weight, likeness in zip(weights, said, strict=True) if likeness > _MIN_WORD_SIMILARITY
    ) / sum(weights)
    told = len({place for likeness, place in pairs if likeness > _MIN_WORD_SIMILARITY}) / len(theirs)
    return max(whole, _QUERY_COVERAGE_WEIGHT * found + _TITLE_COVERAGE_WEIGHT * told)


def _compare_whole_title(key: str, title: str) -> float:
    """How alike two titles are in one word: the same, the beginning of a longer one, or misspelt."""
    if key == title:
        return 1.0
    return _PREFIX_SCORE + _LENGTH_BONUS * len(key) / len(title) if title.startswith(key) else fuzz.ratio(key, title) / 100


def _compare_name_or_year(word: str, candidate: Candidate) -> float:
    """How much a word is the year or a word of a director's name."""
    if word == candidate.year or word in candidate.people:
        return _NAME_SCORE
    if _is_next_year(word, candidate):
        return _NEAR_YEAR_SCORE
    return _NEAR_NAME_SCORE * max((_compare_words(word, name) for name in candidate.people), default=0.0)


def _compare_words(word: str, other: str) -> float:
    if word == other:
        return 1.0
    if other.startswith(word):
        return _WORD_PREFIX_SCORE
    if abs(len(word) - len(other)) > _MAX_LENGTH_GAP or word.isdecimal():
        return 0.0
    return float(OSA.normalized_similarity(word, other))


def _is_next_year(word: str, candidate: Candidate) -> bool:
    """Whether a word is the year after the film's, or the one before: bases date production, people a release."""
    return is_year(word) and is_year(candidate.year) and abs(int(word) - int(candidate.year)) == 1


def _has_all_words(key: str, candidate: Candidate) -> bool:
    if any(join_words(title).startswith(join_words(key)) for title in candidate.keys):
        return True
    words = get_significant_words(key)
    known = {*candidate.people, candidate.year, *(word for title in candidate.keys for word in title.split())}
    unknown = [word for word in words if word not in known]
    if len(words) > 1:
        unknown = [word for word in unknown if not _is_next_year(word, candidate)]
    return not unknown or (unknown == words[-1:] and any(other.startswith(words[-1]) for other in known))
