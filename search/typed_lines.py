"""A line that somebody typed: « Dune 2021 », « Les 400 coups (1959) », « La Strada, Fellini », « tt0060474 »."""

import re
from collections.abc import Iterator

from domain.common.identifiers import read_identifiers
from domain.common.text import clean, words
from search.requested_film import LONGEST, Asked, Reading

_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_NUMBERS = {
    "imdb": re.compile(r"\b(tt[0-9]{7,9})\b", re.IGNORECASE),
    "tmdb": re.compile(r"themoviedb\.org/movie/([0-9]{1,9})", re.IGNORECASE),
    "allocine": re.compile(r"allocine\.fr/film/fichefilm_gen_cfilm=([0-9]{1,9})", re.IGNORECASE),
    "senscritique": re.compile(r"senscritique\.com/film/[^/\s]{1,200}/([0-9]{1,12})", re.IGNORECASE),
}
_BULLET = re.compile(r"^(?:[-*•–—]|\d{1,3}[.)])\s+")
_QUOTED = re.compile(r'^["«“]\s*([^"»”]+?)\s*["»”]$')
_CELLS = re.compile(r"\s*[;\t|]\s*")
_YEAR = re.compile(r"(?:18|19|20)\d\d")
_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]*\b(?:18|19|20)\d\d\b[^()\[\]]*)[)\]]\s*")
_LAST_YEAR = re.compile(r"^(.*\S)[\s,:–—-]+((?:18|19|20)\d\d)$")
_BEFORE_NAME = (", ", " - ", " – ", " — ")
_OF = (" de ", " d'", " d’", " by ")  # « Le Fils de Jean » is a title: whole names only


def numbers_in(text: str) -> tuple[tuple[str, str], ...]:
    """The numbers of films that a text holds, alone or in the address of a film's page elsewhere."""
    found = [(scheme, match[1]) for scheme, pattern in _NUMBERS.items() if (match := pattern.search(text))]
    return tuple(sorted(read_identifiers(found)))


def typed_line(number: int, text: str) -> Asked:
    """A line typed, as it is."""
    return Asked(number, typed=clean(text.replace("\t", " ; "))[:LONGEST], identifiers=numbers_in(text))


def readings(typed: str) -> list[Reading]:
    """Every way to understand a line, the whole line as a title first; only the base can tell which is right."""
    text = _BULLET.sub("", _NUMBERS["imdb"].sub(" ", _ADDRESS.sub(" ", typed)).strip())[:LONGEST]
    text = quoted[1] if (quoted := _QUOTED.match(text)) else text
    cells = [cell for cell in _CELLS.split(text) if cell]
    if len(cells) > 1:
        return [_of_cells(cells)]
    year, rest = None, text
    if (bracketed := _BRACKETS.search(text)) and (found := _YEAR.search(bracketed[1])):
        year = int(found[0])
        names = clean(_YEAR.sub(" ", bracketed[1])).strip(" ,;-")
        rest = clean(f"{text[: bracketed.start()]} {text[bracketed.end() :]}".replace(" ,", ","))
        if names and rest:
            return [Reading(rest, year, (names,))]
    return [reading for reading in dict.fromkeys(_ways(rest, year)) if words(reading.title) or reading.title == text]


def _of_cells(cells: list[str]) -> Reading:
    """A line of a table without header: the title, then a year and names in any order."""
    years = [int(cell) for cell in cells[1:] if _YEAR.fullmatch(cell)]
    names = tuple(cell for cell in cells[1:] if not cell.isdecimal() and not numbers_in(cell))
    return Reading(cells[0], years[0] if years else None, names[:1])


def _ways(title: str, year: int | None = None, directors: tuple[str, ...] = ()) -> Iterator[Reading]:
    if not title:
        return
    yield Reading(title, year, directors)
    if year is None and (found := _LAST_YEAR.match(title)):
        yield from _ways(found[1].rstrip(" ,:–—-"), int(found[2]), directors)
    if not directors:
        for sign in (*_BEFORE_NAME, *_OF):
            head, _, name = title.rpartition(sign)
            if head.strip() and len(words(name)) > (sign in _OF):
                yield from _ways(head.strip(), year, (name.strip(),))
