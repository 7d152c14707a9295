"""Capitals made readable: cases are changed, accents are never guessed (genres, which are few, have theirs in a table)."""

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
"""Natures of works, as a person reads them."""

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
    """Whether a text is written wholly in capitals (and has letters that could be small)."""
    return text.isupper() and sum(map(str.isalpha, text)) > 1


def _fix_case(word: str, before: str, after: str) -> str:
    if _ROMAN_NUMERAL.match(word) or "." in word or any(map(str.isdigit, word)):
        return word
    opens = not before or before.endswith(_SENTENCE_BREAKS)
    elided = len(word) <= 2 and after.startswith(("'", "’"))
    if not opens and (word.lower() in _LOWERCASE_WORDS or elided):
        return word.lower()
    return word.capitalize()


def format_title(written: str) -> str:
    """A title fit for a page: « LE FABULEUX DESTIN D AMELIE » gives « Le Fabuleux Destin d'Amelie ».

    A title that already mixes cases is kept as written.
    """
    text = clean_text(written)
    if not is_all_caps(text):
        return text
    text = _ELISION.sub(r"\1'", text)
    return _WORD.sub(lambda found: _fix_case(found[0], text[: found.start()], text[found.end() :]), text)


def _is_surname(part: str) -> bool:
    return is_all_caps(part) and "." not in part


def format_person(written: str) -> str:
    """« JEUNET Jean-Pierre » gives « Jean-Pierre Jeunet »; a name without a shouted part, or « JR », is kept."""
    name = clean_text(written)
    if len(name) <= _MAX_INITIALS_LENGTH:
        return name
    surname = [part for part in name.split() if _is_surname(part)]
    first = [part for part in name.split() if not _is_surname(part)]
    return " ".join([*first, *(_WORD.sub(lambda found: found[0].capitalize(), part) for part in surname)])


def format_country(written: str) -> str:
    """« ETATS UNIS » gives « Etats Unis »; a country that already mixes cases is kept."""
    text = clean_text(written)
    if not text.isupper() or len(text) <= _MAX_INITIALS_LENGTH or text == "URSS":
        return text
    return _WORD.sub(lambda found: _fix_case(found[0], text[: found.start()], text[found.end() :]), text)


def format_genre(written: str) -> str:
    """« COMEDIE DRAMATIQUE » gives « comédie dramatique »; a genre that the table does not know loses its capitals only."""
    text = clean_text(written)
    return _GENRES.get(text.upper(), text.lower())
