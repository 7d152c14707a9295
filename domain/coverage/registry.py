"""The tables of the report, in its order: title and method in words (`data/tables.toml`), and what counts each."""

import tomllib
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from domain.common.settings import DATA
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
from domain.coverage.dataset import Day
from domain.coverage.schema import Body, Filters, Table

_FILE = DATA / "tables.toml"
_COUNTERS: dict[str, Callable[[Day], Body]] = {
    "t1": distinct_films.available,
    "t2": distinct_films.by_service,
    "t2-recouvrement": distinct_films.overlap,
    "t3": characteristics.by_nation,
    "t3-pays": characteristics.by_country,
    "t4": characteristics.by_form,
    "t4-genres": characteristics.by_genre,
    "t5": characteristics.by_age,
    "t6": characteristics.by_decade,
    "t7": characteristics.by_admissions,
    "t8": distinct_films.numbers_of_services,
    "t9": availability_rate.by_year,
    "t9-detail": availability_rate.by_year_in_detail,
    "t10": prices.by_service,
    "t10-age": prices.by_age,
    "t11": versions.by_service,
    "t12": movements.by_service,
    "t13": european_share.by_service,
    "t14": chronology.windows,
    "t14-avance": chronology.early,
    "t15": heritage_gaps.by_decade,
    "t15-pays": heritage_gaps.by_country,
    "t15-realisation": heritage_gaps.by_director,
    "t16": entry_outcomes.quality,
    "t17": freshness.freshness,
    "t18": public_use.usage,
    "t19": public_use.reports,
}
KEYS = tuple(_COUNTERS)
"""The keys of the tables, in the order of the report: « t1 », « t2 », « t2-recouvrement »…"""


class Definition(BaseModel):
    """The title and the method of a table, in French, and the choices of method that it obeys."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    method: str
    choices: tuple[Literal["country", "language"], ...] = ()


@cache
def definitions() -> dict[str, Definition]:
    """Every table's, by key."""
    told = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {key: Definition.model_validate(told[key]) for key in KEYS}


def count_on(day: Day, key: str) -> Table:
    """A table of a day whose base is shared with other tables."""
    defined = definitions()[key]
    return Table(key, defined.title, day.at, _COUNTERS[key](day), defined.method, day.lines)


def count_table(session: Session, key: str, at: datetime, filters: Filters | None = None) -> Table:
    """A table as of a moment (UTC): the end of a past day, or now. Raises KeyError for a key that is not of `KEYS`."""
    return count_on(Day(session, at, filters), key)
