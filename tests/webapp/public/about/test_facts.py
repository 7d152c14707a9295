"""What files say of the site: the state of accessibility is computed, a mistake is told in one line."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from domain.common.environment import DATA
from domain.common.errors import UserError
from webapp.public.about.facts import (
    CRITERIA_COUNTS,
    Accessibility,
    Audit,
    Ecodesign,
    Operator,
    PageMeasurement,
    SiteChanges,
    load_facts,
    load_site_facts,
)

TODAY = date(2026, 11, 22)
ALL = [f"{theme}.{number}" for theme, most in enumerate(CRITERIA_COUNTS, 1) for number in range(1, most + 1)]


def declared(met: int, failed: int = 0, on: date = TODAY, results: dict[str, str] | None = None) -> Accessibility:
    """Return a declaration whose audit found so many criteria met and failed, the others not applicable."""
    words = ["C"] * met + ["NC"] * failed + ["NA"] * (len(ALL) - met - failed)
    all_results = dict(zip(ALL, words, strict=True)) if results is None else results
    audit = Audit(by="en interne", on=on, pages=("/",), environment=("Firefox",), tools=("axe-core",), results=all_results)
    return Accessibility(declared_on=TODAY, technologies=("HTML",), audit=audit)


def test_the_rgaa_has_its_106_criteria() -> None:
    assert len(ALL) == 106 and ALL[0] == "1.1" and ALL[-1] == "13.12"


@pytest.mark.parametrize(
    ("met", "failed", "state"),
    [(60, 0, "totalement"), (59, 1, "partiellement"), (30, 30, "partiellement"), (29, 30, "non"), (0, 0, "non"), (0, 106, "non")],
)
def test_the_state_follows_the_share_of_criteria_met(met: int, failed: int, state: str) -> None:
    assert declared(met, failed).get_compliance_level(TODAY) == state


def test_without_a_valid_audit_the_site_does_not_conform() -> None:
    assert Accessibility(declared_on=TODAY, technologies=("HTML",)).get_compliance_level(TODAY) == "non"
    assert declared(106, on=TODAY - timedelta(days=3 * 365 - 1)).get_compliance_level(TODAY) == "totalement"
    assert declared(106, on=TODAY - timedelta(days=3 * 365)).get_compliance_level(TODAY) == "non"
    assert declared(106, on=TODAY + timedelta(days=1)).get_compliance_level(TODAY) == "non"
    whole = dict.fromkeys(ALL, "C")
    for results in ({}, {**whole, "1.1": "oui"}, dict.fromkeys(ALL[1:], "C"), {**whole, "14.1": "C"}):
        assert declared(0, results=results).get_compliance_level(TODAY) == "non"


def test_the_files_shipped_can_be_read_and_claim_nothing() -> None:
    load_site_facts()
    assert load_facts(DATA / "accessibility.toml", Accessibility).get_compliance_level(TODAY) == "non"
    assert load_facts(DATA / "operator.toml", Operator) == Operator()
    days = [change.day for change in load_facts(DATA / "changes.toml", SiteChanges).changes]
    assert days and days == sorted(days, reverse=True)


def test_no_file_means_nothing_said(tmp_path: Path) -> None:
    assert load_facts(tmp_path / "absent.toml", Ecodesign).screens == ()


@pytest.mark.parametrize("text", ["name =", 'nam = "CNC"', "name = 3", "\x00"])
def test_a_mistake_is_told_with_its_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "operator.toml").write_text(text)
    with pytest.raises(UserError, match=r"operator\.toml : "):
        load_facts(tmp_path / "operator.toml", Operator)


def test_a_score_beyond_a_hundred_is_no_score() -> None:
    with pytest.raises(ValidationError):
        PageMeasurement(name="Accueil", weight=1, requests=1, nodes=1, score=100.1, day=TODAY)
