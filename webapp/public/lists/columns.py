"""Recognise the columns of a table by their names, in French or English, and read the lines below."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from domain.common.identifiers import SCHEMES, parse_identifiers
from domain.common.text import clean_text, split_words
from search.requested_film import MAX_LINE_LENGTH, InputLine, LineFault
from search.typed_lines import find_identifiers

TITLE = "title"
ORIGINAL = "original"
YEAR = "year"
RELEASED = "released"
DIRECTORS = "directors"
TYPE = "type"
ADDRESS = "address"
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
    """Hold the position of each column that was recognised, by meaning or by identifier scheme, and the number of cells."""

    positions: dict[str, int]
    width: int

    @property
    def has_only_titles(self) -> bool:
        """Return whether the lines below are nothing but titles."""
        return self.width == 1 and TITLE in self.positions


def parse_header(cells: Sequence[str]) -> Header | None:
    """Return the header that a line is, None when it is none.

    A line with a single column recognised must say « titre », « title » or « name » to be one: it may be a film's title.
    """
    positions: dict[str, int] = {}
    for position, cell in enumerate(cells):
        column = _find_column(cell)
        if column:
            positions.setdefault(column, position)
    names_films = bool(positions.keys() & {TITLE, ORIGINAL, *SCHEMES})
    is_title_alone = TITLE in positions and _join_words(cells[positions[TITLE]]) in _TITLE_ONLY_NAMES
    if names_films and (len(positions) > 1 or is_title_alone):
        return Header(positions, len(cells))
    return None


def _join_words(cell: str) -> str:
    return "".join(split_words(cell))


def _find_column(cell: str) -> str | None:
    name = _join_words(cell)
    if name.startswith(("realis", "director", "directed")):
        return DIRECTORS
    if name in _COLUMN_BY_NAME:
        return _COLUMN_BY_NAME[name]
    if name in _SCHEME_BY_NAME:
        return _SCHEME_BY_NAME[name]
    return _SCHEME_BY_NAME.get(name.removeprefix("id").removesuffix("id"))


def parse_table_line(line_number: int, header: Header, cells: Sequence[str]) -> InputLine:
    """Return a line of a table, or its fault: cells beyond the last column would shift the others."""
    if any(cell.strip() for cell in cells[header.width :]):
        return _build_faulty_line(line_number, " ".join(cells), LineFault.CELLS)
    values = {column: clean_text(cells[position]) for column, position in header.positions.items() if position < len(cells)}
    titles = tuple(dict.fromkeys(filter(None, (values.get(TITLE), values.get(ORIGINAL)))))
    directors = values.get(DIRECTORS, "")
    if any(len(text) > MAX_LINE_LENGTH for text in (*titles, directors)):
        return _build_faulty_line(line_number, titles[0] if titles else directors, LineFault.TOO_LONG)
    identifiers = _collect_identifiers(values)
    if not titles and not identifiers:
        return _build_faulty_line(line_number, " ".join(cells), LineFault.NO_TITLE)
    return InputLine(
        line_number,
        titles=titles,
        year=_parse_year(values.get(YEAR, "")) or _parse_year(values.get(RELEASED, "")),
        directors=tuple(filter(None, _NAME_SEPARATOR.split(directors))),
        identifiers=identifiers,
        series=_is_series(values.get(TYPE, "")),
    )


def _build_faulty_line(line_number: int, text: str, fault: LineFault) -> InputLine:
    return InputLine(line_number, typed=clean_text(text)[:MAX_LINE_LENGTH], fault=fault)


def _collect_identifiers(values: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the identifiers of a line; those of its own columns take precedence over those in its address."""
    identifiers = dict(find_identifiers(values.get(ADDRESS, "")[:MAX_LINE_LENGTH]))
    identifiers.update(parse_identifiers((scheme, values[scheme]) for scheme in SCHEMES if scheme in values))
    return tuple(sorted(identifiers.items()))


def _parse_year(cell: str) -> int | None:
    """Return the year of a cell: « 1959 », « 2014–2018 », « 23/11/2022 »."""
    match = _YEAR.search(cell)
    return int(match[0]) if match else None


def _is_series(cell: str) -> bool | None:
    """Return whether a cell says series (or anything but a film) or film, None when it says neither."""
    name = _join_words(cell)
    if any(word in name for word in _NON_FILM_WORDS):
        return True
    if any(word in name for word in _FILM_WORDS):
        return False
    return None
