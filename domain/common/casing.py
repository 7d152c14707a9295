"""Turn titles, names, countries and genres written in capitals into readable text.

Only the case is changed: accents are never guessed, except those of genres, which are few and listed.
"""

import re

from domain.common.enums import Kind
from domain.common.text import clean_text

KIND_LABELS = {
    Kind.FILM: "film",
    Kind.SHORT: "court métrage",
    Kind.SERIES: "série",
    Kind.EPISODE: "épisode",
    Kind.OTHER: "autre",
}
"""French names of the kinds of works."""

_LOWERCASE_WORDS = frozenset(
    "a à au aux avec chez contre dans de des du elle en entre est et la le les leur ma mais me mes mon ne ni nos notre "
    "ou où par pas pour qu que qui sa sans se ses si son sous sur ta te tes ton tu un une vers vos votre y "
    "by for from in of on or to with".split()
)
_ROMAN_NUMERAL = re.compile(r"^(?=[IVX]{2,})X{0,3}(IX|IV|V?I{0,3})$")
_ELISION = re.compile(r"\b(C|D|J|L|M|N|S|T|QU) (?=[AEIOUYHÀÂÉÈÊÎÔÛ]\w)")
_GENRES = {
    "COMEDIE": "comédie",
    "COMEDIE DRAMATIQUE": "comédie dramatique",
    "EROTIQUE": "érotique",
    "EXPERIMENTAL": "expérimental",
    "SCIENCE FICTION": "science-fiction",
    "THEATRE": "théâtre",
    "XPORNO": "pornographique",
}
_MAX_INITIALS_LENGTH = 3
_WORD = re.compile(r"AUJOURD['’]HUI|\w+(?:\.\w+)+\.?|\w+")
_SENTENCE_BREAKS = (": ", "! ", "? ", "- ", "« ", "(", "/")


def is_all_caps(text: str) -> bool:
    """Tell whether a text of at least two letters is written wholly in capitals."""
    return text.isupper() and sum(map(str.isalpha, text)) > 1


def _fix_case(word: str, before: str, after: str) -> str:
    """Return a word in capitals as it is written between two texts: capitalised, or in lower case for a small word."""
    if _ROMAN_NUMERAL.match(word) or "." in word or any(map(str.isdigit, word)):
        return word
    is_first = not before or before.endswith(_SENTENCE_BREAKS)
    is_elided = len(word) <= 2 and after.startswith(("'", "’"))
    if not is_first and (word.lower() in _LOWERCASE_WORDS or is_elided):
        return word.lower()
    return word.capitalize()


def format_title(written: str) -> str:
    """Format a title for a page: « LE FABULEUX DESTIN D AMELIE » gives « Le Fabuleux Destin d'Amelie ».

    A title that mixes cases already is returned as written.
    """
    text = clean_text(written)
    if not is_all_caps(text):
        return text
    return _fix_words(_ELISION.sub(r"\1'", text))


def _fix_words(text: str) -> str:
    return _WORD.sub(lambda match: _fix_case(match[0], text[: match.start()], text[match.end() :]), text)


def _is_surname(part: str) -> bool:
    return is_all_caps(part) and "." not in part


def format_person(written: str) -> str:
    """Format a name: « JEUNET Jean-Pierre » gives « Jean-Pierre Jeunet ».

    A name without a part in capitals, or of three letters at most (« JR »), is returned as written.
    """
    name = clean_text(written)
    if len(name) <= _MAX_INITIALS_LENGTH:
        return name
    first_names = [part for part in name.split() if not _is_surname(part)]
    surnames = [part for part in name.split() if _is_surname(part)]
    return " ".join([*first_names, *map(_capitalise_words, surnames)])


def _capitalise_words(text: str) -> str:
    return _WORD.sub(lambda match: match[0].capitalize(), text)


def format_country(written: str) -> str:
    """Format a country: « ETATS UNIS » gives « Etats Unis »; one that mixes cases already is returned as written."""
    text = clean_text(written)
    if not text.isupper() or len(text) <= _MAX_INITIALS_LENGTH or text == "URSS":
        return text
    return _fix_words(text)


def format_genre(written: str) -> str:
    """Format a genre: « COMEDIE DRAMATIQUE » gives « comédie dramatique »; an unlisted genre is only put in lower case."""
    text = clean_text(written)
    return _GENRES.get(text.upper(), text.lower())
