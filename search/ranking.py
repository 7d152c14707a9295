"""Score how much a film looks like a query, from 0 to 1, and order films for display."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from search.query import NormalisedTitle, get_significant_words, is_year, join_words
from search.title_index import Candidate

_TITLE_PREFIX_SCORE, _TITLE_PREFIX_BONUS = 0.8, 0.1
_QUERY_COVERAGE_WEIGHT, _TITLE_COVERAGE_WEIGHT = 0.7, 0.2
_WORD_PREFIX_SCORE = 0.9
_NAME_SCORE, _NEAR_NAME_SCORE, _NEAR_YEAR_SCORE = 0.9, 0.85, 0.8
_YEAR_WEIGHT = 0.4
"""What a year weighs beside a word: people remember years badly."""
_MIN_WORD_SIMILARITY, _MAX_LENGTH_GAP = 0.6, 2
_POPULARITY_WEIGHT = 0.0008
"""What one point of popularity, of a hundred, adds: less than what separates a title from a longer one that it begins."""
_MIN_SIMILARITY, _CLOSE_SIMILARITY = 0.62, 0.8


@dataclass(frozen=True)
class Match:
    """A candidate and its similarity to the query; `exact` when it has every word, the last one perhaps longer."""

    candidate: Candidate
    similarity: float
    exact: bool

    @property
    def score(self) -> float:
        """Return the similarity, with a bonus that puts the best known first among films alike."""
        return self.similarity + _POPULARITY_WEIGHT * self.candidate.popularity


def rank_candidates(query: NormalisedTitle, candidates: Iterable[Candidate]) -> list[Match]:
    """Return the candidates that look enough like the query, best first.

    Where some have all its words, they come first, and of the others only the close ones are returned.
    """
    matches = [_score_candidate(query, candidate) for candidate in candidates]
    minimum = _CLOSE_SIMILARITY if any(match.exact for match in matches) else _MIN_SIMILARITY
    accepted = [match for match in matches if match.exact or match.similarity >= minimum]
    return sorted(accepted, key=lambda match: (not match.exact, -match.score, match.candidate.film_id))


def _score_candidate(query: NormalisedTitle, candidate: Candidate) -> Match:
    similarity = max(_compute_similarity(key, candidate) for key in query.keys)
    return Match(candidate, similarity, any(_has_all_words(key, candidate) for key in query.keys))


def _compute_similarity(key: str, candidate: Candidate) -> float:
    words = get_significant_words(key)
    name_scores = [_score_name_or_year(word, candidate) for word in words]
    return max(_compare_title(key, words, name_scores, title) for title in candidate.keys)


def _compare_title(key: str, words: Sequence[str], name_scores: Sequence[float], title: str) -> float:
    """Return the better of two similarities: of the whole title, or of the query's words in any order.

    `name_scores` are those of the words as names of directors or as a year.
    """
    whole_similarity = _compare_whole_title(join_words(key), join_words(title))
    title_words = title.split()
    if not words or not title_words:
        return whole_similarity
    query_score, total_weight = 0.0, 0.0
    matched_positions = set()
    for word, name_score in zip(words, name_scores, strict=True):
        title_score, position = max((_compare_words(word, other), place) for place, other in enumerate(title_words))
        if title_score > _MIN_WORD_SIMILARITY:
            matched_positions.add(position)
        weight = _YEAR_WEIGHT if is_year(word) else 1.0
        total_weight += weight
        score = max(title_score, name_score)
        if score > _MIN_WORD_SIMILARITY:
            query_score += weight * score
    query_coverage = query_score / total_weight
    title_coverage = len(matched_positions) / len(title_words)
    return max(whole_similarity, _QUERY_COVERAGE_WEIGHT * query_coverage + _TITLE_COVERAGE_WEIGHT * title_coverage)


def _compare_whole_title(key: str, title: str) -> float:
    """Compare two titles without spaces: equal, the beginning of a longer one, or misspelt."""
    if key == title:
        return 1.0
    if title.startswith(key):
        return _TITLE_PREFIX_SCORE + _TITLE_PREFIX_BONUS * len(key) / len(title)
    return fuzz.ratio(key, title) / 100


def _score_name_or_year(word: str, candidate: Candidate) -> float:
    """Score a word as the film's year or as a word of a director's name."""
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
    """Return whether a word is the year before or after the film's: sources date production, people a release."""
    return is_year(word) and is_year(candidate.year) and abs(int(word) - int(candidate.year)) == 1


def _has_all_words(key: str, candidate: Candidate) -> bool:
    joined_key = join_words(key)
    if any(join_words(title).startswith(joined_key) for title in candidate.keys):
        return True
    words = get_significant_words(key)
    film_words = {*candidate.people, candidate.year}
    for title in candidate.keys:
        film_words.update(title.split())
    missing = [word for word in words if word not in film_words]
    if len(words) > 1:
        missing = [word for word in missing if not _is_next_year(word, candidate)]
    if missing == words[-1:]:  # the last word may be only begun
        return any(film_word.startswith(words[-1]) for film_word in film_words)
    return not missing
