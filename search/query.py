"""Normalise what a person types and the titles that it is compared with, both in the same way."""

from dataclasses import dataclass

from domain.common.numerals import normalise_numbers
from domain.common.text import romanise_text, split_words
from domain.common.titles import build_title_key

MAX_QUERY_LENGTH = 200
MAX_WORDS = 20
_STOP_WORDS = frozenset("a an and au aux avec by d dans de des du en et l la le les of par pour sur the un une".split())
_FIRST_YEAR, _LAST_YEAR = 1880, 2100
_GENERIC_WORDS = frozenset(("film", "films", "movie", "movies"))


@dataclass(frozen=True)
class NormalisedTitle:
    """A title or a query as it is compared: its keys, most faithful first, and `full_key`, which keeps a leading article."""

    keys: tuple[str, ...]
    full_key: str


def count_words(text: str) -> int:
    """Return how many words a query has once romanised."""
    return len(split_words(romanise_text(text)))


def normalise_title(title: str) -> NormalisedTitle:
    """Return the keys of a title: « Les Quatre Cents Coups » gives « quatre cents coups » and « 400 coups »."""
    romanised = romanise_text(title)
    key = build_title_key(romanised)
    keys = dict.fromkeys((key, normalise_numbers(key)))
    return NormalisedTitle(tuple(keys), " ".join(split_words(romanised)) or key)


def normalise_query(query: str) -> NormalisedTitle:
    """Return the keys of a query, one of them without « film »: « film 2017 » means the films of that year."""
    title = normalise_title(query)
    faithful_key = title.keys[0]
    shorter_key = " ".join(word for word in faithful_key.split() if word not in _GENERIC_WORDS)
    keys = dict.fromkeys((*title.keys, shorter_key or faithful_key))
    return NormalisedTitle(tuple(keys), title.full_key)


def get_significant_words(key: str) -> list[str]:
    """Return the words of a key that distinguish a film; all of them when none does."""
    words = key.split()
    return [word for word in words if word not in _STOP_WORDS] or words


def is_year(word: str) -> bool:
    """Return whether a word may be the year of a film."""
    return word.isdecimal() and _FIRST_YEAR <= int(word) <= _LAST_YEAR and len(word) == 4


def join_words(key: str) -> str:
    """Return the key without spaces: « spider man » and « spiderman » are the same title."""
    return key.replace(" ", "")
