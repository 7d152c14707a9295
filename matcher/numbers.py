"""Numbers in titles: written in words or figures they are the same; between two sequels they are what differs."""

import re

_WORDS = (
    ("deux", "two"),
    ("trois", "three"),
    ("quatre", "four"),
    ("cinq", "five"),
    ("six",),
    ("sept", "seven"),
    ("huit", "eight"),
    ("neuf", "nine"),
    ("dix", "ten"),
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
_FIGURES = {word: str(value) for value, words in enumerate(_WORDS, start=2) for word in words}
_FIGURES |= {word: f"{value}e" for value, words in enumerate(_ORDINALS, start=1) for word in words}
_ORDINAL_FIGURE = re.compile(r"([0-9]+)(?:e|eme|er|ere|nd|nde|st|rd|th)")


def in_figures(key: str) -> str:
    """A title key with its numbers in figures: « huit femmes » gives « 8 femmes », « septieme ciel » « 7e ciel »."""
    return " ".join(_figure(word) for word in key.split(" "))


def _figure(word: str) -> str:
    ordinal = _ORDINAL_FIGURE.fullmatch(word)
    return f"{ordinal[1]}e" if ordinal else _FIGURES.get(word, word)


def numbers_of(key: str) -> frozenset[str]:
    """The numbers in a key already in figures, ordinals among them: « le parrain 2e partie » holds 2."""
    found = (word.removesuffix("e") for word in key.split())
    return frozenset(word.lstrip("0") for word in found if word.isdecimal())
