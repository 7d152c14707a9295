"""Moments and prices as programs read them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.common.isoformat import format_decimal_price, format_iso


def test_a_moment_is_in_utc_to_the_second() -> None:
    paris = timezone(timedelta(hours=1))
    assert format_iso(datetime(2026, 11, 22, 14, 37, 5, 999, paris)) == "2026-11-22T13:37:05Z"
    assert format_iso(datetime(2026, 11, 22, 13, 37, tzinfo=UTC)) == "2026-11-22T13:37:00Z"
    assert format_iso(None) is None


@pytest.mark.parametrize(("cents", "price"), [(299, "2.99"), (5, "0.05"), (0, "0.00"), (123_456, "1234.56"), (None, None)])
def test_a_price_has_a_point_and_two_decimals(cents: int | None, price: str | None) -> None:
    assert format_decimal_price(cents) == price
