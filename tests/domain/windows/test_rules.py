"""Rules of the chronologie des médias: date arithmetic, rules in force, and a file with faults."""

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.common.enums import Access
from domain.common.errors import UserError
from domain.windows.rules import (
    OTHER_SERVICES,
    WindowRule,
    add_months,
    find_rule,
    get_service_names,
    get_window_rules,
    list_rules_on,
    read_rules,
)

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2025, 10, 31), 4, date(2026, 2, 28)),
        (date(2025, 10, 31), 6, date(2026, 4, 30)),
        (date(2023, 10, 31), 4, date(2024, 2, 29)),
        (date(2025, 8, 31), 4, date(2025, 12, 31)),
        (date(2026, 1, 7), 0, date(2026, 1, 7)),
        (date(2026, 1, 7), 36, date(2029, 1, 7)),
        (date(9999, 12, 31), 2, date(9999, 2, 28)),
    ],
)
def test_months_are_those_of_the_calendar_down_to_the_end_of_a_short_one(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 120))
def test_any_day_plus_months_falls_in_that_month(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months and later.day <= day.day


def months_on(day: date) -> dict[str, int]:
    return {rule.id: rule.months for rule in list_rules_on(day) if rule.concerns}


def test_each_period_has_its_rules() -> None:
    assert months_on(date(2015, 1, 1)) == {"TVOD": 4, "PAY_AGR": 10, "FREE_TV": 22, "SVOD_STD": 36}
    assert months_on(date(2020, 1, 1)) == {"TVOD": 4, "PAY_AGR": 8, "FREE_TV": 22, "SVOD_NONE": 36}
    past = {"TVOD": 4, "PAY_AGR": 6, "NETFLIX": 15, "SVOD_STD": 17, "FREE_TV": 22, "FREE_VOD": 36}
    assert months_on(date(2024, 1, 1)) == past
    assert months_on(date(2025, 12, 31)) == past | {"DISNEY": 9}
    assert months_on(date(2026, 1, 1)) == past | {"DISNEY": 9, "NETFLIX": 17}


def test_on_no_day_do_two_periods_of_a_rule_leave_a_hole() -> None:
    for rule_id in ("TVOD", "PAY_AGR", "FREE_TV", "NETFLIX", "FREE_VOD"):
        periods = sorted((rule for rule in get_window_rules() if rule.id == rule_id), key=lambda rule: rule.valid_from)
        for before, after in pairwise(periods):
            assert before.valid_to is not None and (after.valid_from - before.valid_to).days == 1, (rule_id, after.valid_from)


@pytest.mark.parametrize(
    ("access", "service", "expected"),
    [
        (Access.RENT, "orange", "TVOD"),
        (Access.SUBSCRIPTION, "netflix", "NETFLIX"),
        (Access.SUBSCRIPTION, "disney-plus", "DISNEY"),
        (Access.SUBSCRIPTION, "mubi", "SVOD_STD"),
        (Access.SUBSCRIPTION, "mycanal", "PAY_AGR"),
        (Access.CATCH_UP, "cine-plus-ocs", "PAY_AGR"),
        (Access.CATCH_UP, "francetv", "FREE_TV"),
        (Access.FREE_WITH_ADS, "tf1", "FREE_TV"),
        (Access.FREE_WITH_ADS, "pluto-tv", "FREE_VOD"),
        (Access.LIBRARY, "mediatheque-numerique", None),
    ],
)
def test_an_offer_falls_under_the_rule_that_names_its_service_or_that_of_the_others(
    access: Access, service: str, expected: str | None
) -> None:
    rule = find_rule(list_rules_on(TODAY), access, service)
    assert (rule and rule.id) == expected


def test_the_services_named_are_in_the_register() -> None:
    slugs = {path.stem for path in (Path(__file__).parents[3] / "data" / "platforms").glob("*.toml")}
    named = {service for rule in get_window_rules() for _, service in rule.access_service_pairs} - {"*"}
    assert named and named <= slugs


def test_a_rule_from_memory_or_from_one_source_says_so() -> None:
    memory = [rule for rule in get_window_rules() if "non relu" in rule.source]
    assert memory and all("mémoire" in rule.doubt for rule in memory)
    assert all("source" in rule.doubt for rule in get_window_rules() if rule.id == "NETFLIX")


GOOD = """
[[rule]]
id = "TVOD"
exploitation = "Location et achat"
months = 4
concerns = [{ access = ["rent"], services = ["*"] }]
valid_from = 2019-03-23
source = "Code du cinéma, L. 231-1"
checked_on = 2026-11-22
"""
SECOND = GOOD.replace('"TVOD"', '"AUTRE"')


def test_a_good_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "windows.toml").write_text(GOOD, "utf-8")
    (rule,) = read_rules(tmp_path / "windows.toml")
    assert isinstance(rule, WindowRule) and rule.compute_opening_date(date(2026, 1, 7)) == date(2026, 5, 7)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("months = 4", 'months = "quatre"'), "règle 1 (TVOD), months : nombre entier attendu"),
        (lambda text: text.replace("months = 4", "months = -1"), "règle 1 (TVOD), months : valeur refusée « -1 » (au moins 0)"),
        (lambda text: text.replace("months", "month"), "règle 1 (TVOD), month : clé inconnue (peut-être « months » ?)"),
        (lambda text: text.replace('id = "TVOD"\n', ""), "règle 1 (sans id), id : clé obligatoire absente"),
        (lambda text: text.replace("2019-03-23", "4"), "règle 1 (TVOD), valid_from : jour attendu, comme 2026-11-22"),
        (lambda text: text.replace('"rent"', '"louer"'), "règle 1 (TVOD), concerns.0.access.0 : valeur refusée « louer »"),
        (lambda text: text + "valid_to = 2019-03-22\n", "règle 1 (TVOD), valid_to : un jour qui ne précède pas valid_from"),
        (lambda text: text + GOOD, "règle TVOD, valid_from : deux périodes qui ne se recouvrent pas"),
        (lambda text: text + SECOND, "règle AUTRE, concerns : « rent » chez « * » relève déjà de la règle TVOD"),
        (lambda text: text + "[rule.x\n", "TOML illisible"),
        (lambda text: "rule = 3\n", "une suite de tables [[rule]] est attendue"),
        (lambda text: "rule = [3]\n", "règle 1 (sans id), table attendue"),
    ],
)
def test_a_fault_is_told_in_one_line(tmp_path: Path, change: Callable[[str], str], message: str) -> None:
    (tmp_path / "windows.toml").write_text(change(GOOD), "utf-8")
    with pytest.raises(UserError) as refused:
        read_rules(tmp_path / "windows.toml")
    assert str(refused.value).startswith("windows.toml") and message in str(refused.value) and "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"windows\.toml : fichier illisible"):
        read_rules(tmp_path / "windows.toml")


def test_every_service_of_a_rule_has_a_name() -> None:
    assert get_service_names()["prime-video"] == "Prime Video" and OTHER_SERVICES not in get_service_names()
