"""The two layouts of a reference base: the CNC's own export (`cnc`) and that of `ouvoir link` (`films`)."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat, ValidationError

from records.display import display_country, display_person, display_title
from records.identifiers import SCHEMES
from records.observed import Line
from records.tabular import Row, read_table, several
from records.vocabulary import Kind

_NEVER_RELEASED = 1900
_LABELS = {
    "title": "titre",
    "source_ref": "identifiant",
    "year": "année",
    "release_date": "date de sortie",
    "runtime_min": "durée",
}


def _blank_is_unknown(value: object) -> object:
    return None if value == "" else value


def _iso_day(value: object) -> object:
    """A day written as 2001-04-25, and nothing else that pydantic would take for a date."""
    if not value:
        return None
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)):
        raise ValueError("a day is expected")
    return value


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


def _film(row: Row) -> Parsed:
    cells = row.cells
    facts = {
        name: cells[name]
        for name in ("title", "original_title", "year", "release_date", "runtime_min", "kind", "popularity")
        if name in cells
    }
    facts["title"] = display_title(cells["title"])
    lists = {name: several(cells.get(name, "")) for name in ("other_titles", "directors", "countries")}
    lists["directors"] = [display_person(name) for name in lists["directors"]]
    lists["countries"] = [display_country(name) for name in lists["countries"]]
    known = {scheme: cells[scheme] for scheme in SCHEMES if cells.get(scheme)}
    return _check(
        row.line, facts | lists | {"source_ref": cells["id"], "french_title": cells.get("title_fr", ""), "identifiers": known}
    )


def read_films(path: Path) -> Iterator[Parsed]:
    """Films of a file in the REFERENCE layout of `ouvoir link`. Raises Problem when the file cannot be read."""
    for row in read_table(path, ("id", "title")):
        yield LineFault(row.line, row.fault) if row.fault else _film(row)


def _year_of(text: str) -> int | None:
    """A year written alone or at the head of a date; the base writes 1900 for « never »."""
    digits = text[:4]
    return int(digits) if digits.isdigit() and int(digits) != _NEVER_RELEASED else None


def _unique(values: list[str]) -> list[str]:
    return list({value.casefold(): value for value in reversed(values) if value}.values())[::-1]


def _merge(rows: list[Row]) -> Parsed:
    """One film from its rows: the export writes one row per director and country."""
    first = rows[0].cells
    release = first["DATE SORTIE SALLES"]
    facts: dict[str, object] = {
        "source_ref": first["N°CNC"],
        "title": display_title(first["TITRE"]),
        "year": first["PRODUCTION"] or _year_of(first["ANNEE SORTIE SALLES"]) or _year_of(release),
        "release_date": release if _year_of(release) else None,
        "directors": _unique([display_person(row.cells["Nom_Realisateur"]) for row in rows]),
        "countries": _unique([display_country(row.cells["PAYS"]) for row in rows]),
        "identifiers": {"cnc": first["N°CNC"]} | ({"visa": first["VISA"]} if first["VISA"] else {}),
    }
    return _check(rows[0].line, facts)


_CNC_COLUMNS = ("N°CNC", "VISA", "TITRE", "PRODUCTION", "ANNEE SORTIE SALLES", "DATE SORTIE SALLES", "PAYS", "Nom_Realisateur")


def read_cnc(path: Path) -> Iterator[Parsed]:
    """Films of the CNC's own export. Raises Problem when the file cannot be read."""
    films: dict[str, list[Row]] = {}
    for row in read_table(path, _CNC_COLUMNS):
        if row.fault or not row.cells["N°CNC"]:
            yield LineFault(row.line, row.fault or "N°CNC absent")
        else:
            films.setdefault(row.cells["N°CNC"], []).append(row)
    yield from map(_merge, films.values())


LAYOUTS: dict[str, Callable[[Path], Iterator[Parsed]]] = {"cnc": read_cnc, "films": read_films}
