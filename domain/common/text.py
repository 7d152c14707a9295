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
_WORD = re.compile(r"[^\W_]+")


def clean(text: str) -> str:
    """One line without control or bidirectional characters, spaces folded."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    spaced = "".join(" " if char in "\t\r\n" else char for char in text)
    kept = (char for char in spaced if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())


def fold(text: str) -> str:
    """Lower case without accents or ligatures: « Œuvre d'Été » gives « oeuvre d'ete »."""
    if text.isascii():
        return text.lower()
    spread = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    return "".join(char for char in spread if not unicodedata.combining(char)).lower()


def romanise(text: str) -> str:
    """The text folded and in Latin letters, whatever its script: « Сталкер » gives « stalker »."""
    folded = fold(text)
    return folded if folded.isascii() else anyascii(folded).lower()


def words(text: str) -> list[str]:
    """The folded words of a text: letters and digits only."""
    return _WORD.findall(fold(text))


def counted(number: int, word: str) -> str:
    """« 1 titre gardé », « 3 titres gardés »: each word takes an s from two on."""
    return f"{number} {word}" if abs(number) < 2 else f"{number} {' '.join(part + 's' for part in word.split())}"


def slugify(text: str) -> str:
    """The readable part of an address: « La Grande Vadrouille » gives « la-grande-vadrouille »."""
    ascii_words = (word.encode("ascii", "ignore").decode() for word in words(text))
    return "-".join(word for word in ascii_words if word)[:80].strip("-") or "film"
