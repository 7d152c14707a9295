"""The chronologie des médias: how long after its release in cinemas a film may be exploited, in which way and by whom.

The rules are data, `data/windows.toml`: today's beside those of the past, each with its source and its doubt.
"""

import calendar
import tomllib
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache, cached_property
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from domain.common.enums import Access
from domain.common.errors import UserError
from domain.common.file_errors import format_first_error
from domain.common.settings import DATA

OTHER_SERVICES = "*"
"""Stands for every service that no other rule in force names for the same access."""
_RULES_FILE = DATA / "windows.toml"
_Months = Annotated[int, Field(ge=0, le=120)]
_Day = Annotated[date, Field(strict=True)]
_Sentence = Annotated[str, Field(min_length=3)]


class _FrozenModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Concern(_FrozenModel):
    """Offers that a rule is about: these accesses, at these services (slugs of the register, or « * »)."""

    access: tuple[Access, ...] = Field(min_length=1)
    services: tuple[str, ...] = Field(min_length=1)


class Derogation(_FrozenModel):
    """How much earlier a film may be exploited when it is asked for and granted; `condition` says to whom, in French.

    `admissions` is the most that the film may have had in its first four weeks, None when the condition is another.
    """

    months: _Months = 0
    days: Annotated[int, Field(ge=0, le=366)] = 0
    admissions: Annotated[int, Field(ge=0)] | None = None
    condition: _Sentence


class Withdrawal(_FrozenModel):
    """Months after the release between which a service may have to take the film away."""

    start: _Months
    end: _Months


class WindowRule(_FrozenModel):
    """One exploitation and its delay, over a period of validity whose two days are included.

    A rule that concerns no service of the register is there to be read. `doubt` says what is not sure of it.
    """

    id: Annotated[str, Field(pattern="^[A-Z][A-Z0-9_]*$")]
    exploitation: _Sentence
    months: _Months
    concerns: tuple[Concern, ...] = ()
    derogation: Derogation | None = None
    withdrawal: Withdrawal | None = None
    valid_from: _Day
    valid_to: _Day | None = None
    source: Annotated[str, Field(min_length=10)]
    checked_on: _Day
    note: str = ""
    doubt: str = ""

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> "WindowRule":
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to : un jour qui ne précède pas valid_from est attendu")
        return self

    def is_in_force_on(self, day: date) -> bool:
        """Whether the rule was in force that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def compute_opening_date(self, release: date) -> date:
        """The day from which the exploitation is allowed, for a film released that day."""
        return add_months(release, self.months)

    def compute_derogation_date(self, release: date, admissions: int | None) -> date | None:
        """The earliest day under a derogation; None when there is none, or when the film had too many admissions for it."""
        asked = self.derogation
        if asked is None or (asked.admissions is not None and admissions is not None and admissions > asked.admissions):
            return None
        return add_months(release, self.months - asked.months) - timedelta(days=asked.days)

    @cached_property
    def access_service_pairs(self) -> set[tuple[Access, str]]:
        """Every (access, service) that the rule names."""
        return {(access, service) for told in self.concerns for access in told.access for service in told.services}


_KEYS = {key for table in (WindowRule, Concern, Derogation, Withdrawal) for key in table.model_fields}


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or the last one of a month that is too short: 31 October plus 4 is 28 February."""
    years, month = divmod(day.month - 1 + months, 12)
    year = min(day.year + years, date.max.year)  # a base may hold any year
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def read_rules(path: Path) -> tuple[WindowRule, ...]:
    """The rules of a file, in its order. Raises Problem naming file, rule, key and what was expected."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path.name} : TOML illisible ({error})") from None
    except (OSError, UnicodeDecodeError):
        raise UserError(f"{path.name} : fichier illisible (texte UTF-8 attendu)") from None
    told = table.get("rule")
    if set(table) != {"rule"} or not isinstance(told, list):
        raise UserError(f"{path.name} : une suite de tables [[rule]] est attendue, et rien d'autre")
    rules = tuple(_parse_rule(path.name, number, one) for number, one in enumerate(told, 1))
    _check_overlaps(path.name, rules)
    return rules


def _parse_rule(name: str, number: int, table: Any) -> WindowRule:
    try:
        return WindowRule.model_validate(table)
    except ValidationError as error:
        told = table.get("id") if isinstance(table, dict) else None
        raise UserError(f"{name}, règle {number} ({told or 'sans id'}), {format_first_error(error, _KEYS)}") from None


def _check_overlaps(name: str, rules: Sequence[WindowRule]) -> None:
    """On any day a rule stands once, and an offer falls under one rule at most."""
    for one, other in combinations(rules, 2):
        if not (one.is_in_force_on(other.valid_from) or other.is_in_force_on(one.valid_from)):
            continue
        shared = sorted(one.access_service_pairs & other.access_service_pairs)
        if one.id == other.id:
            raise UserError(f"{name}, règle {one.id}, valid_from : deux périodes qui ne se recouvrent pas sont attendues")
        if shared:
            told = f"« {shared[0][0]} » chez « {shared[0][1]} »"
            raise UserError(f"{name}, règle {other.id}, concerns : {told} relève déjà de la règle {one.id}")


@cache
def get_window_rules() -> tuple[WindowRule, ...]:
    """The rules of the project, read once. Raises Problem as `read_rules`."""
    return read_rules(_RULES_FILE)


@cache
def get_service_names() -> dict[str, str]:
    """The names of the services that the rules name, by slug, from their own files: a database may know none of them."""
    slugs = sorted(
        {slug for rule in get_window_rules() for concern in rule.concerns for slug in concern.services} - {OTHER_SERVICES}
    )
    files = {slug: DATA / "platforms" / f"{slug}.toml" for slug in slugs}
    return {slug: tomllib.loads(file.read_text(encoding="utf-8"))["name"] for slug, file in files.items()}


def list_rules_on(day: date) -> tuple[WindowRule, ...]:
    """The rules in force on a day."""
    return tuple(rule for rule in get_window_rules() if rule.is_in_force_on(day))


def find_rule(rules: Sequence[WindowRule], access: Access, service: str) -> WindowRule | None:
    """The rule that an offer falls under: that which names the service, else that of the others; None when nothing is said."""
    for asked in (service, OTHER_SERVICES):
        for rule in rules:
            if (access, asked) in rule.access_service_pairs:
                return rule
    return None
