"""Write titles and names as catalogues do: capitals without accents, article at the end, surname first."""

import re
import unicodedata

_ARTICLE = re.compile(r"^(?P<article>(?:Le|La|Les|Un|Une)\s|L['’])(?P<rest>\S.*)$")
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE"})


def strip_accents(text: str) -> str:
    """Remove accents: « Éric Rohmer » gives « Eric Rohmer »."""
    decomposed = unicodedata.normalize("NFD", text.translate(_LIGATURES))
    letters = (char for char in decomposed if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", "".join(letters))


def to_capitals(text: str) -> str:
    """Write in capitals, without accents: « L'Événement » gives « L'EVENEMENT »."""
    return strip_accents(text).upper()


def move_article_last(title: str) -> str:
    """Move the article to the end: « Le Trou » gives « Trou (Le) »; a title without article is unchanged."""
    match = _ARTICLE.match(title)
    return f"{match['rest']} ({match['article'].strip()})" if match else title


def put_surname_first(name: str) -> str:
    """Put the surname first: « Jean Renoir » gives « RENOIR Jean »; a name of one word is unchanged."""
    first, _, surname = name.rpartition(" ")
    return f"{surname.upper()} {first}" if first else name


def can_encode(text: str, encoding: str) -> bool:
    """Tell whether an encoding has every character of a text."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
