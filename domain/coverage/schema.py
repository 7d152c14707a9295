"""Define what a coverage table holds, and the filters that it is counted under."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.common.enums import Access
from domain.coverage.labels import ALL_LABEL

Cell = str | int | float | None
Row = tuple[Cell, ...]


class Unit(StrEnum):
    """Say how the cells of a column are read: a share is from 0 to 1, money in euro cents, days a number of days."""

    TEXT = "text"
    COUNT = "count"
    SHARE = "share"
    MONEY = "money"
    DAYS = "days"


class Knowledge(StrEnum):
    """Choose what a past day is counted with: what was known that evening, or what is known today."""

    THEN = "jour"
    TODAY = "aujourdhui"


class CountryRule(StrEnum):
    """Choose which country of a film gives its nationality: the first one, or any of them."""

    FIRST = "premier"
    ANY = "tous"


class LanguageRule(StrEnum):
    """Choose what makes a film French-speaking: what services and sources say of its versions, or France as first country."""

    TOLD = "dite"
    COUNTRY = "pays"


@dataclass(frozen=True)
class Filters:
    """Select what a table counts: services by slug (none: all), accesses (none: all), and the choices of method."""

    services: tuple[str, ...] = ()
    accesses: tuple[Access, ...] = ()
    country: CountryRule = CountryRule.FIRST
    language: LanguageRule = LanguageRule.TOLD
    knowledge: Knowledge = Knowledge.THEN


@dataclass(frozen=True)
class Column:
    """Describe a column: its label in French, its unit."""

    label: str
    unit: Unit = Unit.COUNT


@dataclass(frozen=True)
class TableBody:
    """Hold the columns and rows of a table.

    A cell that is None is unknown; `unknown` counts the films that lack the fact that the table classes them by. `chart_column`
    is the position of the column that bars show, None when no bar would mean anything. The first `key_count` columns identify
    a row.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    unknown: int = 0
    chart_column: int | None = None
    key_count: int = 1


@dataclass(frozen=True)
class EntryCounts:
    """Count the entries open on the day: linked to a film, doubtful (a person must decide), linked to none."""

    linked: int = 0
    doubtful: int = 0
    unlinked: int = 0

    @property
    def uncounted(self) -> int:
        """Return how many entries no table of films counts."""
        return self.doubtful + self.unlinked


@dataclass(frozen=True)
class CoverageTable:
    """Hold a table as of a moment (UTC), with its method and what it leaves out."""

    key: str
    title: str
    at: datetime
    body: TableBody
    method: str
    entry_counts: EntryCounts = field(default_factory=EntryCounts)


def compute_share(part: int, whole: int) -> float | None:
    """Return a share from 0 to 1; None when the whole is zero."""
    return part / whole if whole else None


def build_share_table(
    label: str, counts: Mapping[str, int], order: Iterable[str], total: int | None = None, unknown: int = 0
) -> TableBody:
    """Build the table of films by class, in an order, with shares and a total row.

    Shares are of `total`, by default the sum of the counts.
    """
    whole = sum(counts.values()) if total is None else total
    rows = [(name, counts.get(name, 0), compute_share(counts.get(name, 0), whole)) for name in order]
    columns = (Column(label, Unit.TEXT), Column("Films"), Column("Part", Unit.SHARE))
    total_row = (ALL_LABEL, whole, compute_share(whole, whole))
    return TableBody(columns, (*rows, total_row), unknown=unknown, chart_column=1)
