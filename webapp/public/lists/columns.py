"""The columns of a table by what their names mean, in French or English, and what a line says under them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.common.identifiers import SCHEMES, parse_identifiers
from domain.common.text import clean_text, split_words
from search.requested_film import MAX_LINE_LENGTH, InputLine, LineFault
from search.typed_lines import find_identifiers

TITLE, ORIGINAL, YEAR, RELEASED, DIRECTORS, TYPE, ADDRESS = (
    "title",
    "original",
    "year",
    "released",
    "directors",
    "type",
    "address",
)
_TITLES = "titre titres title titles name"
_NAMES_BY_COLUMN = {
    TITLE: f"{_TITLES} nom film films movie movietitle filmtitle titrefilm titredufilm titrefrancais titrefr frenchtitle",
    ORIGINAL: "titreoriginal originaltitle titrevo titleoriginal",
    YEAR: "annee year anneeproduction anneedeproduction productionyear yearofproduction anneesortie anneedesortie releaseyear",
    RELEASED: "datedesortie releasedate datesortie released",
    TYPE: "type titletype nature categorie category univers universe",
    ADDRESS: "url lien link adresse uri imdburl tmdburl urlimdb urltmdb",
}
_COLUMN_BY_NAME = {name: field for field, names in _NAMES_BY_COLUMN.items() for name in names.split()}
_SCHEME_BY_NAME = {"const": "imdb", "tconst": "imdb", "themoviedb": "tmdb", **{scheme: scheme for scheme in SCHEMES}}
_TITLE_ONLY_NAMES = frozenset(_TITLES.split())
_YEAR = re.compile(r"(?<!\d)(?:18|19|20)\d\d(?!\d)")
_NAME_SEPARATOR = re.compile(r"\s*(?:[,;/|]|\s&\s|\set\s|\sand\s)\s*")
_NON_FILM_WORDS = ("serie", "episode", "saison", "season", "game", "jeuvideo", "podcast", "tvshow", "musicvideo")
_FILM_WORDS = ("film", "movie", "short", "court", "feature", "documenta", "video", "tvspecial")


@dataclass(frozen=True)
class Header:
    """Which cell of a line tells what: positions by meaning, numbers under their scheme; `width` is the number of cells."""

    positions: dict[str, int]
    width: int

    @property
    def has_only_titles(self) -> bool:
        """Whether the lines below are nothing but titles."""
        return self.width == 1 and TITLE in self.positions


def parse_header(cells: Sequence[str]) -> Header | None:
    """The header that a line is; None when it is none: a single word known must be « titre », « title » or « name »."""
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        if meaning := _find_column(cell):
            found.setdefault(meaning, place)
    told = found.keys() & {TITLE, ORIGINAL, *SCHEMES}
    alone = TITLE in found and _join_words(cells[found[TITLE]]) in _TITLE_ONLY_NAMES
    return Header(found, len(cells)) if told and (len(found) > 1 or alone) else None


def _join_words(cell: str) -> str:
    return "".join(split_words(cell))


def _find_column(cell: str) -> str | None:
    name = _join_words(cell)
    if name.startswith(("realis", "director", "directed")):
        return DIRECTORS
    return (
        _COLUMN_BY_NAME.get(name) or _SCHEME_BY_NAME.get(name) or _SCHEME_BY_NAME.get(name.removeprefix("id").removesuffix("id"))
    )


def parse_table_line(line_number: int, header: Header, cells: Sequence[str]) -> InputLine:
    """A line of a table, or what keeps it from being read: cells that no column awaits would shift the others."""
    if any(cell.strip() for cell in cells[header.width :]):
        return InputLine(line_number, typed=clean_text(" ".join(cells))[:MAX_LINE_LENGTH], fault=LineFault.CELLS)
    told = {field: clean_text(cells[place]) for field, place in header.positions.items() if place < len(cells)}
    titles = tuple(dict.fromkeys(filter(None, (told.get(TITLE), told.get(ORIGINAL)))))
    directors = told.get(DIRECTORS, "")
    if any(len(text) > MAX_LINE_LENGTH for text in (*titles, directors)):
        return InputLine(line_number, typed=next(iter(titles), directors)[:MAX_LINE_LENGTH], fault=LineFault.TOO_LONG)
    identifiers = _collect_identifiers(told)
    if not titles and not identifiers:
        return InputLine(line_number, typed=clean_text(" ".join(cells))[:MAX_LINE_LENGTH], fault=LineFault.NO_TITLE)
    names = tuple(name for name in _NAME_SEPARATOR.split(directors) if name)
    year = _parse_year(told.get(YEAR, "")) or _parse_year(told.get(RELEASED, ""))
    return InputLine(line_number, "", titles, year, names, identifiers, _is_series(told.get(TYPE, "")))


def _collect_identifiers(values: dict[str, str]) -> tuple[tuple[str, str], ...]:
    written: Iterable[tuple[str, str]] = ((scheme, values[scheme]) for scheme in SCHEMES if scheme in values)
    return tuple(
        sorted(dict([*find_identifiers(values.get(ADDRESS, "")[:MAX_LINE_LENGTH]), *parse_identifiers(written)]).items())
    )


def _parse_year(cell: str) -> int | None:
    """The year of a cell: « 1959 », « 2014–2018 », « 23/11/2022 »."""
    found = _YEAR.search(cell)
    return int(found[0]) if found else None


def _is_series(cell: str) -> bool | None:
    name = _join_words(cell)
    if any(word in name for word in _NON_FILM_WORDS):
        return True
    return False if any(word in name for word in _FILM_WORDS) else None
