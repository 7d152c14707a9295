"""Clean, fold and split text that comes from outside."""

import re
import unicodedata

_LIGATURES = str.maketrans(
    {
        "œ": "oe",
        "Œ": "OE",
        "æ": "ae",
        "Æ": "AE",
        "ß": "ss",
        "ø": "o",
        "Ø": "O",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ð": "d",
        "þ": "th",
        "ı": "i",
        "ħ": "h",
    }
)
_LATIN_MARKS = re.compile("[\u0300-\u0345]+")
"""Most combining characters of the Latin script, removed at once."""
_WORD_PATTERN = re.compile(r"[^\W_]+")
_INVISIBLE_CATEGORIES = ("Cc", "Cf", "Cs", "Co", "Cn")
"""Control, format, surrogate, private and unassigned characters."""


def clean_text(text: str) -> str:
    """Return a text on one line, without control or bidirectional characters, its spaces collapsed."""
    if text.isprintable():
        return " ".join(unicodedata.normalize("NFC", text).split())
    spaced = "".join(" " if char in "\t\r\n" else char for char in text)
    visible = "".join(char for char in spaced if unicodedata.category(char) not in _INVISIBLE_CATEGORIES)
    return " ".join(unicodedata.normalize("NFC", visible).split())


def fold_text(text: str) -> str:
    """Return a text in lower case without accents or ligatures: « Œuvre d'Été » gives « oeuvre d'ete »."""
    if text.isascii():
        return text.lower()
    decomposed = _LATIN_MARKS.sub("", unicodedata.normalize("NFKD", text.translate(_LIGATURES)))
    if decomposed.isascii():
        return decomposed.lower()
    return "".join(char for char in decomposed if not unicodedata.combining(char)).lower()


def romanise_text(text: str) -> str:
    """Return a text folded and in Latin letters, whatever its script: « Сталкер » gives « stalker »."""
    folded = fold_text(text)
    if folded.isascii():
        return folded
    from anyascii import anyascii  # for the few titles and names in another script

    return anyascii(folded).lower()


def split_words(text: str) -> list[str]:
    """Return the folded words of a text: letters and digits only."""
    return _WORD_PATTERN.findall(fold_text(text))


def format_count(count: int, word: str) -> str:
    """Format a count with its noun: « 1 titre gardé », « 3 titres gardés »; each word takes an s from two on."""
    if abs(count) < 2:
        return f"{count} {word}"
    plural = " ".join(f"{part}s" for part in word.split())
    return f"{count} {plural}"


def slugify(text: str) -> str:
    """Return the readable part of an address: « La Grande Vadrouille » gives « la-grande-vadrouille »."""
    ascii_words = (word.encode("ascii", "ignore").decode() for word in split_words(text))
    return "-".join(word for word in ascii_words if word)[:80].strip("-") or "film"
