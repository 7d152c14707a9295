"""Normalise and split titles, the same way for imports, search and matching."""

import re
from dataclasses import dataclass

from domain.common.text import clean_text, fold_text, split_words

_MOVED_ARTICLES = "le|la|les|l|un|une|des|the|a|an|il|lo|gli|i|der|die|das|el|los|las"
_MOVED_ARTICLE_PATTERN = re.compile(
    rf"^(?P<rest>.+?)\s*(?:\((?P<a>{_MOVED_ARTICLES})['’]?\)|,\s*(?P<b>{_MOVED_ARTICLES})['’]?)$",
    re.IGNORECASE,
)
_DROPPED_ARTICLES = frozenset(["le", "la", "les", "l", "the"])
_ROMAN_PATTERN = re.compile(r"^(?=[ivx])(x{0,3})(ix|iv|v?i{0,3})$")
VERSION_WORDS = "vf|vff|vfq|vo|vost(?:fr)?|hd|4k|uhd|3d|imax"
"""What services add to a title to tell its version, as a regular expression."""
_EDITION_PATTERN = re.compile(
    r"\s*(?:[-–—:]\s*[(\[]?|[(\[])\s*(?P<edition>(?:[eé]dition|version)\s+[^()\[\]]+|director['’]?s cut|extended cut|remastered"
    r"|final cut|theatrical cut|unrated|uncut|non censur[ée]e?|restaur[ée]e?"
    rf"|version|{VERSION_WORDS})\s*[)\]]?\s*$",
    re.IGNORECASE,
)
_ADDITION_PATTERN = re.compile(r"[-–—:(\[]")
"""What an edition or a year begins with."""
_YEAR_PATTERN = re.compile(r"\s*[(\[](?P<year>(?:18|19|20)\d\d)[)\]]\s*$")
_BRACKETS_PATTERN = re.compile(r"^(?P<main>[^()]+?)\s+\((?P<inner>[^()]+)\)$")
_INSTALMENT_PATTERN = re.compile(
    r"\d|\b(?:saison|season|s[ée]rie|series|[ée]pisode|part(?:ie)?|vol(?:ume)?|tome|chapitre|chapter|[ée]poque|acte|[ivx]+"
    r"|int[ée]grale|coffret|trilogie|trilogy|bonus|making|bande|trailer|entretien|interview|court)\b",
    re.IGNORECASE,
)
_FORMER_TITLE_PATTERN = re.compile(r"^(?:ex|aka|a\.k\.a\.|titre original|autre titre)\s*[:.-]?\s+(?P<title>.+)$", re.IGNORECASE)
_QUOTED_PATTERN = re.compile(r"^[\"«“]\s*(?P<title>[^\"»”]+?)\s*[\"»”]\s+(?:de|d['’])\s*(?P<director>[^()]+?)$")


@dataclass(frozen=True)
class TitleParts:
    """Represent the parts of a title as written: the bare title, and what was removed from it."""

    title: str
    edition: str | None = None
    year: int | None = None
    director: str | None = None
    alternatives: tuple[str, ...] = ()


def _convert_roman(roman: re.Match[str]) -> str:
    units = {"": 0, "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9}
    return str(10 * len(roman[1]) + units[roman[2]])


def _normalise_word(position: int, word: str) -> str:
    if word == "and":
        return "et"
    roman = _ROMAN_PATTERN.match(word) if position and word[0] in "ivx" else None
    return _convert_roman(roman) if roman else word


def restore_article(title: str) -> str:
    """Move the article of « Voyage dans la lune (Le) » or « Lion King, The » back to the front."""
    may_have_moved = "," in title or ")" in title  # most titles have neither, and the pattern is slow to say so
    moved = _MOVED_ARTICLE_PATTERN.match(title) if may_have_moved else None
    if moved is None:
        return title
    article = moved["a"] or moved["b"]
    separator = "’" if article.lower() == "l" else " "
    return f"{article}{separator}{moved['rest']}"


def get_first_article(title: str) -> str:
    """Return the first article that the key of a title leaves out: « le » for « Voyage dans la lune (Le) », else nothing."""
    words = split_words(restore_article(clean_text(title)))
    return words[0] if len(words) > 1 and words[0] in _DROPPED_ARTICLES else ""


def build_title_key(title: str) -> str:
    """Build the comparable form of a title: folded words, without a first article, « & » as « et », II as 2.

    A title made of punctuation only keeps it, so that « ??? » can be found.
    """
    words = split_words(restore_article(clean_text(title)).replace("&", " et "))
    if len(words) > 1 and words[0] in _DROPPED_ARTICLES:
        words = words[1:]
    if not words:
        return fold_text(clean_text(title))
    return " ".join(_normalise_word(position, word) for position, word in enumerate(words))


def split_title(raw_title: str) -> TitleParts:
    """Split a platform's title into the bare title, its edition, its year, its director and its alternative in brackets.

    Brackets that distinguish instalments, « (2/3) » or « (Volume 1) », or another object, « (bonus) », hold no alternative.
    """
    title = clean_text(raw_title)
    edition: str | None = None
    year: int | None = None
    director: str | None = None
    for _ in range(2):
        if not _ADDITION_PATTERN.search(title):
            break
        edition_match = _EDITION_PATTERN.search(title)
        if edition_match and edition_match.start():
            edition = edition_match["edition"]
            title = title[: edition_match.start()]
            continue
        year_match = _YEAR_PATTERN.search(title)
        if year_match and year_match.start():
            year = int(year_match["year"])
            title = title[: year_match.start()]
    quoted = _QUOTED_PATTERN.match(title)
    if quoted:
        title = quoted["title"]
        director = quoted["director"]
    title = restore_article(title)
    return TitleParts(title, edition, year, director, _extract_alternatives(title))


def _extract_alternatives(title: str) -> tuple[str, ...]:
    """Return both titles of « Novembre (ex : 13/11) » or « Chambre froide (Cold Room) », nothing without brackets."""
    bracketed = _BRACKETS_PATTERN.match(title) if title.endswith(")") else None
    if bracketed is None:
        return ()
    former = _FORMER_TITLE_PATTERN.match(bracketed["inner"])
    if former:
        return (bracketed["main"], former["title"])
    if _INSTALMENT_PATTERN.search(bracketed["inner"]):
        return ()
    return (bracketed["main"], bracketed["inner"])
