"""Saved answers read as a collection reads them."""

from crawlers.extract.mapper import Mapped, map_row
from crawlers.formats.documents import read_document
from crawlers.platform_files.loader import PlatformFile, load_platform
from crawlers.platform_files.sources import Documents
from domain.runs.observation import Observed
from tests.crawlers.conftest import PAGES, PLATFORMS


def read(slug: str, sample: str | None = None) -> list[Mapped]:
    """The lines of a platform's saved answer, or of another one of the same shape."""
    platform = load_platform(slug, PLATFORMS)
    assert isinstance(platform.source, Documents)
    name = sample or platform.sample
    alone = platform.source.details is not None
    document = read_document(platform, platform.source, (PAGES / name).read_bytes(), name, alone)
    return mapped(platform, list(document.rows))


def mapped(platform: PlatformFile, rows: list[object]) -> list[Mapped]:
    """What the rules of a platform make of lines."""
    return [map_row(platform, row, platform.site) for row in rows]


def seen(lines: list[Mapped]) -> list[Observed]:
    """The lines that were kept."""
    return [line.observed for line in lines if line.observed]


def dropped(lines: list[Mapped]) -> list[str]:
    """The rules under which lines were left aside."""
    return [line.dropped for line in lines if line.dropped]


def issues(lines: list[Mapped]) -> list[str]:
    """What a person would be told of the lines."""
    return [issue.message for line in lines for issue in line.issues]
