"""Read the two layouts of a reference base: the CNC's own export (`cnc`) and that of `ouvoir link` (`films`)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)

from domain.common.casing import format_country, format_genre, format_person, format_title
from domain.common.csv_reader import TableRow, read_table, split_values
from domain.common.enums import Kind, TitleKind
from domain.common.identifiers import SCHEMES
from domain.common.parsing import parse_iso_day
from domain.common.ratings import is_unknown_rating, parse_rating
from domain.runs.observation import CleanStr

MAX_TITLE_LENGTH = 500
_MAX_RECORD_TITLES = 60
_NEVER_RELEASED = 1900
_FIELD_LABELS = {
    "title": "titre",
    "source_ref": "identifiant",
    "year": "année",
    "release_date": "date de sortie",
    "runtime_min": "durée",
    "in_cinemas": "sortie en salle",
    "admissions": "entrées",
}
_PLAIN_COLUMNS = (
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
_CNC_COLUMNS = ("N°CNC", "VISA", "TITRE", "PRODUCTION", "ANNEE SORTIE SALLES", "DATE SORTIE SALLES", "PAYS", "Nom_Realisateur")
_BOOLEAN_WORDS = {"oui": True, "1": True, "non": False, "0": False}


def _blank_to_none(value: object) -> object:
    return None if value == "" else value


def _parse_iso_date(value: object) -> date | None:
    """Return a day written as 2001-04-25, and nothing else that pydantic would take for a date."""
    return parse_iso_day(str(value)) if value else None


def _parse_yes_no(value: object) -> object:
    return None if value == "" else _BOOLEAN_WORDS.get(str(value).lower(), value)


OptionalStr = Annotated[CleanStr | None, BeforeValidator(_blank_to_none)]
OptionalYear = Annotated[Annotated[int, Field(ge=1870, le=2100)] | None, BeforeValidator(_blank_to_none)]


class RecordTitle(BaseModel):
    """Represent a title that a source gives with its kind and its language (ISO 639, perhaps with a script: « ja-latn »)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: CleanStr = Field(min_length=1, max_length=MAX_TITLE_LENGTH)
    kind: TitleKind
    language: str | None = Field(default=None, max_length=20)


class FilmRecord(BaseModel):
    """Represent a film of a source, as read and checked; `line` is its line number in the file, 0 when it comes from none.

    `titles` are those that the source gives with their kind and language; the other fields hold those it gives without.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    line: int = Field(exclude=True)
    source_ref: CleanStr = Field(min_length=1, max_length=100)
    title: CleanStr = Field(min_length=1, max_length=MAX_TITLE_LENGTH)
    original_title: OptionalStr = None
    french_title: OptionalStr = None
    other_titles: tuple[CleanStr, ...] = ()
    year: OptionalYear = None
    release_date: Annotated[date | None, BeforeValidator(_parse_iso_date)] = None
    runtime_min: Annotated[Annotated[int, Field(ge=1, le=6000)] | None, BeforeValidator(_blank_to_none)] = None
    directors: tuple[CleanStr, ...] = ()
    countries: tuple[CleanStr, ...] = ()
    kind: Annotated[Kind | None, BeforeValidator(_blank_to_none)] = None
    genres: tuple[CleanStr, ...] = ()
    age_rating: str | None = None
    in_cinemas: Annotated[bool | None, BeforeValidator(_parse_yes_no)] = None
    admissions: Annotated[Annotated[int, Field(ge=0)] | None, BeforeValidator(_blank_to_none)] = None
    popularity: Annotated[FiniteFloat | None, BeforeValidator(_blank_to_none)] = None
    identifiers: dict[str, str] = Field(default_factory=dict)
    titles: tuple[RecordTitle, ...] = Field(default=(), max_length=_MAX_RECORD_TITLES)

    @model_serializer(mode="wrap")
    def _omit_missing_titles(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave `titles` out where there are none: records stored before the field existed keep their hash."""
        values: dict[str, Any] = serialise(self)
        if not self.titles:
            values.pop("titles", None)
        return values

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> "FilmRecord":
        """Return the record that `SourceRecord.payload` keeps."""
        return cls.model_validate({"line": 0, **payload})


@dataclass(frozen=True)
class RecordIssue:
    """Represent a line of a file that could not be read, or not wholly, and why, in French."""

    line: int
    reason: str


ParsedRecord = FilmRecord | RecordIssue


def _validate_record(line: int, facts: Mapping[str, object]) -> ParsedRecord:
    try:
        return FilmRecord.model_validate({"line": line, **facts})
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        label = _FIELD_LABELS.get(field, field)
        if not first["input"]:
            return RecordIssue(line, f"{label} absent")
        return RecordIssue(line, f"{label} : valeur incorrecte « {first['input']} »")


