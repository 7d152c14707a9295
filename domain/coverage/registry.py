"""List the tables of the report, in its order: what counts each, and its title and method (`data/tables.toml`)."""

import tomllib
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from domain.common.environment import DATA
from domain.coverage import (
    availability_rate,
    characteristics,
    chronology,
    distinct_films,
    entry_outcomes,
    european_share,
    freshness,
    heritage_gaps,
    movements,
    prices,
    public_use,
    versions,
)
from domain.coverage.dataset import DaySnapshot
from domain.coverage.schema import CoverageTable, Filters, TableBody

_DEFINITIONS_FILE = DATA / "tables.toml"
_COUNTERS: dict[str, Callable[[DaySnapshot], TableBody]] = {
    "t1": distinct_films.count_available_films,
    "t2": distinct_films.count_films_by_service,
    "t2-recouvrement": distinct_films.count_service_overlap,
    "t3": characteristics.count_by_nationality,
    "t3-pays": characteristics.count_by_country,
    "t4": characteristics.count_by_form,
    "t4-genres": characteristics.count_by_genre,
    "t5": characteristics.count_by_age,
    "t6": characteristics.count_by_decade,
    "t7": characteristics.count_by_admissions,
    "t8": distinct_films.count_films_by_service_count,
    "t9": availability_rate.count_rates_by_year,
    "t9-detail": availability_rate.count_rates_by_year_in_detail,
    "t10": prices.summarise_prices_by_service,
    "t10-age": prices.summarise_prices_by_age,
    "t11": versions.count_versions_by_service,
    "t12": movements.count_movements_by_service,
    "t13": european_share.count_quotas_by_service,
    "t14": chronology.count_windows,
    "t14-avance": chronology.count_early_offers,
    "t15": heritage_gaps.count_gaps_by_decade,
    "t15-pays": heritage_gaps.count_gaps_by_country,
    "t15-realisation": heritage_gaps.count_gaps_by_director,
    "t16": entry_outcomes.measure_link_quality,
    "t17": freshness.measure_freshness,
    "t18": public_use.count_usage,
    "t19": public_use.count_reader_reports,
}
TABLE_KEYS = tuple(_COUNTERS)
"""The keys of the tables, in the order of the report: « t1 », « t2 », « t2-recouvrement »…"""


class TableDefinition(BaseModel):
    """Describe a table: its title and method, in French, and the choices of method that it obeys."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    method: str
    choices: tuple[Literal["country", "language"], ...] = ()


@cache
def load_definitions() -> dict[str, TableDefinition]:
    """Load the definition of every table, by key, once: the file is part of the program."""
    document = tomllib.loads(_DEFINITIONS_FILE.read_text(encoding="utf-8"))
    return {key: TableDefinition.model_validate(document[key]) for key in TABLE_KEYS}


def count_table_on(day: DaySnapshot, key: str) -> CoverageTable:
    """Count a table of a day, whose snapshot several tables may share. Raises KeyError for a key not in TABLE_KEYS."""
    definition = load_definitions()[key]
    return CoverageTable(key, definition.title, day.at, _COUNTERS[key](day), definition.method, day.entry_counts)


def count_table(session: Session, key: str, at: datetime, filters: Filters | None = None) -> CoverageTable:
    """Count a table as of a moment (UTC): the end of a past day, or now. Raises KeyError for a key not in TABLE_KEYS."""
    return count_table_on(DaySnapshot(session, at, filters), key)
