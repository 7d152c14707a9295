"""Saved answers read as a collection reads them."""

from crawlers.extract.mapper import MappedRow, map_row
from crawlers.formats.documents import read_document
from crawlers.platform_files.loader import PlatformFile, load_platform
from crawlers.platform_files.sources import DocumentSource
from domain.runs.observation import ObservedEntry
from tests.crawlers.conftest import PAGES, PLATFORMS


def read_sample(slug: str, sample: str | None = None) -> list[MappedRow]:
    """Return the rows of a platform's saved answer, or of another one of the same shape."""
    platform = load_platform(slug, PLATFORMS)
    assert isinstance(platform.source, DocumentSource)
    name = sample or platform.sample
    alone = platform.source.details is not None
    document = read_document(platform, platform.source, (PAGES / name).read_bytes(), name, alone)
    return map_rows(platform, list(document.rows))


def map_rows(platform: PlatformFile, rows: list[object]) -> list[MappedRow]:
    """Map rows with the rules of a platform."""
    return [map_row(platform, row, platform.site) for row in rows]


def list_observations(lines: list[MappedRow]) -> list[ObservedEntry]:
    """Return the entries of the mapped rows."""
    return [line.observation for line in lines if line.observation]


def list_dropped_rules(lines: list[MappedRow]) -> list[str]:
    """Return the rules under which rows were dropped."""
    return [line.dropped for line in lines if line.dropped]


def list_issues(lines: list[MappedRow]) -> list[str]:
    """Return the issues of the rows."""
    return [issue.message for line in lines for issue in line.issues]
