"""The files that say what no program can know of itself: who publishes the site, what audits found, what changed."""

import tomllib
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.common.errors import Problem
from domain.common.file_errors import first_fault
from domain.common.settings import DATA

# Criteria of the RGAA 4.1.2, by theme.
CRITERIA = (9, 2, 3, 13, 8, 2, 5, 10, 4, 14, 13, 11, 12)
_AUDIT_LASTS = timedelta(days=3 * 365)
_APPLICABLE = ("C", "NC")
_Read = TypeVar("_Read", bound=BaseModel)


class _Facts(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Operator(_Facts):
    """Who publishes the site and where it is hosted; empty where nobody said."""

    name: str = ""
    form: str = ""
    address: str = ""
    director: str = ""
    host_name: str = ""
    host_address: str = ""
    accessibility_plan: str = ""
    accessibility_year: str = ""


class Audit(_Facts):
    """One audit of accessibility: by whom, on which day and pages, with what, and what became of each criterion (C, NC or NA)."""

    by: str
    on: date
    pages: tuple[str, ...]
    environment: tuple[str, ...]
    tools: tuple[str, ...]
    results: dict[str, str]

    @property
    def is_whole(self) -> bool:
        """Whether every criterion of the RGAA has a result."""
        known = {f"{theme}.{number}" for theme, most in enumerate(CRITERIA, 1) for number in range(1, most + 1)}
        return set(self.results) == known and set(self.results.values()) <= {*_APPLICABLE, "NA"}

    @property
    def share(self) -> float:
        """The share, from 0 to 1, of the criteria that apply and are met."""
        applicable = [result for result in self.results.values() if result in _APPLICABLE]
        return applicable.count("C") / len(applicable) if applicable else 0.0


class Accessibility(_Facts):
    """What the declaration of accessibility is made of; no audit means that none was made."""

    declared_on: date
    updated_on: date | None = None
    technologies: tuple[str, ...]
    faults: tuple[str, ...] = ()
    exemptions: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    audit: Audit | None = None

    def valid_audit(self, today: date) -> Audit | None:
        """The audit, when it is whole and less than three years old."""
        sound = self.audit is not None and self.audit.is_whole and self.audit.on <= today < self.audit.on + _AUDIT_LASTS
        return self.audit if sound else None

    def state(self, today: date) -> str:
        """« totalement », « partiellement » or « non », before « conforme »: the law knows no other words."""
        audit = self.valid_audit(today)
        if audit is None or audit.share < 0.5:
            return "non"
        return "totalement" if audit.share == 1 else "partiellement"


class Screen(_Facts):
    """A kind of page as the bench weighed it: bytes on the wire, requests, elements, EcoIndex, and on which day."""

    name: str
    weight: int = Field(ge=0)
    requests: int = Field(ge=0)
    nodes: int = Field(ge=0)
    score: float = Field(ge=0, le=100)
    day: date


class Ecodesign(_Facts):
    """What the bench measured; no screen means not measured yet."""

    screens: tuple[Screen, ...] = ()


class Change(_Facts):
    """What changed on a day for those who read the site."""

    day: date
    what: tuple[str, ...]


class Changes(_Facts):
    """The changes of the site, the latest first."""

    changes: tuple[Change, ...] = ()


def read_facts(path: Path, kind: type[_Read]) -> _Read:
    """The facts of a file; those of an empty one when it is absent. Raises Problem on a file that cannot be read as such."""
    try:
        text = path.read_text("utf-8") if path.exists() else ""
        return kind.model_validate(tomllib.loads(text))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Problem(f"{path.name} : illisible ({error})") from None
    except ValidationError as error:
        raise Problem(f"{path.name} : {first_fault(error, kind.model_fields)}") from None


@cache
def operator() -> Operator:
    """What `data/operator.toml` says."""
    return read_facts(DATA / "operator.toml", Operator)


@cache
def accessibility() -> Accessibility:
    """What `data/accessibility.toml` says."""
    return read_facts(DATA / "accessibility.toml", Accessibility)


@cache
def ecodesign() -> Ecodesign:
    """What `data/ecodesign.toml`, written by the bench, says."""
    return read_facts(DATA / "ecodesign.toml", Ecodesign)


@cache
def changes() -> Changes:
    """What `data/changes.toml` says."""
    return read_facts(DATA / "changes.toml", Changes)


def check_facts() -> None:
    """Reads every file once, so that a mistake stops the site at its start, in one line. Raises Problem."""
    for read in (operator, accessibility, ecodesign, changes):
        read()
