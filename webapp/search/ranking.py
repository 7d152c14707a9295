"""How much a film looks like what was asked, from 0 to 1, and in which order films are shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from webapp.search.title_index import Candidate
from webapp.search.wordings import Wording

_BEGINS, _EVERY_WORD, _WHOLE_TITLE = 0.9, 0.7, 0.2
_NAME, _NEAR_NAME = 0.9, 0.85
_ALIKE, _LENGTHS = 0.6, 2
_FAME = 0.0012  # what a point of fame, of a hundred, is worth
_ENOUGH = 0.62


@dataclass(frozen=True)
class Match:
    """A candidate and how much it looks like the query; `exact` when it has every word, the last maybe longer."""

    candidate: Candidate
    likeness: float
    exact: bool

    @property
    def score(self) -> float:
        """Likeness first; among like ones, the best known."""
        return self.likeness + _FAME * self.candidate.popularity


def ranked(query: Wording, candidates: Iterable[Candidate]) -> list[Match]:
    """The candidates that look enough like the query, best first; where some have all its words, only those."""
    matches = [_match(query, candidate) for candidate in candidates]
    enough = [match for match in matches if match.likeness >= _ENOUGH]
    kept = [match for match in enough if match.exact] or enough
    return sorted(kept, key=lambda match: (-match.score, match.candidate.year == "", match.candidate.film_id))


def _match(query: Wording, candidate: Candidate) -> Match:
    likeness = max(_likeness(key, candidate) for key in query.keys)
    return Match(candidate, likeness, any(_has_all(key.split(), candidate) for key in query.keys))


def _likeness(key: str, candidate: Candidate) -> float:
    words = key.split()
    names = [_by_name(word, candidate) for word in words]
    return max(_like_title(key, words, names, title) for title in candidate.keys)


def _like_title(key: str, words: Sequence[str], names: Sequence[float], title: str) -> float:
    """The better of two views: the title as a whole, or each word of the query on its own, whatever their order."""
    whole = _BEGINS + 0.1 * len(key) / len(title) if title.startswith(key) else fuzz.ratio(key, title) / 100
    theirs = title.split()
    if not words or not theirs:
        return whole
    pairs = [max((_alike(word, other), place) for place, other in enumerate(theirs)) for word in words]
    said = [max(pair[0], name) for pair, name in zip(pairs, names, strict=True)]
    found = sum(likeness for likeness in said if likeness > _ALIKE) / len(words)
    told = len({place for likeness, place in pairs if likeness > _ALIKE}) / len(theirs)
    return max(whole, _EVERY_WORD * found + _WHOLE_TITLE * told)


def _by_name(word: str, candidate: Candidate) -> float:
    """How much a word is the year or a word of a director's name."""
    if word == candidate.year or word in candidate.people:
        return _NAME
    return _NEAR_NAME * max((_alike(word, name) for name in candidate.people), default=0.0)


def _alike(word: str, other: str) -> float:
    if word == other:
        return 1.0
    if other.startswith(word):
        return _BEGINS
    if abs(len(word) - len(other)) > _LENGTHS or word.isdecimal():
        return 0.0
    return float(OSA.normalized_similarity(word, other))


def _has_all(words: Sequence[str], candidate: Candidate) -> bool:
    known = {*candidate.people, candidate.year, *(word for title in candidate.keys for word in title.split())}
    *first, last = words or [""]
    return known.issuperset(first) and any(other.startswith(last) for other in known)
