"""Load the chronologie des médias: how long after its release in cinemas a film may be exploited, how and by whom.

The rules are data, `data/windows.toml`: today's beside those of the past, each with its source and its doubt.
"""

import calendar
import tomllib
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache, cached_property
from itertools import combinations, product
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from domain.common.enums import Access
from domain.common.environment import DATA
from domain.common.errors import UserError
from domain.common.file_errors import format_first_error

OTHER_SERVICES = "*"
"""Stands for every service that no other rule in force names for the same access."""
_RULES_FILE = DATA / "windows.toml"
_Months = Annotated[int, Field(ge=0, le=120)]
_Day = Annotated[date, Field(strict=True)]
_Sentence = Annotated[str, Field(min_length=3)]


class _FrozenModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Concern(_FrozenModel):
    """Describe the offers that a rule is about: these accesses, on these services (platform slugs, or « * »)."""

    access: tuple[Access, ...] = Field(min_length=1)
    services: tuple[str, ...] = Field(min_length=1)


class Derogation(_FrozenModel):
    """Describe how much earlier a film may be exploited when a derogation is granted; `condition` says to whom, in French.

    `admissions` is the maximum that the film may have had in its first four weeks, None when the condition is another.
    """

    months: _Months = 0
    days: Annotated[int, Field(ge=0, le=366)] = 0
    admissions: Annotated[int, Field(ge=0)] | None = None
    condition: _Sentence


class Withdrawal(_FrozenModel):
    """Give the months after the release between which a service may have to withdraw the film."""

    start: _Months
    end: _Months


class WindowRule(_FrozenModel):
    """Describe one exploitation and its delay, over a period of validity whose two days are included.

    A rule that concerns no registered service is only displayed. `doubt` says what is not sure about the rule.
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
        """Return whether the rule is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def compute_opening_date(self, release: date) -> date:
        """Return the day from which the exploitation is allowed, for a film released on a day."""
        return add_months(release, self.months)

    def compute_derogation_date(self, release: date, admissions: int | None) -> date | None:
        """Return the earliest day under a derogation; None when there is none, or when the film had too many admissions."""
        derogation = self.derogation
        if derogation is None:
            return None
        if derogation.admissions is not None and admissions is not None and admissions > derogation.admissions:
            return None
        return add_months(release, self.months - derogation.months) - timedelta(days=derogation.days)

    def is_withdrawn_on(self, day: date, release: date) -> bool:
        """Return whether services may have to withdraw on a day a film released on another."""
        if self.withdrawal is None:
            return False
        return add_months(release, self.withdrawal.start) <= day < add_months(release, self.withdrawal.end)

    def compute_return_date(self, release: date) -> date | None:
        """Return the day when a withdrawn film may be shown again; None when the rule has no withdrawal."""
        return add_months(release, self.withdrawal.end) if self.withdrawal else None

    @cached_property
    def access_service_pairs(self) -> set[tuple[Access, str]]:
        """Return every (access, service) that the rule names."""
        pairs = set[tuple[Access, str]]()
        for concern in self.concerns:
            pairs.update(product(concern.access, concern.services))
        return pairs


_KNOWN_KEYS = {key for table in (WindowRule, Concern, Derogation, Withdrawal) for key in table.model_fields}


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month, or the last day of a shorter month: 31 October plus 4 is 28 February."""
    years, month = divmod(day.month - 1 + months, 12)
    year = min(day.year + years, date.max.year)  # a source may hold any year
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def read_rules(path: Path) -> tuple[WindowRule, ...]:
    """Read the rules of a file, in its order. Raises UserError naming the file, the rule, the key and what was expected."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path.name} : TOML illisible ({error})") from None
    except (OSError, UnicodeDecodeError):
        raise UserError(f"{path.name} : fichier illisible (texte UTF-8 attendu)") from None
    tables = document.get("rule")
    if set(document) != {"rule"} or not isinstance(tables, list):
        raise UserError(f"{path.name} : une suite de tables [[rule]] est attendue, et rien d'autre")
    rules = tuple(_parse_rule(path.name, position, table) for position, table in enumerate(tables, 1))
    _check_overlaps(path.name, rules)
    return rules


def _parse_rule(file_name: str, position: int, table: Any) -> WindowRule:
    try:
        return WindowRule.model_validate(table)
    except ValidationError as error:
        rule_id = table.get("id") if isinstance(table, dict) else None
        message = format_first_error(error, _KNOWN_KEYS)
        raise UserError(f"{file_name}, règle {position} ({rule_id or 'sans id'}), {message}") from None


def _check_overlaps(file_name: str, rules: Sequence[WindowRule]) -> None:
    """Raise UserError unless on any day a rule is in force once, and an offer falls under one rule at most."""
    for first, second in combinations(rules, 2):
        if not (first.is_in_force_on(second.valid_from) or second.is_in_force_on(first.valid_from)):
            continue
        if first.id == second.id:
            raise UserError(f"{file_name}, règle {first.id}, valid_from : deux périodes qui ne se recouvrent pas sont attendues")
        shared_pairs = sorted(first.access_service_pairs & second.access_service_pairs)
        if shared_pairs:
            access, service = shared_pairs[0]
            raise UserError(
                f"{file_name}, règle {second.id}, concerns : « {access} » chez « {service} » relève déjà de la règle {first.id}"
            )


@cache
def get_window_rules() -> tuple[WindowRule, ...]:
    """Return the rules of the project, read once: the file is part of the program. Raises UserError as `read_rules`."""
    return read_rules(_RULES_FILE)


@cache
def get_service_names() -> dict[str, str]:
    """Return the names of the services that the rules concern, by slug.

    They are read from the platform files: a database may hold none of these services.
    """
    slugs = set[str]()
    for rule in get_window_rules():
        slugs.update(service for _, service in rule.access_service_pairs)
    return {slug: _read_service_name(slug) for slug in sorted(slugs - {OTHER_SERVICES})}


def _read_service_name(slug: str) -> str:
    document = tomllib.loads((DATA / "platforms" / f"{slug}.toml").read_text(encoding="utf-8"))
    return str(document["name"])


def list_rules_on(day: date) -> tuple[WindowRule, ...]:
    """Return the rules in force on a day."""
    return tuple(rule for rule in get_window_rules() if rule.is_in_force_on(day))


def find_rule(rules: Sequence[WindowRule], access: Access, service: str) -> WindowRule | None:
    """Return the rule that an offer falls under: the one that names its service, else that of other services, else None."""
    for name in (service, OTHER_SERVICES):
        for rule in rules:
            if (access, name) in rule.access_service_pairs:
                return rule
    return None
