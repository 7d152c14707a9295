"""The two layouts of a reference base: the CNC's own export (`cnc`) and that of `ouvoir link` (`films`)."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat, ValidationError

from domain.common.casing import display_country, display_genre, display_person, display_title
from domain.common.csv_reader import Row, read_table, several
from domain.common.enums import Kind
from domain.common.identifiers import SCHEMES
from domain.common.ratings import is_unknown_rating, read_rating
from domain.runs.observation import Line

_NEVER_RELEASED = 1900
_LABELS = {
    "title": "titre",
    "source_ref": "identifiant",
    "year": "année",
    "release_date": "date de sortie",
    "runtime_min": "durée",
    "in_cinemas": "sortie en salle",
    "admissions": "entrées",
}
_YES_NO = {"oui": True, "1": True, "non": False, "0": False}


def _blank_is_unknown(value: object) -> object:
    return None if value == "" else value


def _iso_day(value: object) -> object:
    """A day written as 2001-04-25, and nothing else that pydantic would take for a date."""
    if not value:
        return None
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)):
        raise ValueError("a day is expected")
    return value


def _yes_or_no(value: object) -> object:
    return None if value == "" else _YES_NO.get(str(value).lower(), value)


MaybeLine = Annotated[Line | None, BeforeValidator(_blank_is_unknown)]
MaybeYear = Annotated[Annotated[int, Field(ge=1870, le=2100)] | None, BeforeValidator(_blank_is_unknown)]


class FilmLine(BaseModel):
    """One film of a base, as read and checked."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    line: int = Field(exclude=True)
    source_ref: Line = Field(min_length=1, max_length=100)
    title: Line = Field(min_length=1, max_length=500)
    original_title: MaybeLine = None
    french_title: MaybeLine = None
    other_titles: tuple[Line, ...] = ()
    year: MaybeYear = None
    release_date: Annotated[date | None, BeforeValidator(_iso_day)] = None
    runtime_min: Annotated[Annotated[int, Field(ge=1, le=6000)] | None, BeforeValidator(_blank_is_unknown)] = None
    directors: tuple[Line, ...] = ()
    countries: tuple[Line, ...] = ()
    kind: Annotated[Kind | None, BeforeValidator(_blank_is_unknown)] = None
    genres: tuple[Line, ...] = ()
    age_rating: str | None = None
    in_cinemas: Annotated[bool | None, BeforeValidator(_yes_or_no)] = None
    admissions: Annotated[Annotated[int, Field(ge=0)] | None, BeforeValidator(_blank_is_unknown)] = None
    popularity: Annotated[FiniteFloat | None, BeforeValidator(_blank_is_unknown)] = None
    identifiers: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True)
class LineFault:
    """A line that could not be taken in, and why."""

    line: int
    reason: str


Parsed = FilmLine | LineFault


def _check(line: int, facts: Mapping[str, object]) -> Parsed:
    try:
        return FilmLine.model_validate({"line": line, **facts})
    except ValidationError as error:
        first = error.errors()[0]
        label = _LABELS.get(str(first["loc"][0]), str(first["loc"][0]))
        return LineFault(line, f"{label} : valeur incorrecte « {first['input']} »" if first["input"] else f"{label} absent")


def _genres(written: list[str]) -> list[str]:
    return list(dict.fromkeys(display_genre(genre) for genre in written if genre))


def _rated(line: int, facts: Mapping[str, object], written: str) -> Iterator[Parsed]:
    """The film with its age rating; one that means nothing is reported, and the film goes in without."""
    yield _check(line, {**facts, "age_rating": read_rating(written)})
    if is_unknown_rating(written):
        yield LineFault(line, f"classification : « {written} » inconnue, laissée de côté")


_PLAIN = (
    "title",
    "original_title",
    "year",
    "release_date",
    "runtime_min",
    "kind",
    "popularity",
    "in_cinemas",
    "admissions",
)


def _film(row: Row) -> Iterator[Parsed]:
    cells = row.cells
    lists = {name: several(cells.get(name, "")) for name in ("other_titles", "directors", "countries", "genres")}
    facts = {name: cells[name] for name in _PLAIN if name in cells} | {
        "source_ref": cells["id"],
        "title": display_title(cells["title"]),
        "french_title": cells.get("title_fr", ""),
        "other_titles": lists["other_titles"],
        "directors": [display_person(name) for name in lists["directors"]],
        "countries": [display_country(name) for name in lists["countries"]],
        "genres": _genres(lists["genres"]),
        "identifiers": {scheme: cells[scheme] for scheme in SCHEMES if cells.get(scheme)},
    }
    return _rated(row.line, facts, cells.get("age_rating", ""))


def read_films(path: Path) -> Iterator[Parsed]:
    """Films of a file in the REFERENCE layout of `ouvoir link`. Raises Problem when the file cannot be read."""
    for row in read_table(path, ("id", "title")):
        if row.fault:
            yield LineFault(row.line, row.fault)
        else:
            yield from _film(row)


def _year_of(text: str) -> int | None:
    """A year written alone or at the head of a date; the base writes 1900 for « never »."""
    digits = text[:4]
    return int(digits) if digits.isdigit() and int(digits) != _NEVER_RELEASED else None


def _unique(values: list[str]) -> list[str]:
    return list({value.casefold(): value for value in reversed(values) if value}.values())[::-1]


def _in_cinemas(release: str, year: str) -> bool | None:
    """Whether a film was released: a day or a year says so, 1900 alone says never, nothing says nothing."""
    if _year_of(release) or _year_of(year):
        return True
    return False if year == str(_NEVER_RELEASED) else None


def _merge(rows: list[Row]) -> Iterator[Parsed]:
    """One film from its rows: the export writes one row per director and country."""
    first = rows[0].cells
    release, year = first["DATE SORTIE SALLES"], first["ANNEE SORTIE SALLES"]
    facts: dict[str, object] = {
        "source_ref": first["N°CNC"],
        "title": display_title(first["TITRE"]),
        "year": first["PRODUCTION"] or _year_of(year) or _year_of(release),
        "release_date": release if _year_of(release) else None,
        "in_cinemas": _in_cinemas(release, year),
        "directors": _unique([display_person(row.cells["Nom_Realisateur"]) for row in rows]),
        "countries": _unique([display_country(row.cells["PAYS"]) for row in rows]),
        "genres": _genres([row.cells.get("GENRE", "") for row in rows]),
        "identifiers": {"cnc": first["N°CNC"]} | ({"visa": first["VISA"]} if first["VISA"] else {}),
    }
    return _rated(rows[0].line, facts, first.get("INTERDICTION", ""))


_CNC_COLUMNS = ("N°CNC", "VISA", "TITRE", "PRODUCTION", "ANNEE SORTIE SALLES", "DATE SORTIE SALLES", "PAYS", "Nom_Realisateur")


def read_cnc(path: Path) -> Iterator[Parsed]:
    """Films of the CNC's own export. Raises Problem when the file cannot be read."""
    films: dict[str, list[Row]] = {}
    for row in read_table(path, _CNC_COLUMNS):
        if row.fault or not row.cells["N°CNC"]:
            yield LineFault(row.line, row.fault or "N°CNC absent")
        else:
            films.setdefault(row.cells["N°CNC"], []).append(row)
    for one in films.values():
        yield from _merge(one)


LAYOUTS: dict[str, Callable[[Path], Iterator[Parsed]]] = {"cnc": read_cnc, "films": read_films}
