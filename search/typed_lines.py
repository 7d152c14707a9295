"""Interpret a line that a person typed: « Dune 2021 », « Les 400 coups (1959) », « La Strada, Fellini », « tt0060474 »."""

import re
from collections.abc import Iterator

from domain.common.identifiers import parse_identifiers
from domain.common.text import clean_text, split_words
from search.requested_film import MAX_LINE_LENGTH, InputLine, Interpretation

_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_IDENTIFIER_PATTERNS = {
    "imdb": re.compile(r"\b(tt[0-9]{7,9})\b", re.IGNORECASE),
    "tmdb": re.compile(r"themoviedb\.org/movie/([0-9]{1,9})", re.IGNORECASE),
    "allocine": re.compile(r"allocine\.fr/film/fichefilm_gen_cfilm=([0-9]{1,9})", re.IGNORECASE),
    "senscritique": re.compile(r"senscritique\.com/film/[^/\s]{1,200}/([0-9]{1,12})", re.IGNORECASE),
}
_BULLET = re.compile(r"^(?:[-*•–—]|\d{1,3}[.)])\s+")
_QUOTED = re.compile(r'^["«“]\s*([^"»”]+?)\s*["»”]$')
_CELL_SEPARATOR = re.compile(r"\s*[;\t|]\s*")
_YEAR = re.compile(r"(?:18|19|20)\d\d")
_BRACKETED_YEAR = re.compile(r"\s*[(\[]([^()\[\]]*\b(?:18|19|20)\d\d\b[^()\[\]]*)[)\]]\s*")
_TRAILING_YEAR = re.compile(r"^(.*\S)[\s,:–—-]+((?:18|19|20)\d\d)$")
_NAME_SEPARATORS = (", ", " - ", " – ", " — ")
_NAME_PREPOSITIONS = (" de ", " d'", " d’", " by ")
"""They separate a full name only, of two words or more: « Le Fils de Jean » is a title."""


def find_identifiers(text: str) -> tuple[tuple[str, str], ...]:
    """Return the identifiers of films in a text, as (scheme, value): alone, or in the address of a film's page."""
    identifiers = []
    for scheme, pattern in _IDENTIFIER_PATTERNS.items():
        match = pattern.search(text)
        if match:
            identifiers.append((scheme, match[1]))
    return tuple(sorted(parse_identifiers(identifiers)))


def parse_typed_line(line_number: int, text: str) -> InputLine:
    """Return a typed line with its identifiers; tabulations become semicolons."""
    typed = clean_text(text.replace("\t", " ; "))[:MAX_LINE_LENGTH]
    return InputLine(line_number, typed=typed, identifiers=find_identifiers(text))


def interpret_text(typed: str) -> list[Interpretation]:
    """Return every way to understand a line, the whole line as a title first; only the films can tell which is right."""
    text = _strip_decorations(typed)
    cells = [cell for cell in _CELL_SEPARATOR.split(text) if cell]
    if len(cells) > 1:
        return [_interpret_cells(cells)]
    year, title = None, text
    bracketed = _BRACKETED_YEAR.search(text)
    if bracketed:
        year = _find_year(bracketed[1])
        names = clean_text(_YEAR.sub(" ", bracketed[1])).strip(" ,;-")
        title = clean_text(f"{text[: bracketed.start()]} {text[bracketed.end() :]}".replace(" ,", ","))
        if names and title:
            return [Interpretation(title, year, (names,))]
    interpretations = dict.fromkeys(_iter_interpretations(title, year))
    return [each for each in interpretations if split_words(each.title) or each.title == text]


def _strip_decorations(typed: str) -> str:
    """Return a line without its identifiers, its bullet and its quotes."""
    text = _IDENTIFIER_PATTERNS["imdb"].sub(" ", _URL.sub(" ", typed)).strip()
    text = _BULLET.sub("", text)[:MAX_LINE_LENGTH]
    quoted = _QUOTED.match(text)
    return quoted[1] if quoted else text


def _find_year(text: str) -> int | None:
    match = _YEAR.search(text)
    return int(match[0]) if match else None


def _interpret_cells(cells: list[str]) -> Interpretation:
    """Interpret a line of a table without header: the title, then a year and names in any order."""
    title, *others = cells
    years = [int(cell) for cell in others if _YEAR.fullmatch(cell)]
    names = tuple(cell for cell in others if not cell.isdecimal() and not find_identifiers(cell))
    return Interpretation(title, years[0] if years else None, names[:1])


def _iter_interpretations(title: str, year: int | None = None, directors: tuple[str, ...] = ()) -> Iterator[Interpretation]:
    if not title:
        return
    yield Interpretation(title, year, directors)
    trailing = _TRAILING_YEAR.match(title)
    if year is None and trailing:
        yield from _iter_interpretations(trailing[1].rstrip(" ,:–—-"), int(trailing[2]), directors)
    if not directors:
        for head, name in _iter_name_splits(title):
            yield from _iter_interpretations(head, year, (name,))


def _iter_name_splits(title: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to split a text into a title and a director's name."""
    for separator in (*_NAME_SEPARATORS, *_NAME_PREPOSITIONS):
        head, _, name = title.rpartition(separator)
        min_words = 2 if separator in _NAME_PREPOSITIONS else 1
        if head.strip() and len(split_words(name)) >= min_words:
            yield head.strip(), name.strip()
