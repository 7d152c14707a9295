"""A line that somebody typed: « Dune 2021 », « Les 400 coups (1959) », « La Strada, Fellini », « tt0060474 »."""

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
_NAME_PREPOSITIONS = (" de ", " d'", " d’", " by ")  # « Le Fils de Jean » is a title: whole names only


def find_identifiers(text: str) -> tuple[tuple[str, str], ...]:
    """The numbers of films that a text holds, alone or in the address of a film's page elsewhere."""
    found = [(scheme, match[1]) for scheme, pattern in _IDENTIFIER_PATTERNS.items() if (match := pattern.search(text))]
    return tuple(sorted(parse_identifiers(found)))


def parse_typed_line(line_number: int, text: str) -> InputLine:
    """A line typed, as it is."""
    return InputLine(
        line_number, typed=clean_text(text.replace("\t", " ; "))[:MAX_LINE_LENGTH], identifiers=find_identifiers(text)
    )


def interpret_text(typed: str) -> list[Interpretation]:
    """Every way to understand a line, the whole line as a title first; only the base can tell which is right."""
    text = _BULLET.sub("", _IDENTIFIER_PATTERNS["imdb"].sub(" ", _URL.sub(" ", typed)).strip())[:MAX_LINE_LENGTH]
    text = quoted[1] if (quoted := _QUOTED.match(text)) else text
    cells = [cell for cell in _CELL_SEPARATOR.split(text) if cell]
    if len(cells) > 1:
        return [_interpret_cells(cells)]
    year, rest = None, text
    if (bracketed := _BRACKETED_YEAR.search(text)) and (found := _YEAR.search(bracketed[1])):
        year = int(found[0])
        names = clean_text(_YEAR.sub(" ", bracketed[1])).strip(" ,;-")
        rest = clean_text(f"{text[: bracketed.start()]} {text[bracketed.end() :]}".replace(" ,", ","))
        if names and rest:
            return [Interpretation(rest, year, (names,))]
    return [
        reading
        for reading in dict.fromkeys(_iter_interpretations(rest, year))
        if split_words(reading.title) or reading.title == text
    ]


def _interpret_cells(cells: list[str]) -> Interpretation:
    """A line of a table without header: the title, then a year and names in any order."""
    years = [int(cell) for cell in cells[1:] if _YEAR.fullmatch(cell)]
    names = tuple(cell for cell in cells[1:] if not cell.isdecimal() and not find_identifiers(cell))
    return Interpretation(cells[0], years[0] if years else None, names[:1])


def _iter_interpretations(title: str, year: int | None = None, directors: tuple[str, ...] = ()) -> Iterator[Interpretation]:
    if not title:
        return
    yield Interpretation(title, year, directors)
    if year is None and (found := _TRAILING_YEAR.match(title)):
        yield from _iter_interpretations(found[1].rstrip(" ,:–—-"), int(found[2]), directors)
    if not directors:
        for sign in (*_NAME_SEPARATORS, *_NAME_PREPOSITIONS):
            head, _, name = title.rpartition(sign)
            if head.strip() and len(split_words(name)) > (sign in _NAME_PREPOSITIONS):
                yield from _iter_interpretations(head.strip(), year, (name.strip(),))
