"""What a person typed, and the forms under which titles are compared with it: the same for titles when they are indexed."""

from dataclasses import dataclass

from domain.common.numerals import in_figures
from domain.common.text import clean, romanise, words
from domain.common.titles import title_key
from webapp.core.context import Refusal
from webapp.core.i18n import gettext

MAX_QUERY = 200
_MOST_WORDS = 20
_LINKING = frozenset("a an and au aux avec by d dans de des du en et l la le les of par pour sur the un une".split())
_FIRST_YEAR, _LAST_YEAR = 1880, 2100
_GENERIC = frozenset(("film", "films", "movie", "movies"))


@dataclass(frozen=True)
class Wording:
    """A title or a query compared: its keys, most faithful first, and all its words, the first article included."""

    keys: tuple[str, ...]
    whole: str


def read_query(text: str) -> str:
    """The words searched for. Raises Refusal when they are too long or too many."""
    if len(text) > MAX_QUERY:
        raise Refusal(gettext("La recherche (paramètre « q ») est limitée à %(most)s caractères.") % {"most": MAX_QUERY})
    if len(words(romanise(text))) > _MOST_WORDS:
        raise Refusal(gettext("La recherche (paramètre « q ») est limitée à %(most)s mots.") % {"most": _MOST_WORDS})
    return clean(text)


def title_wording(title: str) -> Wording:
    """A title as it is compared: « Les Quatre Cents Coups » gives « quatre cents coups » and « 400 coups »."""
    romanised = romanise(title)
    key = title_key(romanised)
    return Wording(tuple(dict.fromkeys((key, in_figures(key)))), " ".join(words(romanised)) or key)


def query_wording(query: str) -> Wording:
    """The same for a query, also without « film »: « film 2017 » asks for the films of that year."""
    found = title_wording(query)
    bare = " ".join(word for word in found.keys[0].split() if word not in _GENERIC)
    return Wording(tuple(dict.fromkeys((*found.keys, bare or found.keys[0]))), found.whole)


def telling(key: str) -> list[str]:
    """The words of a key that say which film is meant; all of them when none does."""
    found = key.split()
    return [word for word in found if word not in _LINKING] or found


def is_year(word: str) -> bool:
    """Whether a word may be the year of a film."""
    return word.isdecimal() and _FIRST_YEAR <= int(word) <= _LAST_YEAR and len(word) == 4


def joined(key: str) -> str:
    """The key in one word: « spider man » and « spiderman » are the same title."""
    return key.replace(" ", "")
