"""The draw: fair, reproducible, the same within five minutes."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from domain.offers.neutral_order import get_period_start, sort_in_neutral_order

SERVICES = ["a", "b", "c", "d"]
START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def draw_order(film: int, at: datetime) -> list[str]:
    return sort_in_neutral_order(SERVICES, film, at, lambda slug: slug)


def test_the_order_holds_for_five_minutes_then_changes_at_some_film() -> None:
    assert all(draw_order(film, START) == draw_order(film, START + timedelta(seconds=299)) for film in range(50))
    assert any(draw_order(film, START) != draw_order(film, START + timedelta(seconds=300)) for film in range(50))


def test_each_service_comes_first_about_as_often() -> None:
    first = Counter(draw_order(film, START)[0] for film in range(4000))
    assert all(900 < first[service] < 1100 for service in SERVICES)


def test_the_period_begins_on_a_multiple_of_five_minutes() -> None:
    assert get_period_start(START + timedelta(minutes=7, seconds=12)) == START + timedelta(minutes=5)
