"""People's names compared: any order, case, accents, particles or initials."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import zip_longest

from rapidfuzz import fuzz

from domain.common.text import romanise_text, split_words

NormalisedName = str
"""The folded words of a name, sorted: « francois truffaut »."""

_PLACEHOLDER_WORDS = frozenset(
    "collectif collective divers various multiple anonyme anonymous inconnu unknown realisateurs na nc".split()
)
_NAME_SEPARATOR = re.compile(r"\s*[/&;|]\s*|\s+(?:et|and)\s+", re.IGNORECASE)
_MIN_SAME_RATIO, _MIN_SIMILAR_RATIO = 84, 70


class PeopleLevel(StrEnum):
    """How far two lists of people agree."""

    SAME = "same"
    PARTIAL = "partial"
    SIMILAR = "similar"
    DISJOINT = "disjoint"
    UNKNOWN = "unknown"


def normalise_name(name: str) -> NormalisedName:
    """The comparable form of one name; empty for « Collectif », « Divers » and the like."""
    found = set(split_words(romanise_text(name)))
    return "" if found & _PLACEHOLDER_WORDS else " ".join(sorted(found))


def normalise_names(names: Iterable[str]) -> tuple[NormalisedName, ...]:
    """The people named, each once; a cell that holds two names parted by « / » or « & » gives two people."""
    found = (normalise_name(part) for name in names for part in _NAME_SEPARATOR.split(name))
    return tuple(dict.fromkeys(person for person in found if person))


def get_person_keys(person: NormalisedName) -> tuple[str, ...]:
    """Under which texts a person is found again: particles and initials left out, words run together, surnames spelt nearly."""
    long = [word for word in person.split() if len(word) > 2]
    return (" ".join(long) or person, *(f"~{word[:6]}" for word in long if len(word) > 4))


def _are_abbreviations(left: Iterable[str], right: Iterable[str]) -> bool:
    """« T. » for « Thomas », « Sam » for « Samuel »: as many words, each the other's beginning."""
    pairs = list(zip_longest(sorted(left), sorted(right), fillvalue=""))
    return all(short and long.startswith(short) for short, long in (sorted(pair, key=len) for pair in pairs))


def _have_same_letters(left: Iterable[str], right: Iterable[str]) -> bool:
    """« KORE-EDA » for « KOREEDA »: the words are cut elsewhere."""
    return sorted("".join(left)) == sorted("".join(right))


def _split_name(person: NormalisedName) -> frozenset[str]:
    """The words of a name, a middle initial left out: « raimi samuel m » is « raimi samuel »."""
    words = frozenset(person.split())
    long = frozenset(word for word in words if len(word) > 1)
    return long if len(long) >= 2 else words


def is_same_person(left: NormalisedName, right: NormalisedName) -> bool:
    """Whether two names are one person's, small slips of spelling allowed."""
    if left == right:
        return True
    mine, yours = _split_name(left), _split_name(right)
    shared = mine & yours
    if len(shared) >= 2 and len(shared) == min(len(mine), len(yours)):
        return True
    if any(len(word) > 2 for word in shared):
        rest, other = mine - shared, yours - shared
        if _are_abbreviations(rest, other) or _have_same_letters(rest, other):
            return True
    return fuzz.ratio(left, right) >= _MIN_SAME_RATIO


def _may_be_same(left: NormalisedName, right: NormalisedName) -> bool:
    """« Kitano » and « Takeshi Kitano »."""
    mine, yours = frozenset(left.split()), frozenset(right.split())
    return len(mine & yours) == 1 == min(len(mine), len(yours))


def _are_similar(left: NormalisedName, right: NormalisedName) -> bool:
    """« Sacha Wolff » and « Sarah Wolff », « Ranish » and « Ranisch »: a name in common and the same initial, or near letters."""
    mine, yours = frozenset(left.split()), frozenset(right.split())
    shared = mine & yours
    initials = {word[0] for word in mine - shared} & {word[0] for word in yours - shared}
    return (bool(initials) and any(len(word) > 3 for word in shared)) or fuzz.ratio(left, right) >= _MIN_SIMILAR_RATIO


def compare_people(left: Sequence[NormalisedName], right: Sequence[NormalisedName]) -> PeopleLevel:
    """Same when everybody on the shorter list is on the other, partial when somebody is.

    A lone surname agrees beside a full name (« Joel Coen, Ethan »); by itself it is only similar.
    """
    if not left or not right:
        return PeopleLevel.UNKNOWN
    if left == right:
        return PeopleLevel.SAME
    few, many = sorted((left, right), key=len)
    found = sum(any(is_same_person(person, other) for other in many) for person in few)
    perhaps = sum(any(_may_be_same(person, other) for other in many) for person in few)
    if found:
        return PeopleLevel.SAME if found + perhaps >= len(few) else PeopleLevel.PARTIAL
    similar = perhaps or any(_are_similar(person, other) for person in few for other in many)
    return PeopleLevel.SIMILAR if similar else PeopleLevel.DISJOINT
