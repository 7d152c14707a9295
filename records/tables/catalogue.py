"""The tables of the report, in its order: title and method in words (`data/tables.toml`), and what counts each."""

import tomllib
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from records.settings import DATA
from records.tables import chronology, distinct, fresh, gaps, kinds, lines, movements, prices, public, rates, shares, versions
from records.tables.day import Day
from records.tables.shape import Body, Filters, Table

_FILE = DATA / "tables.toml"
_COUNTERS: dict[str, Callable[[Day], Body]] = {
    "t1": distinct.available,
    "t2": distinct.by_service,
    "t2-recouvrement": distinct.overlap,
    "t3": kinds.by_nation,
    "t3-pays": kinds.by_country,
    "t4": kinds.by_form,
    "t4-genres": kinds.by_genre,
    "t5": kinds.by_age,
    "t6": kinds.by_decade,
    "t7": kinds.by_admissions,
    "t8": distinct.numbers_of_services,
    "t9": rates.by_year,
    "t9-detail": rates.by_year_in_detail,
    "t10": prices.by_service,
    "t10-age": prices.by_age,
    "t11": versions.by_service,
    "t12": movements.by_service,
    "t13": shares.by_service,
    "t14": chronology.windows,
    "t14-avance": chronology.early,
    "t15": gaps.by_decade,
    "t15-pays": gaps.by_country,
    "t15-realisation": gaps.by_director,
    "t16": lines.quality,
    "t17": fresh.freshness,
    "t18": public.usage,
    "t19": public.reports,
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
