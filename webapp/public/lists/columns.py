"""The columns of a table by what their names mean, in French or English, and what a line says under them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.common.identifiers import SCHEMES, read_identifiers
from domain.common.text import clean, words
from search.requested_film import LONGEST, Asked, Fault
from search.typed_lines import numbers_in

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
_MEANINGS = {
    TITLE: f"{_TITLES} nom film films movie movietitle filmtitle titrefilm titredufilm titrefrancais titrefr frenchtitle",
    ORIGINAL: "titreoriginal originaltitle titrevo titleoriginal",
    YEAR: "annee year anneeproduction anneedeproduction productionyear yearofproduction anneesortie anneedesortie releaseyear",
    RELEASED: "datedesortie releasedate datesortie released",
    TYPE: "type titletype nature categorie category univers universe",
    ADDRESS: "url lien link adresse uri imdburl tmdburl urlimdb urltmdb",
}
_FIELDS = {name: field for field, names in _MEANINGS.items() for name in names.split()}
_NUMBERS = {"const": "imdb", "tconst": "imdb", "themoviedb": "tmdb", **{scheme: scheme for scheme in SCHEMES}}
_FIRST_OF_ITS_KIND = frozenset(_TITLES.split())
_YEAR = re.compile(r"(?<!\d)(?:18|19|20)\d\d(?!\d)")
_NAMES = re.compile(r"\s*(?:[,;/|]|\s&\s|\set\s|\sand\s)\s*")
_OTHER = ("serie", "episode", "saison", "season", "game", "jeuvideo", "podcast", "tvshow", "musicvideo")
_FILM = ("film", "movie", "short", "court", "feature", "documenta", "video", "tvspecial")


@dataclass(frozen=True)
class Header:
    """Which cell of a line tells what: positions by meaning, numbers under their scheme; `width` is the number of cells."""

    places: dict[str, int]
    width: int

    @property
    def only_titles(self) -> bool:
        """Whether the lines below are nothing but titles."""
        return self.width == 1 and TITLE in self.places


def read_header(cells: Sequence[str]) -> Header | None:
    """The header that a line is; None when it is none: a single word known must be « titre », « title » or « name »."""
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        if meaning := _meaning(cell):
            found.setdefault(meaning, place)
    told = found.keys() & {TITLE, ORIGINAL, *SCHEMES}
    alone = TITLE in found and _joined(cells[found[TITLE]]) in _FIRST_OF_ITS_KIND
    return Header(found, len(cells)) if told and (len(found) > 1 or alone) else None


def _joined(cell: str) -> str:
    return "".join(words(cell))


def _meaning(cell: str) -> str | None:
    name = _joined(cell)
    if name.startswith(("realis", "director", "directed")):
        return DIRECTORS
    return _FIELDS.get(name) or _NUMBERS.get(name) or _NUMBERS.get(name.removeprefix("id").removesuffix("id"))


def table_line(number: int, header: Header, cells: Sequence[str]) -> Asked:
    """A line of a table, or what keeps it from being read: cells that no column awaits would shift the others."""
    if any(cell.strip() for cell in cells[header.width :]):
        return Asked(number, typed=clean(" ".join(cells))[:LONGEST], fault=Fault.CELLS)
    told = {field: clean(cells[place]) for field, place in header.places.items() if place < len(cells)}
    titles = tuple(dict.fromkeys(filter(None, (told.get(TITLE), told.get(ORIGINAL)))))
    directors = told.get(DIRECTORS, "")
    if any(len(text) > LONGEST for text in (*titles, directors)):
        return Asked(number, typed=next(iter(titles), directors)[:LONGEST], fault=Fault.TOO_LONG)
    identifiers = _identifiers(told)
    if not titles and not identifiers:
        return Asked(number, typed=clean(" ".join(cells))[:LONGEST], fault=Fault.NO_TITLE)
    names = tuple(name for name in _NAMES.split(directors) if name)
    year = _year(told.get(YEAR, "")) or _year(told.get(RELEASED, ""))
    return Asked(number, "", titles, year, names, identifiers, _is_series(told.get(TYPE, "")))


def _identifiers(told: dict[str, str]) -> tuple[tuple[str, str], ...]:
    written: Iterable[tuple[str, str]] = ((scheme, told[scheme]) for scheme in SCHEMES if scheme in told)
    return tuple(sorted(dict([*numbers_in(told.get(ADDRESS, "")[:LONGEST]), *read_identifiers(written)]).items()))


def _year(cell: str) -> int | None:
    """The year of a cell: « 1959 », « 2014–2018 », « 23/11/2022 »."""
    found = _YEAR.search(cell)
    return int(found[0]) if found else None


def _is_series(cell: str) -> bool | None:
    name = _joined(cell)
    if any(word in name for word in _OTHER):
        return True
    return False if any(word in name for word in _FILM) else None
