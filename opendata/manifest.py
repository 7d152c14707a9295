"""Read exports: the names, the manifest and the days that an export folder publishes.

This is all that readers of the folder (the site, the publication) need; `opendata.version_store` is the only writer. Each export
is a folder of its own, named after its day through a link, and « latest » links to the latest day. Its manifest describes it.
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
    """Describe a file of an export.

    `format` is « csv », « parquet », « json », « schema » or « text », `size` in bytes, `sha256` in hexadecimal.
    """

    name: str
    format: str
    size: int
    sha256: str


class DataSet(_FrozenModel):
    """Describe a table of an export in its formats, in French; `rows` counts its rows, or the films of a feed."""

    name: str
    title: str
    description: str
    keywords: tuple[str, ...]
    rows: int
    files: tuple[DataFile, ...]

    @property
    def schema_file(self) -> DataFile | None:
        """Return the Table Schema of the columns; None when the data set is not a table."""
        return next((file for file in self.files if file.format == "schema"), None)

    @property
    def data_files(self) -> list[DataFile]:
        """Return the files that hold the rows, one for each format."""
        return [file for file in self.files if file.format != "schema"]


class Manifest(_FrozenModel):
    """Describe an export: its day (in Paris), the moment of its state, and whether its services are invented."""

    day: date
    at: datetime
    demonstration: bool
    site: str
    sets: tuple[DataSet, ...]
    others: tuple[DataFile, ...]

    def iter_files(self) -> Iterator[DataFile]:
        """Yield every file that the manifest lists."""
        for dataset in self.sets:
            yield from dataset.files
        yield from self.others


def read_manifest(folder: Path, name: str = LATEST_NAME) -> Manifest | None:
    """Return the manifest of the latest export, or of a day (« 2026-11-22 »); None when none can be read."""
    try:
        return Manifest.model_validate_json((folder / name / MANIFEST_NAME).read_bytes())
    except (OSError, ValidationError):
        return None


def list_exported_days(folder: Path) -> list[date]:
    """Return the days that have an export, the latest first."""
    if not folder.is_dir():
        return []
    days = []
    for path in folder.iterdir():
        day = parse_export_day(path.name)
        if day and path.is_dir():
            days.append(day)
    return sorted(days, reverse=True)


def parse_export_day(name: str) -> date | None:
    """Return the day that a folder is named after (« 2026-11-22 »); None for any other name."""
    try:
        day = date.fromisoformat(name)
    except ValueError:
        return None
    return day if day.isoformat() == name else None
