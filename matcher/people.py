"""People's names compared: any order, case, accents, particles or initials."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import zip_longest

from rapidfuzz import fuzz

from records.text import words

Person = frozenset[str]
"""The folded words of a name, in no order."""

_NOBODY = frozenset("collectif collective divers various multiple anonyme anonymous inconnu unknown realisateurs na nc".split())
_PARTED = re.compile(r"\s*[/&;|]\s*|\s+(?:et|and)\s+", re.IGNORECASE)
_SPELLING = 84


class Agreement(StrEnum):
    """How far two lists of people agree."""

    SAME = "same"
    PARTIAL = "partial"
    DISJOINT = "disjoint"
    UNKNOWN = "unknown"


def read_person(name: str) -> Person:
    """The comparable form of one name; empty for « Collectif », « Divers » and the like."""
    found = words(name)
    return frozenset() if any(word in _NOBODY for word in found) else frozenset(found)


def read_people(names: Iterable[str]) -> tuple[Person, ...]:
    """The people named, each once; a cell that holds two names parted by « / » or « & » gives two people."""
    found = (read_person(part) for name in names for part in _PARTED.split(name))
    return tuple(dict.fromkeys(person for person in found if person))


def person_key(person: Person) -> str:
    """The name as one text, whatever its order, its particles and initials left out."""
    return " ".join(sorted(word for word in person if len(word) > 2)) or " ".join(sorted(person))


def _shortened(left: Iterable[str], right: Iterable[str]) -> bool:
    """« T. » for « Thomas », « Sam » for « Samuel »: as many words, each the other's beginning."""
    pairs = list(zip_longest(sorted(left), sorted(right), fillvalue=""))
    return all(short and long.startswith(short) for short, long in (sorted(pair, key=len) for pair in pairs))


def _same_letters(left: Iterable[str], right: Iterable[str]) -> bool:
    """« KORE-EDA » for « KOREEDA »: the words are cut elsewhere."""
    return sorted("".join(left)) == sorted("".join(right))


def same_person(left: Person, right: Person) -> bool:
    """Whether two names are one person's, small slips of spelling allowed."""
    shared = left & right
    if left == right or (len(shared) >= 2 and len(shared) == min(len(left), len(right))):
        return True
    if any(len(word) > 2 for word in shared):
        rest, other = left - shared, right - shared
        if _shortened(rest, other) or _same_letters(rest, other):
            return True
    return fuzz.ratio(" ".join(sorted(left)), " ".join(sorted(right))) >= _SPELLING


def _perhaps_same(left: Person, right: Person) -> bool:
    """« Kitano » and « Takeshi Kitano »."""
    return len(left & right) == 1 == min(len(left), len(right))


def compare_people(left: Sequence[Person], right: Sequence[Person]) -> Agreement:
    """Same when everybody on the shorter list is on the other, partial when somebody is.

    A lone surname agrees beside a full name (« Joel Coen, Ethan »); by itself it neither agrees nor differs.
    """
    if not left or not right:
        return Agreement.UNKNOWN
    few, many = sorted((left, right), key=len)
    found = sum(any(same_person(person, other) for other in many) for person in few)
    perhaps = sum(any(_perhaps_same(person, other) for other in many) for person in few)
    if found:
        return Agreement.SAME if found + perhaps >= len(few) else Agreement.PARTIAL
    return Agreement.UNKNOWN if perhaps else Agreement.DISJOINT
