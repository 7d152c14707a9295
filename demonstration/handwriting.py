"""How catalogues write titles and names: capitals without accents, article at the end, surname first."""

import re
import unicodedata

_ARTICLE = re.compile(r"^(?P<article>(?:Le|La|Les|Un|Une)\s|L['’])(?P<rest>\S.*)$")
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE"})


def strip_accents(text: str) -> str:
    """« Éric Rohmer » gives « Eric Rohmer »."""
    spread = unicodedata.normalize("NFD", text.translate(_LIGATURES))
    return unicodedata.normalize("NFC", "".join(char for char in spread if not unicodedata.combining(char)))


def to_capitals(text: str) -> str:
    """« L'Événement » gives « L'EVENEMENT »."""
    return strip_accents(text).upper()


def move_article_last(title: str) -> str:
    """« Le Trou » gives « Trou (Le) »; a title without article is kept."""
    found = _ARTICLE.match(title)
    return f"{found['rest']} ({found['article'].strip()})" if found else title


def put_surname_first(name: str) -> str:
    """« Jean Renoir » gives « RENOIR Jean »; a name of one word is kept."""
    first, _, surname = name.rpartition(" ")
    return f"{surname.upper()} {first}" if first else name


def can_encode(text: str, encoding: str) -> bool:
    """Whether an encoding has every character of a text."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