def _normalise_genres(written: list[str]) -> list[str]:
    return list(dict.fromkeys(format_genre(genre) for genre in written if genre))


def _add_age_rating(line: int, facts: Mapping[str, object], written: str) -> Iterator[ParsedRecord]:
    """Yield the film with its age rating; an unknown rating is reported, and the film goes without."""
    yield _validate_record(line, {**facts, "age_rating": parse_rating(written)})
    if is_unknown_rating(written):
        yield RecordIssue(line, f"classification : « {written} » inconnue, laissée de côté")


def _parse_film(row: TableRow) -> Iterator[ParsedRecord]:
    cells = row.cells
    lists = {name: split_values(cells.get(name, "")) for name in ("other_titles", "directors", "countries", "genres")}
    facts: dict[str, object] = {name: cells[name] for name in _PLAIN_COLUMNS if name in cells}
    facts |= {
        "source_ref": cells["id"],
        "title": format_title(cells["title"]),
        "french_title": cells.get("title_fr", ""),
        "other_titles": lists["other_titles"],
        "directors": [format_person(name) for name in lists["directors"]],
        "countries": [format_country(name) for name in lists["countries"]],
        "genres": _normalise_genres(lists["genres"]),
        "identifiers": {scheme: cells[scheme] for scheme in SCHEMES if cells.get(scheme)},
    }
    return _add_age_rating(row.line, facts, cells.get("age_rating", ""))


def read_film_records(path: Path) -> Iterator[ParsedRecord]:
    """Yield the films of a file in the REFERENCE layout of `ouvoir link`. Raises UserError when the file cannot be read."""
    for row in read_table(path, ("id", "title")):
        if row.fault:
            yield RecordIssue(row.line, row.fault)
        else:
            yield from _parse_film(row)


def _parse_year(text: str) -> int | None:
    """Return a year written alone or at the head of a date; the CNC writes 1900 for « never »."""
    digits = text[:4]
    return int(digits) if digits.isdigit() and int(digits) != _NEVER_RELEASED else None


def _deduplicate(values: list[str]) -> list[str]:
    """Return the values that are not blank, each once whatever its case, as first written."""
    unique: dict[str, str] = {}
    for value in values:
        if value:
            unique.setdefault(value.casefold(), value)
    return list(unique.values())


def _is_released(release: str, year: str) -> bool | None:
    """Tell whether a film was released: a day or a year says so, 1900 alone says never, and nothing is unknown (None)."""
    if _parse_year(release) or _parse_year(year):
        return True
    return False if year == str(_NEVER_RELEASED) else None


def _merge_rows(rows: list[TableRow]) -> Iterator[ParsedRecord]:
    """Yield one film from its rows: the export writes one row per director and country."""
    first = rows[0].cells
    identifiers = {"cnc": first["N°CNC"]}
    if first["VISA"]:
        identifiers["visa"] = first["VISA"]
    release, year = first["DATE SORTIE SALLES"], first["ANNEE SORTIE SALLES"]
    facts: dict[str, object] = {
        "source_ref": first["N°CNC"],
        "title": format_title(first["TITRE"]),
        "year": first["PRODUCTION"] or _parse_year(year) or _parse_year(release),
        "release_date": release if _parse_year(release) else None,
        "in_cinemas": _is_released(release, year),
        "directors": _deduplicate([format_person(row.cells["Nom_Realisateur"]) for row in rows]),
        "countries": _deduplicate([format_country(row.cells["PAYS"]) for row in rows]),
        "genres": _normalise_genres([row.cells.get("GENRE", "") for row in rows]),
        "identifiers": identifiers,
    }
    return _add_age_rating(rows[0].line, facts, first.get("INTERDICTION", ""))


def read_cnc_records(path: Path) -> Iterator[ParsedRecord]:
    """Yield the films of the CNC's own export. Raises UserError when the file cannot be read."""
    films: dict[str, list[TableRow]] = {}
    for row in read_table(path, _CNC_COLUMNS):
        if row.fault or not row.cells["N°CNC"]:
            yield RecordIssue(row.line, row.fault or "N°CNC absent")
        else:
            films.setdefault(row.cells["N°CNC"], []).append(row)
    for rows in films.values():
        yield from _merge_rows(rows)


LAYOUTS: dict[str, Callable[[Path], Iterator[ParsedRecord]]] = {"cnc": read_cnc_records, "films": read_film_records}
