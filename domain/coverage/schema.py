"""What a coverage table is: one plain shape, and what may be asked of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.common.enums import Access

Cell = str | int | float | None
Row = tuple[Cell, ...]


class Unit(StrEnum):
    """How the cells of a column are read: a share is from 0 to 1, money in cents of euro, days a number of days."""

    TEXT = "text"
    COUNT = "count"
    SHARE = "share"
    MONEY = "money"
    DAYS = "days"


class Knowledge(StrEnum):
    """Whose knowledge a past day is told with: that of its own evening, or today's."""

    THEN = "jour"
    TODAY = "aujourdhui"


class CountryRule(StrEnum):
    """Which country of a film says its nationality: the first one told, or any that can."""

    FIRST = "premier"
    ANY = "tous"


class LanguageRule(StrEnum):
    """What tells that a film is French-speaking: what services and bases say of its version, or its country being France."""

    TOLD = "dite"
    COUNTRY = "pays"


@dataclass(frozen=True)
class Filters:
    """What a table counts: services (slugs, none: all), accesses (none: all), and the choices of method."""

    services: tuple[str, ...] = ()
    accesses: tuple[Access, ...] = ()
    country: CountryRule = CountryRule.FIRST
    language: LanguageRule = LanguageRule.TOLD
    known: Knowledge = Knowledge.THEN


@dataclass(frozen=True)
class Column:
    """A column: its label in French, its unit."""

    label: str
    unit: Unit = Unit.COUNT


@dataclass(frozen=True)
class TableBody:
    """What a table holds. An empty cell is « inconnu »; `unknown` counts the films of which the base lacks the field.

    `chart` is the place of the column that bars show, None when no bar would say anything. The first `keys` columns name a line.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    unknown: int = 0
    chart_column: int | None = None
    key_count: int = 1


@dataclass(frozen=True)
class EntryCounts:
    """Lines of catalogues that stood on the day: linked to a film, doubtful (a person must look), linked to none."""

    linked: int = 0
    doubtful: int = 0
    unlinked: int = 0

    @property
    def uncounted(self) -> int:
        """Lines that no table of films counts."""
        return self.doubtful + self.unlinked


@dataclass(frozen=True)
class CoverageTable:
    """A table as of a moment (UTC), with its method and what it leaves out."""

    key: str
    title: str
    at: datetime
    body: TableBody
    method: str
    entry_counts: EntryCounts = field(default_factory=EntryCounts)


def compute_share(part: int, whole: int) -> float | None:
    """A share from 0 to 1; None of nothing."""
    return part / whole if whole else None


def build_share_table(
    label: str, counts: Mapping[str, int], order: Iterable[str], total: int | None = None, unknown: int = 0
) -> TableBody:
    """Films by class, in an order, with shares of all of them, and what they add up to."""
    whole = sum(counts.values()) if total is None else total
    rows = [(name, counts.get(name, 0), compute_share(counts.get(name, 0), whole)) for name in order]
    columns = (Column(label, Unit.TEXT), Column("Films"), Column("Part", Unit.SHARE))
    return TableBody(columns, (*rows, ("Ensemble", whole, compute_share(whole, whole))), unknown=unknown, chart_column=1)
