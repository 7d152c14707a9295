"""The files of open data as they stand on disk: what one room exports, and another shows.

Under one folder, each export is a folder of its own, written whole before a link named after its day (and one named « latest »)
leads to it. Its manifest says what it holds.
"""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

LATEST_NAME = "latest"
MANIFEST_NAME = "manifest.json"
LICENCE_URL = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"
LICENCE_NAME = "Licence Ouverte 2.0"


class _FrozenModel(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class DataFile(_FrozenModel):
    """A file of an export: its name, its format (« csv », « parquet », « json », « schema », « text »), bytes and SHA-256."""

    name: str
    format: str
    size: int
    sha256: str


class DataSet(_FrozenModel):
    """A table of an export in its formats, with its French title and description; `rows` counts lines, or films of a feed."""

    name: str
    title: str
    description: str
    keywords: tuple[str, ...]
    rows: int
    files: tuple[DataFile, ...]

    @property
    def schema_file(self) -> DataFile | None:
        """The Table Schema of its columns; None for what is no table."""
        return next((file for file in self.files if file.format == "schema"), None)

    @property
    def data_files(self) -> list[DataFile]:
        """The same lines in each format."""
        return [file for file in self.files if file.format != "schema"]


class Manifest(_FrozenModel):
    """What an export holds: the day it tells of (in Paris), the moment of its state, and whether its services are invented."""

    day: date
    at: datetime
    demonstration: bool
    site: str
    sets: tuple[DataSet, ...]
    others: tuple[DataFile, ...]

    def iter_files(self) -> Iterator[DataFile]:
        """Every file that it counts."""
        for found in self.sets:
            yield from found.files
        yield from self.others


def read_manifest(folder: Path, name: str = LATEST_NAME) -> Manifest | None:
    """The manifest of the latest export, or of a day's (« 2026-11-22 »); None when there is none that can be read."""
    try:
        return Manifest.model_validate_json((folder / name / MANIFEST_NAME).read_bytes())
    except (OSError, ValidationError):
        return None


def list_exported_days(folder: Path) -> list[date]:
    """The days that have an export, the latest first."""
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted((day for path in found if (day := parse_export_day(path.name)) and path.is_dir()), reverse=True)


def parse_export_day(name: str) -> date | None:
    """The day that a folder is named after; None when it is named otherwise."""
    try:
        day = date.fromisoformat(name)
    except ValueError:
        return None
    return day if day.isoformat() == name else None
