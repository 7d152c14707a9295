"""Cells of people's spreadsheets, read or left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.reconcile.properties import read_list, read_minutes, read_names, read_year

CELLS = st.lists(st.text(max_size=30), max_size=3)


@pytest.mark.parametrize(
    ("cells", "year"),
    [
        (["1966"], 1966),
        (["08/12/1966"], 1966),
        (["1966-12-08T00:00:00Z"], 1966),
        (["vers 1960 ?"], 1960),
        (["[1966]", "1966"], 1966),
        (["1966-1967"], None),
        (["inconnue"], None),
        (["19660"], None),
        (["1789"], None),
        ([], None),
    ],
)
def test_a_year_is_read_alone_or_in_a_date(cells: list[str], year: int | None) -> None:
    assert read_year(cells) == year


@pytest.mark.parametrize(
    ("cell", "minutes"),
    [
        *(("123", 123), ("123 min", 123), ("123’", 123), ("123,0", 123), ("2h03", 123), ("2 h 03 min", 123), ("2:03:00", 123)),
        *(("2h", 120), ("0", None), ("long", None), ("2h03 environ", None), ("12345", None)),
    ],
)
def test_a_running_time_is_read_in_minutes(cell: str, minutes: int | None) -> None:
    assert read_minutes([cell]) == minutes


def test_names_are_parted_and_a_comma_may_stand_within_one() -> None:
    assert read_names(["Joel Coen | Ethan Coen", "Oury, Gérard"]) == ("Joel Coen", "Ethan Coen", "Oury, Gérard")
    assert read_list(["France, Italie;Espagne", " "]) == ("France", "Italie", "Espagne")


@given(CELLS)
def test_any_cell_is_read_or_left(cells: list[str]) -> None:
    assert read_year(cells) is None or 1870 <= (read_year(cells) or 0) < 2100
    assert (read_minutes(cells) or 1) > 0
    assert all(read_names(cells)) and all(read_list(cells))
