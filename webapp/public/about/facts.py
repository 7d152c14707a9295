"""Read the files that say what no program can know of itself: who publishes the site, what audits found, what changed."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

from flask import Flask, current_app
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.common.environment import DATA
from domain.common.errors import UserError
from domain.common.file_errors import format_first_error

# Criteria of the RGAA 4.1.2, by theme.
CRITERIA_COUNTS = (9, 2, 3, 13, 8, 2, 5, 10, 4, 14, 13, 11, 12)
_AUDIT_VALIDITY = timedelta(days=3 * 365)
_APPLICABLE_RESULTS = ("C", "NC")
_EXTENSION_KEY = "ouvoir.site_facts"
_FactsT = TypeVar("_FactsT", bound=BaseModel)


class _FactsModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Operator(_FactsModel):
    """Represent who publishes the site and where it is hosted; empty where nobody said."""

    name: str = ""
    form: str = ""
    address: str = ""
    director: str = ""
    host_name: str = ""
    host_address: str = ""
    accessibility_plan: str = ""
    accessibility_year: str = ""


class Audit(_FactsModel):
    """Represent an audit of accessibility: by whom, when, of which pages, with what, and the result of each criterion."""

    by: str
    on: date
    pages: tuple[str, ...]
    environment: tuple[str, ...]
    tools: tuple[str, ...]
    results: dict[str, str]

    @property
    def is_complete(self) -> bool:
        """Return whether every criterion of the RGAA has a result."""
        return set(self.results) == _list_criteria() and set(self.results.values()) <= {*_APPLICABLE_RESULTS, "NA"}

    @property
    def compliance_rate(self) -> float:
        """Return the share, from 0 to 1, of the criteria that apply and are met."""
        applicable = [result for result in self.results.values() if result in _APPLICABLE_RESULTS]
        return applicable.count("C") / len(applicable) if applicable else 0.0


def _list_criteria() -> set[str]:
    """Return the ids of the RGAA's criteria, « 1.1 » to « 13.12 »."""
    return {f"{theme}.{rank}" for theme, count in enumerate(CRITERIA_COUNTS, 1) for rank in range(1, count + 1)}


class Accessibility(_FactsModel):
    """Represent what the declaration of accessibility is made of; no audit means that none was made."""

    declared_on: date
    updated_on: date | None = None
    technologies: tuple[str, ...]
    faults: tuple[str, ...] = ()
    exemptions: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    audit: Audit | None = None

    def get_valid_audit(self, today: date) -> Audit | None:
        """Return the audit when it is complete and less than three years old."""
        if self.audit is None or not self.audit.is_complete:
            return None
        is_current = self.audit.on <= today < self.audit.on + _AUDIT_VALIDITY
        return self.audit if is_current else None

    def get_compliance_level(self, today: date) -> str:
        """Return « totalement », « partiellement » or « non », before « conforme »: the law knows no other words."""
        audit = self.get_valid_audit(today)
        if audit is None or audit.compliance_rate < 0.5:
            return "non"
        return "totalement" if audit.compliance_rate == 1 else "partiellement"


class PageMeasurement(_FactsModel):
    """Represent a kind of page as the bench measured it: bytes transferred, requests, elements, EcoIndex, and the day."""

    name: str
    weight: int = Field(ge=0)
    requests: int = Field(ge=0)
    nodes: int = Field(ge=0)
    score: float = Field(ge=0, le=100)
    day: date


class Ecodesign(_FactsModel):
    """Hold what the bench measured; no screen means not measured yet."""

    screens: tuple[PageMeasurement, ...] = ()


class SiteChange(_FactsModel):
    """Represent what changed on a day for those who read the site."""

    day: date
    what: tuple[str, ...]


class SiteChanges(_FactsModel):
    """Hold the changes of the site, the latest first."""

    changes: tuple[SiteChange, ...] = ()


def load_facts(path: Path, model: type[_FactsT]) -> _FactsT:
    """Return the facts of a file, those of an empty one when it is absent. Raises UserError on a file that cannot be read so."""
    try:
        text = path.read_text("utf-8") if path.exists() else ""
        return model.model_validate(tomllib.loads(text))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"{path.name} : illisible ({error})") from None
    except ValidationError as error:
        raise UserError(f"{path.name} : {format_first_error(error, model.model_fields)}") from None


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """Hold what the four files say."""

    operator: Operator
    accessibility: Accessibility
    ecodesign: Ecodesign
    changes: SiteChanges


def load_site_facts(folder: Path = DATA) -> SiteFacts:
    """Read `operator.toml`, `accessibility.toml`, `ecodesign.toml` and `changes.toml`. Raises UserError as `load_facts` does."""
    return SiteFacts(
        operator=load_facts(folder / "operator.toml", Operator),
        accessibility=load_facts(folder / "accessibility.toml", Accessibility),
        ecodesign=load_facts(folder / "ecodesign.toml", Ecodesign),
        changes=load_facts(folder / "changes.toml", SiteChanges),
    )


def init_app(app: Flask) -> None:
    """Read the files once, so that a mistake stops the site at its start, in one line. Raises UserError."""
    app.extensions[_EXTENSION_KEY] = load_site_facts()


def _get_site_facts() -> SiteFacts:
    site_facts: SiteFacts = current_app.extensions[_EXTENSION_KEY]
    return site_facts


def get_operator() -> Operator:
    """Return what `data/operator.toml` says."""
    return _get_site_facts().operator


def get_accessibility() -> Accessibility:
    """Return what `data/accessibility.toml` says."""
    return _get_site_facts().accessibility


def get_ecodesign() -> Ecodesign:
    """Return what `data/ecodesign.toml`, written by the bench, says."""
    return _get_site_facts().ecodesign


def get_changes() -> SiteChanges:
    """Return what `data/changes.toml` says."""
    return _get_site_facts().changes
