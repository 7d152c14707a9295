"""Compare people's names, whatever their order, case, accents, particles or initials."""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest

from rapidfuzz import fuzz

from domain.common.text import romanise_text, split_words
from matcher.comparisons.levels import PeopleLevel

NormalisedName = str
"""The folded words of a name, sorted: « francois truffaut »."""

_PLACEHOLDER_WORDS = frozenset(
    "collectif collective divers various multiple anonyme anonymous inconnu unknown realisateurs na nc".split()
)
_GROUP_WORDS = frozenset("freres brothers soeurs sisters fratelli hermanos".split())
_NAME_SEPARATOR = re.compile(r"\s*[/&;|]\s*|\s+(?:et|and)\s+", re.IGNORECASE)
_MIN_SAME_RATIO, _MIN_SIMILAR_RATIO = 84, 70


def normalise_name(name: str) -> NormalisedName:
    """Return the normalised form of one name; empty for « Collectif », « Divers » and the like."""
    words = set(split_words(romanise_text(name)))
    if words & _PLACEHOLDER_WORDS:
        return ""
    return " ".join(sorted(words - _GROUP_WORDS or words))


def normalise_names(names: Iterable[str]) -> tuple[NormalisedName, ...]:
    """Return the people named, each once; a text with two names separated by « / » or « & » gives two people."""
    people = (normalise_name(name) for text in names for name in _NAME_SEPARATOR.split(text))
    return tuple(dict.fromkeys(filter(None, people)))


def get_person_keys(person: NormalisedName) -> tuple[str, ...]:
    """Return the keys of a person's name in an index.

    The first key leaves particles and initials out; each other one, for a long word, begins with « ~ » and forgives the
    spelling of its end.
    """
    long_words = [word for word in person.split() if len(word) > 2]
    exact_key = " ".join(long_words) or person
    return (exact_key, *(f"~{word[:6]}" for word in long_words if len(word) > 4))


def _are_abbreviations(words: Iterable[str], other_words: Iterable[str]) -> bool:
    """Return whether each word begins another one: « T. » for « Thomas », « Sam » for « Samuel »."""
    for word, other in zip_longest(sorted(words), sorted(other_words), fillvalue=""):
        shorter, longer = sorted((word, other), key=len)
        if not shorter or not longer.startswith(shorter):
            return False
    return True


def _have_same_letters(words: Iterable[str], other_words: Iterable[str]) -> bool:
    """Return whether the words differ by their spaces only: « KORE-EDA » for « KOREEDA »."""
    return sorted("".join(words)) == sorted("".join(other_words))


def _split_name(person: NormalisedName) -> frozenset[str]:
    """Return the words of a name without a middle initial: « raimi samuel m » gives « raimi » and « samuel »."""
    words = frozenset(person.split())
    long_words = frozenset(word for word in words if len(word) > 1)
    return long_words if len(long_words) >= 2 else words


def is_same_person(name: NormalisedName, other: NormalisedName) -> bool:
    """Return whether two names are one person's, small spelling mistakes allowed."""
    if name == other:
        return True
    words, other_words = _split_name(name), _split_name(other)
    shared = words & other_words
    if len(shared) >= 2 and len(shared) == min(len(words), len(other_words)):
        return True
    if any(len(word) > 2 for word in shared):
        rest, other_rest = words - shared, other_words - shared
        if _are_abbreviations(rest, other_rest) or _have_same_letters(rest, other_rest):
            return True
    return fuzz.ratio(name, other) >= _MIN_SAME_RATIO


def is_single_name_of(name: NormalisedName, other: NormalisedName) -> bool:
    """Return whether one name is a single word of the other: « Kitano » and « Takeshi Kitano »."""
    words, other_words = frozenset(name.split()), frozenset(other.split())
    return len(words & other_words) == 1 == min(len(words), len(other_words))


def _are_similar(name: NormalisedName, other: NormalisedName) -> bool:
    """Return whether two names have a word in common and the same initial, or close letters.

    « Sacha Wolff » and « Sarah Wolff », « Ranish » and « Ranisch » are similar.
    """
    words, other_words = frozenset(name.split()), frozenset(other.split())
    shared = words & other_words
    initials = {word[0] for word in words - shared} & {word[0] for word in other_words - shared}
    if initials and any(len(word) > 3 for word in shared):
        return True
    return fuzz.ratio(name, other) >= _MIN_SIMILAR_RATIO


def compare_people(
    entry_people: Sequence[NormalisedName], film_people: Sequence[NormalisedName], rare_words: frozenset[str] = frozenset()
) -> PeopleLevel:
    """Return SAME when everybody on the shorter list is on the other, PARTIAL when somebody is.

    `rare_words` are words of names that few people have: sharing one makes a NAMESAKE. A single surname counts as the same
    person beside a full name that agrees (« Joel Coen, Ethan »); alone it is SIMILAR.
    """
    if not entry_people or not film_people:
        return PeopleLevel.UNKNOWN
    if entry_people == film_people:
        return PeopleLevel.SAME
    fewer, more = sorted((entry_people, film_people), key=len)
    same_count = _count_matches(fewer, more, is_same_person)
    single_count = _count_matches(fewer, more, is_single_name_of)
    if same_count:
        return PeopleLevel.SAME if same_count + single_count >= len(fewer) else PeopleLevel.PARTIAL
    if rare_words and any(not rare_words.isdisjoint(person.split()) for person in film_people):
        return PeopleLevel.NAMESAKE
    if single_count or _count_matches(fewer, more, _are_similar):
        return PeopleLevel.SIMILAR
    return PeopleLevel.DISJOINT


def _count_matches(
    people: Sequence[NormalisedName], others: Sequence[NormalisedName], matches: Callable[[NormalisedName, NormalisedName], bool]
) -> int:
    """Return how many people match somebody of the other list."""
    return sum(any(matches(person, other) for other in others) for person in people)
