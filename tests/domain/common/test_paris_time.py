"""Night windows are hours of Paris, whatever the clock does."""

from datetime import UTC, datetime, time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.common.paris_time import get_next_opening, get_seconds_left, is_window_open


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("night", "now", "open_"),
    [
        ("01:00-06:00", "2026-11-22T00:00", True),  # 01:00 in Paris
        ("01:00-06:00", "2026-11-21T23:59", False),
        ("01:00-06:00", "2026-07-01T23:00", True),  # summer time
        ("01:00-06:00", "2026-07-02T04:00", False),
        ("22:30-05:00", "2026-11-22T21:30", True),
        ("22:30-05:00", "2026-11-22T03:59", True),
        ("22:30-05:00", "2026-11-22T04:00", False),
        ("00:00-00:00", "2026-11-22T12:00", True),
        (None, "2026-11-22T12:00", True),
        ("02:00-03:00", "2026-10-25T00:30", True),  # the hour that comes twice, first and second time
        ("02:00-03:00", "2026-10-25T01:30", True),
        ("02:00-03:00", "2026-10-25T02:00", False),
        ("02:00-03:00", "2026-03-29T01:00", False),  # the hour that does not come
    ],
)
def test_a_window_is_open_at_its_hours_of_paris(night: str | None, now: str, open_: bool) -> None:
    assert is_window_open(night, utc(now)) is open_


@pytest.mark.parametrize(
    ("night", "now", "left"),
    [
        ("01:00-06:00", "2026-11-22T00:00", 5 * 3600),
        ("22:30-05:00", "2026-11-22T21:30", 6.5 * 3600),
        ("22:30-05:00", "2026-11-22T03:59", 60),
        ("01:00-06:00", "2026-11-22T12:00", 0),
        ("01:00-06:00", "2026-10-25T00:00", 5 * 3600),  # 02:00 summer time: four hours by the clock, five in truth
        ("01:00-06:00", "2026-03-29T00:00", 4 * 3600),
        ("00:00-00:00", "2026-11-22T11:00", 12 * 3600),
        (None, "2026-11-22T12:00", None),
    ],
)
def test_the_seconds_left_are_real_ones(night: str | None, now: str, left: float | None) -> None:
    assert get_seconds_left(night, utc(now)) == left


@given(st.integers(1577836800, 1893456000), st.times(), st.times())
def test_an_open_window_always_has_time_left(moment: int, opens: time, closes: time) -> None:
    night, now = f"{opens:%H:%M}-{closes:%H:%M}", datetime.fromtimestamp(moment, UTC)
    left = get_seconds_left(night, now)
    assert left is not None and (left > 0) is is_window_open(night, now) and left <= 25 * 3600


def test_no_minute_of_a_changing_night_is_odd() -> None:
    states = [is_window_open("01:00-06:00", datetime.fromtimestamp(1792879200 + 60 * n, UTC)) for n in range(24 * 60)]
    assert sum(state != next_state for state, next_state in pairwise(states)) == 2


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        (datetime(2026, 11, 22, 12, tzinfo=UTC), datetime(2026, 11, 23, 0, tzinfo=UTC)),
        (datetime(2026, 11, 22, 3, tzinfo=UTC), datetime(2026, 11, 22, 3, tzinfo=UTC)),
        (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 0, tzinfo=UTC)),
        (datetime(2026, 3, 29, 12, tzinfo=UTC), datetime(2026, 3, 29, 23, tzinfo=UTC)),
    ],
)
def test_the_next_opening_is_now_or_at_the_hour_of_paris(moment: datetime, opens: datetime) -> None:
    assert get_next_opening("01:00-06:00", moment) == opens and get_next_opening(None, moment) == moment
