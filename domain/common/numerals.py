"""Write the numbers of a title in digits, so that words and digits compare as equal, and extract what makes it another work."""

import re

_UNITS = (
    ("deux", "two"),
    ("trois", "three"),
    ("quatre", "four"),
    ("cinq", "five"),
    ("six",),
    ("sept", "seven"),
    ("huit", "eight"),
    ("neuf", "nine"),
    ("dix", "ten"),
    ("onze", "eleven"),
    ("douze", "twelve"),
    ("treize", "thirteen"),
    ("quatorze", "fourteen"),
    ("quinze", "fifteen"),
    ("seize", "sixteen"),
)
_TENS = (
    ("vingt", "twenty"),
    ("trente", "thirty"),
    ("quarante", "forty"),
    ("cinquante", "fifty"),
    ("soixante", "sixty"),
    ("seventy",),
    ("eighty",),
    ("ninety",),
)
_ORDINALS = (
    ("premier", "premiere", "first"),
    ("deuxieme", "second", "seconde"),
    ("troisieme", "third"),
    ("quatrieme", "fourth"),
    ("cinquieme", "fifth"),
    ("sixieme", "sixth"),
    ("septieme", "seventh"),
    ("huitieme", "eighth"),
    ("neuvieme", "ninth"),
    ("dixieme", "tenth"),
)
_VALUES = {word: value for value, words in enumerate(_UNITS, start=2) for word in words}
_VALUES |= {word: 10 * value for value, words in enumerate(_TENS, start=2) for word in words}
_TENS_WORDS = frozenset(("dix", *(word for words in _TENS for word in words)))
_FIGURES = {word: f"{value}e" for value, words in enumerate(_ORDINALS, start=1) for word in words}
_FIGURES |= {word: str(value) for word, value in _VALUES.items()}
_ORDINAL_PATTERN = re.compile(r"([0-9]+)(?:e|eme|ieme|er|ere|re|nd|nde|st|rd|th)")
_ABBREVIATIONS = {
    "monsieur": "mr",
    "mister": "mr",
    "madame": "mme",
    "mademoiselle": "mlle",
    "docteur": "dr",
    "doctor": "dr",
    "professeur": "pr",
    "professor": "pr",
    "saint": "st",
    "sainte": "ste",
    "kilometres": "km",
    "kilometers": "km",
    "versus": "vs",
}
_FIGURES |= _ABBREVIATIONS
_OTHER_OBJECT_WORDS = frozenset(
    "acte annonce bonus chapitre chapter coffret coulisses court entretien episode epoque integrale interview making part partie "
    "saison season serie series tome trilogie trilogy trailer volume".split()
)
_DIGIT_PATTERN = re.compile("[0-9]")
_ZEROS = {"cent": "00", "cents": "00", "hundred": "00", "mille": "000", "thousand": "000", "000": "000"}
_CHANGING_WORDS = frozenset((*_VALUES, *_FIGURES, *_ZEROS))
"""The words without which a key without digits stays as it is."""


def normalise_numbers(key: str) -> str:
    """Return a title key with its numbers in digits and its usual words abbreviated.

    « dix sept fois » gives « 17 fois », « les quatre cents coups » « les 400 coups », « monsieur klein » « mr klein ».
    """
    written_words = key.split(" ")
    if _CHANGING_WORDS.isdisjoint(written_words) and not _DIGIT_PATTERN.search(key):
        return key
    words: list[str] = []
    tens = 0
    for word in written_words:
        unit = _VALUES.get(word, 0)
        if tens and 0 < unit < 20:
            words[-1] = str(tens + unit)
        elif word in _ZEROS and words and words[-1].isdecimal() and len(words[-1]) <= 2:
            words[-1] += _ZEROS[word]
        else:
            words.append(_convert_word(word))
        tens = unit if word in _TENS_WORDS else 0
    return " ".join(words)


def _convert_word(word: str) -> str:
    ordinal = _ORDINAL_PATTERN.fullmatch(word)
    return f"{ordinal[1]}e" if ordinal else _FIGURES.get(word, word)


def extract_numbers(key: str) -> frozenset[str]:
    """Return the numbers of a key written in figures, ordinals included: « le parrain 2e partie » has 2."""
    figures = (word.removesuffix("e") for word in key.split() if word[0].isdigit())
    return frozenset(figure.lstrip("0") or "0" for figure in figures if figure.isdecimal())


def extract_object_words(key: str) -> frozenset[str]:
    """Return the words that make a title name another object than the film: a part of it, a whole series, a trailer."""
    return frozenset(word for word in key.split() if word in _OTHER_OBJECT_WORDS)
