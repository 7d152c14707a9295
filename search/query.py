"""What a person typed, and the forms under which titles are compared with it: the same for titles when they are indexed."""

from dataclasses import dataclass

from domain.common.numerals import normalise_numbers
from domain.common.text import clean_text, romanise_text, split_words
from domain.common.titles import build_title_key
from webapp.core.context import RequestError
from webapp.core.i18n import gettext

MAX_QUERY_LENGTH = 200
_MAX_WORDS = 20
_STOP_WORDS = frozenset("a an and au aux avec by d dans de des du en et l la le les of par pour sur the un une".split())
_FIRST_YEAR, _LAST_YEAR = 1880, 2100
_GENERIC_WORDS = frozenset(("film", "films", "movie", "movies"))


@dataclass(frozen=True)
class NormalisedTitle:
    """A title or a query compared: its keys, most faithful first, and all its words, the first article included."""

    keys: tuple[str, ...]
    full_key: str


def parse_query(text: str) -> str:
    """The words searched for. Raises Refusal when they are too long or too many."""
    if len(text) > MAX_QUERY_LENGTH:
        raise RequestError(
            gettext("La recherche (paramètre « q ») est limitée à %(most)s caractères.") % {"most": MAX_QUERY_LENGTH}
        )
    if len(split_words(romanise_text(text))) > _MAX_WORDS:
        raise RequestError(gettext("La recherche (paramètre « q ») est limitée à %(most)s mots.") % {"most": _MAX_WORDS})
    return clean_text(text)


def normalise_title(title: str) -> NormalisedTitle:
    """A title as it is compared: « Les Quatre Cents Coups » gives « quatre cents coups » and « 400 coups »."""
    romanised = romanise_text(title)
    key = build_title_key(romanised)
    return NormalisedTitle(tuple(dict.fromkeys((key, normalise_numbers(key)))), " ".join(split_words(romanised)) or key)


def normalise_query(query: str) -> NormalisedTitle:
    """The same for a query, also without « film »: « film 2017 » asks for the films of that year."""
    found = normalise_title(query)
    bare = " ".join(word for word in found.keys[0].split() if word not in _GENERIC_WORDS)
    return NormalisedTitle(tuple(dict.fromkeys((*found.keys, bare or found.keys[0]))), found.full_key)


def get_significant_words(key: str) -> list[str]:
    """The words of a key that say which film is meant; all of them when none does."""
    found = key.split()
    return [word for word in found if word not in _STOP_WORDS] or found


def is_year(word: str) -> bool:
    """Whether a word may be the year of a film."""
    return word.isdecimal() and _FIRST_YEAR <= int(word) <= _LAST_YEAR and len(word) == 4


def join_words(key: str) -> str:
    """The key in one word: « spider man » and « spiderman » are the same title."""
    return key.replace(" ", "")
