"""Each exploitation of a film has one state on a day."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.common.enums import Access, Kind
from domain.models.film import Film
from domain.windows.absence import (
    Exemption,
    OfferSighting,
    State,
    Window,
    compute_windows,
    get_exemption,
    get_violated_opening,
)
from tests.domain.builders import make_film

JANUARY = date(2026, 1, 7)
RENT = Access.RENT


def make_release(release: date | None = JANUARY, **facts: object) -> Film:
    film = make_film(1, "Un film")
    film.sqlmodel_update({"release_date": release, "runtime_min": 100, **facts})
    return film


def get_window(film: Film, day: date, rule: str, *sightings: OfferSighting) -> Window:
    return next(window for window in compute_windows(film, day, sightings) if window.rule.id == rule)


def test_the_worked_row() -> None:
    windows = compute_windows(make_release(), date(2026, 2, 1))
    assert {window.rule.id: window.opens_on for window in windows if window.rule.concerns} == {
        "TVOD": date(2026, 5, 7),
        "PAY_AGR": date(2026, 7, 7),
        "DISNEY": date(2026, 10, 7),
        "NETFLIX": date(2027, 6, 7),
        "SVOD_STD": date(2027, 6, 7),
        "FREE_TV": date(2027, 11, 7),
        "FREE_VOD": date(2029, 1, 7),
    }
    assert get_window(make_release(), date(2026, 2, 1), "TVOD").may_open_on == date(2026, 4, 9)


@pytest.mark.parametrize(
    ("release", "day", "rule", "opens", "may_open"),
    [
        (date(2025, 10, 31), date(2025, 11, 1), "TVOD", date(2026, 2, 28), date(2026, 1, 31)),
        (date(2025, 10, 31), date(2025, 11, 1), "PAY_AGR", date(2026, 4, 30), None),
        (date(2025, 8, 31), date(2025, 9, 1), "TVOD", date(2025, 12, 31), date(2025, 12, 3)),
        (date(2024, 11, 6), date(2025, 6, 1), "NETFLIX", date(2026, 2, 6), None),
        (date(2024, 11, 6), date(2026, 1, 1), "NETFLIX", date(2026, 4, 6), None),
        (date(2020, 6, 24), date(2020, 7, 1), "PAY_AGR", date(2021, 2, 24), date(2020, 12, 24)),
    ],
)
def test_dates_follow_the_rule_in_force_on_the_day_of_the_question(
    release: date, day: date, rule: str, opens: date, may_open: date | None
) -> None:
    window = get_window(make_release(release), day, rule)
    assert (window.opens_on, window.may_open_on) == (opens, may_open)


@pytest.mark.parametrize(
    ("admissions", "day", "state", "may_open"),
    [
        (60_000, date(2026, 4, 20), State.POSSIBLE, date(2026, 4, 9)),
        (100_000, date(2026, 4, 20), State.POSSIBLE, date(2026, 4, 9)),
        (150_000, date(2026, 4, 20), State.FUTURE, None),
        (None, date(2026, 4, 20), State.POSSIBLE, date(2026, 4, 9)),
        (60_000, date(2026, 4, 8), State.FUTURE, date(2026, 4, 9)),
        (60_000, date(2026, 5, 6), State.POSSIBLE, date(2026, 4, 9)),
        (60_000, date(2026, 5, 7), State.OPEN_NO_OFFER, date(2026, 4, 9)),
    ],
)
def test_a_derogation_is_possible_for_a_film_that_few_saw(
    admissions: int | None, day: date, state: State, may_open: date | None
) -> None:
    window = get_window(make_release(admissions=admissions), day, "TVOD")
    assert (window.state, window.opens_on, window.may_open_on) == (state, date(2026, 5, 7), may_open)


@pytest.mark.parametrize(
    ("facts", "exemption"),
    [
        ({"runtime_min": 60}, Exemption.SHORT),
        ({"runtime_min": None, "kind": Kind.SHORT}, Exemption.SHORT),
        ({"in_cinemas": False}, Exemption.NEVER_RELEASED),
        ({"release_date": None}, Exemption.UNKNOWN_RELEASE),
        ({"kind": Kind.SERIES}, Exemption.NOT_CINEMA),
        ({"year": 1953}, Exemption.LATE_RELEASE),
        ({"runtime_min": 61}, None),
        ({"runtime_min": None, "kind": None}, None),
        ({"in_cinemas": True, "year": 2022}, None),
    ],
)
def test_the_chronologie_does_not_apply_to_every_film(facts: dict[str, Any], exemption: Exemption | None) -> None:
    film = make_release(**facts) if "release_date" not in facts else make_release(None)
    assert get_exemption(film) is exemption
    sighting = OfferSighting(RENT, "orange", date(2026, 1, 8))
    states = {window.state for window in compute_windows(film, date(2026, 2, 1), [sighting])}
    assert (states == {State.NOT_APPLICABLE}) == (exemption is not None)


def test_an_offer_in_its_window_is_that() -> None:
    offer = OfferSighting(RENT, "orange", date(2026, 5, 7))
    assert get_window(make_release(), date(2026, 6, 1), "TVOD", offer).state is State.OPEN_WITH_OFFER
    assert get_window(make_release(), date(2026, 8, 1), "PAY_AGR", offer).state is State.OPEN_NO_OFFER


@pytest.mark.parametrize(
    ("offer", "admissions", "first"),
    [
        (OfferSighting(RENT, "orange", date(2026, 4, 9)), 150_000, date(2026, 5, 7)),
        (OfferSighting(RENT, "orange", date(2026, 4, 9)), 60_000, None),
        (OfferSighting(RENT, "orange", date(2026, 4, 9)), None, None),
        (OfferSighting(RENT, "orange", date(2026, 4, 8)), None, date(2026, 4, 9)),
        (OfferSighting(Access.SUBSCRIPTION, "netflix", date(2027, 6, 6)), None, date(2027, 6, 7)),
        (OfferSighting(Access.SUBSCRIPTION, "netflix", date(2027, 6, 7)), None, None),
        (OfferSighting(Access.LIBRARY, "mediatheque-numerique", JANUARY), None, None),
    ],
)
def test_an_offer_is_early_only_when_seen_before_the_first_day_it_could_be(
    offer: OfferSighting, admissions: int | None, first: date | None
) -> None:
    film = make_release(admissions=admissions)
    assert get_violated_opening(film, offer) == first
    states = {window.state for window in compute_windows(film, date(2027, 7, 1), [offer])}
    assert (State.EARLY_OFFER in states) == (first is not None)


def test_an_offer_already_placed_under_an_earlier_rule_stays() -> None:
    placed = OfferSighting(Access.SUBSCRIPTION, "netflix", date(2025, 12, 20))
    assert get_violated_opening(make_release(date(2024, 9, 18)), placed) is None
    assert get_window(make_release(date(2024, 9, 18)), date(2026, 1, 10), "NETFLIX", placed).state is State.OPEN_WITH_OFFER


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(2027, 11, 6), State.OPEN_NO_OFFER),
        (date(2027, 11, 7), State.CLOSED_EXPECTED),
        (date(2028, 2, 9), State.CLOSED_EXPECTED),
    ],
)
def test_a_subscription_may_have_to_leave_the_film_to_free_television(day: date, state: State) -> None:
    assert get_window(make_release(), day, "SVOD_STD").state is state


def test_after_the_window_of_free_television_it_may_come_back() -> None:
    old = make_release(date(2023, 1, 4))
    assert get_window(old, date(2026, 1, 3), "SVOD_STD").returns_on == date(2026, 1, 4)
    assert get_window(old, date(2026, 1, 4), "SVOD_STD").state is State.OPEN_NO_OFFER


def test_when_the_agreement_has_ended_only_the_law_still_speaks() -> None:
    assert [window.rule.id for window in compute_windows(make_release(), date(2028, 2, 10))] == ["TVOD"]


@given(st.dates(date(2009, 8, 1), date(2028, 1, 1)), st.integers(0, 2000), st.none() | st.integers(0, 10**7))
def test_each_exploitation_has_one_state_that_never_goes_back(release: date, later: int, admissions: int | None) -> None:
    day = release + timedelta(days=later)
    for window in compute_windows(make_release(release, admissions=admissions), day):
        assert window.opens_on is not None and (window.may_open_on is None or window.may_open_on < window.opens_on)
        assert (window.state in (State.FUTURE, State.POSSIBLE)) == (day < window.opens_on)
