"""Films that came to services, left them or came back, on both databases."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.common.enums import Access, PlatformStatus, RunState
from domain.db.engine import read_session, write_session
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.platform import Platform
from domain.offers.arrivals import (
    UNKNOWN_START,
    FilmAvailability,
    group_by_film,
    list_arrivals,
    list_departures,
    list_returns,
    list_service_availabilities,
)
from domain.runs.observation import ObservedOffer
from domain.runs.validation import RunExpectations
from tests.domain.builders import NOON, collect_run, link_entry, make_film, make_observation, make_platform, make_rental

DAY = timedelta(days=1)
WEEK_AGO, MONTH_AGO = NOON - 7 * DAY, NOON - 30 * DAY
OLD, RECENT, OTHER, ALWAYS = 1, 2, 3, 4
SOLD = ObservedOffer(access=Access.BUY)
FREE = ObservedOffer(access=Access.FREE)


def show(session: Session, slug: str, days_ago: float, films: dict[int, list[ObservedOffer]]) -> Platform:
    """Collect a service some days before NOON with these films, and one that never leaves; link their entries."""
    at = NOON - days_ago * DAY
    platform = session.exec(select(Platform).where(Platform.slug == slug)).first() or make_platform(session, slug)
    offers_by_film = {ALWAYS: [SOLD], **films}
    observations = [make_observation(str(film), f"Ligne {film}", *offers) for film, offers in offers_by_film.items()]
    run = collect_run(session, platform, observations, at, RunExpectations(max_drop=1))
    assert run.state is RunState.ACCEPTED
    for entry in session.exec(select(Entry).where(col(Entry.first_run_id) == run.id)).all():
        link_entry(session, entry, session.get_one(Film, int(entry.ref)), at)
    return platform


@pytest.fixture
def session_engine(engine: Engine) -> Engine:
    with write_session(engine) as session:
        session.add_all(
            [
                make_film(OLD, "Ancien", 1960),
                make_film(RECENT, "Récent", 2020),
                make_film(OTHER, "Autre", 1930),
                make_film(ALWAYS, "Toujours"),
            ]
        )
    return engine


def get_keys(availabilities: list[FilmAvailability]) -> set[tuple[int, Access, bool]]:
    return {(availability.film_id, availability.access, availability.open_now) for availability in availabilities}


def list_new_films(engine: Engine) -> set[int]:
    with read_session(engine) as session:
        arrivals = list_arrivals(session, NOON, WEEK_AGO)
    return {arrival.film_id for arrival in arrivals if arrival.open_now and arrival.began_at > WEEK_AGO}


def test_what_a_service_showed_at_its_first_collection_is_not_news(session_engine: Engine) -> None:
    with write_session(session_engine) as session:
        show(session, "a", 2, {OTHER: [make_rental()]})
        show(session, "a", 1, {OTHER: [make_rental()], OLD: [make_rental()]})
    assert list_new_films(session_engine) == {OLD}


def test_a_new_price_is_not_news_but_a_new_access_is(session_engine: Engine) -> None:
    with write_session(session_engine) as session:
        show(session, "a", 20, {OLD: [make_rental(299)], OTHER: [make_rental(299)]})
        show(session, "a", 3, {OLD: [make_rental(399)], OTHER: [make_rental(299), FREE]})
    with read_session(session_engine) as session:
        arrivals = list_arrivals(session, NOON, WEEK_AGO)
    assert [arrival.access for arrival in arrivals if arrival.began_at > WEEK_AGO] == [Access.FREE]
    began_at = {arrival.access: arrival.began_at for arrival in group_by_film(arrivals)[OTHER]}
    assert began_at == {Access.RENT: UNKNOWN_START, Access.FREE: NOON - 3 * DAY}


def test_news_come_with_the_other_ways_of_the_film(session_engine: Engine) -> None:
    with write_session(session_engine) as session:
        show(session, "a", 20, {OLD: [make_rental()]})
        show(session, "b", 20, {OTHER: [make_rental()]})
        show(session, "b", 2, {OTHER: [make_rental()], OLD: [make_rental()]})
    with read_session(session_engine) as session:
        arrivals = list_arrivals(session, NOON, WEEK_AGO)
    assert sorted(arrival.began_at for arrival in arrivals) == [UNKNOWN_START, NOON - 2 * DAY]


def test_an_offer_announced_begins_on_its_day_even_at_a_first_collection(session_engine: Engine) -> None:
    later, tomorrow = make_rental(starts=NOON - DAY), make_rental(starts=NOON + DAY)
    with write_session(session_engine) as session:
        show(session, "a", 20, {OLD: [later], OTHER: [tomorrow]})
    with read_session(session_engine) as session:
        arrivals = list_arrivals(session, NOON, WEEK_AGO)
    assert [(arrival.film_id, arrival.began_at) for arrival in arrivals] == [(OLD, NOON - DAY)]


def test_news_of_a_service_that_closed_are_not_told(session_engine: Engine) -> None:
    with write_session(session_engine) as session:
        show(session, "a", 20, {})
        show(session, "a", 2, {OLD: [make_rental()]}).status = PlatformStatus.CLOSED
    assert list_new_films(session_engine) == set()


def test_departures_have_a_known_end_and_no_other_offer_without_one(session_engine: Engine) -> None:
    soon, later = make_rental(ends=NOON + 3 * DAY), make_rental(ends=NOON + 60 * DAY)
    endless = make_rental(quality="UHD")
    with write_session(session_engine) as session:
        show(session, "a", 2, {OLD: [soon], RECENT: [later], OTHER: [soon, endless]})
    with read_session(session_engine) as session:
        departures = list_departures(session, NOON, NOON + 14 * DAY)
    assert {departure.film_id: departure.ends_at for departure in departures} == {OLD: NOON + 3 * DAY, OTHER: None}


def test_the_last_end_is_the_one_that_counts(session_engine: Engine) -> None:
    offers = [make_rental(ends=NOON + 3 * DAY), make_rental(ends=NOON + 9 * DAY, quality="UHD")]
    with write_session(session_engine) as session:
        show(session, "a", 2, {OLD: offers})
    with read_session(session_engine) as session:
        departures = list_departures(session, NOON, NOON + 14 * DAY)
    assert [departure.ends_at for departure in departures] == [NOON + 9 * DAY]


def test_a_film_is_back_when_nobody_showed_it_thirty_days_ago(session_engine: Engine) -> None:
    with write_session(session_engine) as session:
        show(session, "a", 90, {OTHER: [make_rental()], OLD: [make_rental()]})
        show(session, "a", 80, {OTHER: [make_rental()]})
        show(session, "a", 70, {OTHER: [make_rental()]})
        show(session, "b", 60, {})
        show(session, "b", 5, {OLD: [make_rental()], OTHER: [make_rental()], RECENT: [make_rental()]})
    with read_session(session_engine) as session:
        returned = list_returns(session, NOON, MONTH_AGO, 2016)
    assert [(availability.film_id, availability.began_at) for availability in returned] == [(OLD, NOON - 5 * DAY)]


def test_a_film_at_the_first_collection_of_a_service_may_have_been_there_before(session_engine: Engine) -> None:
    with write_session(session_engine) as session:
        show(session, "a", 60, {})
        show(session, "b", 6, {OLD: [make_rental()]})
        show(session, "a", 5, {OLD: [make_rental()]})
    with read_session(session_engine) as session:
        assert list_returns(session, NOON, MONTH_AGO, 2016) == []


def test_the_ways_of_a_service_tell_what_came_what_left_and_when(session_engine: Engine) -> None:
    ended = make_rental(ends=NOON - 4 * DAY)
    with write_session(session_engine) as session:
        show(session, "a", 40, {OLD: [make_rental()], OTHER: [ended]})
        show(session, "a", 10, {OTHER: [ended]})
        platform_id = show(session, "a", 5, {OTHER: [ended], RECENT: [FREE]}).id
        assert platform_id is not None
        show(session, "b", 40, {OLD: [make_rental()]})
    with read_session(session_engine) as session:
        availabilities = list_service_availabilities(session, platform_id, NOON, MONTH_AGO)
    keys = {(OLD, Access.RENT, False), (OTHER, Access.RENT, False), (RECENT, Access.FREE, True), (ALWAYS, Access.BUY, True)}
    assert get_keys(availabilities) == keys
    by_film = {availability.film_id: availability for availability in availabilities}
    assert [by_film[film].ends_at for film in (OLD, OTHER, RECENT)] == [NOON - 5 * DAY, NOON - 4 * DAY, None]
    assert [by_film[film].was_open for film in (OLD, OTHER, RECENT)] == [True, True, False]


def test_moments_are_told_with_their_zone(session_engine: Engine) -> None:
    with write_session(session_engine) as session:
        show(session, "a", 40, {OLD: [make_rental(ends=NOON + DAY)]})
    with read_session(session_engine) as session:
        departures = list_departures(session, NOON, NOON + 2 * DAY)
    for departure in departures:
        assert departure.began_at.tzinfo and isinstance(departure.ends_at, datetime) and departure.ends_at.tzinfo
