"""Text as it comes from outside, made safe and comparable."""

import re
import unicodedata

from anyascii import anyascii

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
_WORD_PATTERN = re.compile(r"[^\W_]+")


def clean_text(text: str) -> str:
    """One line without control or bidirectional characters, spaces folded."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    spaced = "".join(" " if char in "\t\r\n" else char for char in text)
    kept = (char for char in spaced if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())


def fold_text(text: str) -> str:
    """Lower case without accents or ligatures: « Œuvre d'Été » gives « oeuvre d'ete »."""
    if text.isascii():
        return text.lower()
    spread = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    return "".join(char for char in spread if not unicodedata.combining(char)).lower()


def romanise_text(text: str) -> str:
    """The text folded and in Latin letters, whatever its script: « Сталкер » gives « stalker »."""
    folded = fold_text(text)
    return folded if folded.isascii() else anyascii(folded).lower()


def split_words(text: str) -> list[str]:
    """The folded words of a text: letters and digits only."""
    return _WORD_PATTERN.findall(fold_text(text))


def format_count(count: int, word: str) -> str:
    """« 1 titre gardé », « 3 titres gardés »: each word takes an s from two on."""
    return f"{count} {word}" if abs(count) < 2 else f"{count} {' '.join(part + 's' for part in word.split())}"


def slugify(text: str) -> str:
    """The readable part of an address: « La Grande Vadrouille » gives « la-grande-vadrouille »."""
    ascii_words = (word.encode("ascii", "ignore").decode() for word in split_words(text))
    return "-".join(word for word in ascii_words if word)[:80].strip("-") or "film"
