"""French typography, figures and dates."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.french import (
    format_clock_time,
    format_count,
    format_long_date,
    format_money,
    format_number,
    format_runtime,
    typeset,
)


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Qui a peur de Virginia Woolf ?", "Qui a peur de Virginia Woolf\u202f?"),
        ("Dune : première partie", "Dune\xa0: première partie"),
        ("« mots »", "«\xa0mots\xa0»"),
        ("2,99 €", "2,99\xa0€"),
        ("M*A*S*H", "M*A*S*H"),
    ],
)
def test_double_signs_keep_to_their_word(written: str, printed: str) -> None:
    assert typeset(written) == printed


@given(st.text())
def test_typesetting_changes_spaces_and_apostrophes_only(text: str) -> None:
    assert [a for a, b in zip(text, typeset(text), strict=True) if a != b and a not in " '"] == []


def test_figures() -> None:
    assert [format_number(0), format_number(30650), format_number(1234567)] == ["0", "30\u202f650", "1\u202f234\u202f567"]
    assert [format_count(n, "film") for n in (0, 1, 2)] == ["0\xa0film", "1\xa0film", "2\xa0films"]
    assert format_count(2, "festival", "festivaux") == "2\xa0festivaux"


@pytest.mark.parametrize(
    ("cents", "text"), [(299, "2,99\xa0€"), (0, "0,00\xa0€"), (5, "0,05\xa0€"), (123456, "1\u202f234,56\xa0€")]
)
def test_prices_have_two_decimals_and_a_comma(cents: int, text: str) -> None:
    assert format_money(cents, "EUR") == text


def test_a_foreign_price_names_its_currency() -> None:
    assert format_money(1000, "CHF") == "10,00\xa0CHF"


def test_runtimes() -> None:
    assert [format_runtime(minutes) for minutes in (14, 60, 123)] == ["14\xa0min", "1\xa0h\xa000", "2\xa0h\xa003"]


def test_dates_in_words() -> None:
    assert format_long_date(date(2026, 5, 1)) == "1er\xa0mai\xa02026"
    assert format_long_date(date(1966, 12, 8)) == "8\xa0décembre\xa01966"


def test_moments_are_told_in_paris_in_winter_and_summer() -> None:
    assert format_long_date(datetime(2026, 11, 22, 23, 30, tzinfo=UTC)) == "23\xa0novembre\xa02026"
    assert format_clock_time(datetime(2026, 11, 22, 13, 35, tzinfo=UTC)) == "14\xa0h\xa035"
    assert format_clock_time(datetime(2026, 7, 1, 13, 5, tzinfo=UTC)) == "15\xa0h\xa005"
