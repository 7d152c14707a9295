"""What came, what goes, what is back: asked of both databases."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.common.enums import Access, PlatformStatus, RunState
from domain.db.engine import reading, writing
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.platform import Platform
from domain.offers.arrivals import UNKNOWN, Way, arrivals, by_film, departures, returns, service_ways
from domain.runs.observation import ObservedOffer
from domain.runs.validation import Expect
from tests.domain.builders import NOON, a_film, a_line, a_platform, collected, linked, rent

DAY = timedelta(days=1)
WEEK_AGO, MONTH_AGO = NOON - 7 * DAY, NOON - 30 * DAY
OLD, RECENT, OTHER, ALWAYS = 1, 2, 3, 4
SOLD = ObservedOffer(access=Access.BUY)
FREE = ObservedOffer(access=Access.FREE)


def show(session: Session, slug: str, days_ago: float, shown: dict[int, list[ObservedOffer]]) -> Platform:
    """A service is collected some days before NOON with these films, and one that never leaves; they are linked."""
    at = NOON - days_ago * DAY
    known = session.exec(select(Platform).where(Platform.slug == slug)).first() or a_platform(session, slug)
    lines = [a_line(str(film), f"Ligne {film}", *offers) for film, offers in {ALWAYS: [SOLD], **shown}.items()]
    run = collected(session, known, lines, at, Expect(max_drop=1))
    assert run.state is RunState.ACCEPTED
    for entry in session.exec(select(Entry).where(col(Entry.first_run_id) == run.id)).all():
        linked(session, entry, session.get_one(Film, int(entry.ref)), at)
    return known


@pytest.fixture
def session_engine(engine: Engine) -> Engine:
    with writing(engine) as session:
        session.add_all(
            [
                a_film(OLD, "Ancien", 1960),
                a_film(RECENT, "Récent", 2020),
                a_film(OTHER, "Autre", 1930),
                a_film(ALWAYS, "Toujours"),
            ]
        )
    return engine


def told(ways: list[Way]) -> set[tuple[int, Access, bool]]:
    return {(way.film_id, way.access, way.open) for way in ways}


def news(engine: Engine) -> set[int]:
    with reading(engine) as session:
        return {way.film_id for way in arrivals(session, NOON, WEEK_AGO) if way.open and way.began > WEEK_AGO}


def test_what_a_service_showed_at_its_first_collection_is_not_news(session_engine: Engine) -> None:
    with writing(session_engine) as session:
        show(session, "a", 2, {OTHER: [rent()]})
        show(session, "a", 1, {OTHER: [rent()], OLD: [rent()]})
    assert news(session_engine) == {OLD}


def test_a_new_price_is_not_news_but_a_new_access_is(session_engine: Engine) -> None:
    with writing(session_engine) as session:
        show(session, "a", 20, {OLD: [rent(299)], OTHER: [rent(299)]})
        show(session, "a", 3, {OLD: [rent(399)], OTHER: [rent(299), FREE]})
    with reading(session_engine) as session:
        found = by_film(arrivals(session, NOON, WEEK_AGO))
    assert [way.access for ways in found.values() for way in ways if way.began > WEEK_AGO] == [Access.FREE]
    assert {way.access: way.began for way in found[OTHER]} == {Access.RENT: UNKNOWN, Access.FREE: NOON - 3 * DAY}


def test_news_come_with_the_other_ways_of_the_film(session_engine: Engine) -> None:
    with writing(session_engine) as session:
        show(session, "a", 20, {OLD: [rent()]})
        show(session, "b", 20, {OTHER: [rent()]})
        show(session, "b", 2, {OTHER: [rent()], OLD: [rent()]})
    with reading(session_engine) as session:
        assert sorted(way.began for way in arrivals(session, NOON, WEEK_AGO)) == [UNKNOWN, NOON - 2 * DAY]


def test_an_offer_announced_begins_on_its_day_even_at_a_first_collection(session_engine: Engine) -> None:
    later, tomorrow = rent(starts=NOON - DAY), rent(starts=NOON + DAY)
    with writing(session_engine) as session:
        show(session, "a", 20, {OLD: [later], OTHER: [tomorrow]})
    with reading(session_engine) as session:
        assert [(way.film_id, way.began) for way in arrivals(session, NOON, WEEK_AGO)] == [(OLD, NOON - DAY)]


def test_news_of_a_service_that_closed_are_not_told(session_engine: Engine) -> None:
    with writing(session_engine) as session:
        show(session, "a", 20, {})
        show(session, "a", 2, {OLD: [rent()]}).status = PlatformStatus.CLOSED
    assert news(session_engine) == set()


def test_departures_have_a_known_end_and_no_other_offer_without_one(session_engine: Engine) -> None:
    soon, later = rent(ends=NOON + 3 * DAY), rent(ends=NOON + 60 * DAY)
    endless = rent(quality="UHD")
    with writing(session_engine) as session:
        show(session, "a", 2, {OLD: [soon], RECENT: [later], OTHER: [soon, endless]})
    with reading(session_engine) as session:
        found = {way.film_id: way.over for way in departures(session, NOON, NOON + 14 * DAY)}
    assert found == {OLD: NOON + 3 * DAY, OTHER: None}


def test_the_last_end_is_the_one_that_counts(session_engine: Engine) -> None:
    two = [rent(ends=NOON + 3 * DAY), rent(ends=NOON + 9 * DAY, quality="UHD")]
    with writing(session_engine) as session:
        show(session, "a", 2, {OLD: two})
    with reading(session_engine) as session:
        assert [way.over for way in departures(session, NOON, NOON + 14 * DAY)] == [NOON + 9 * DAY]


def test_a_film_is_back_when_nobody_showed_it_thirty_days_ago(session_engine: Engine) -> None:
    with writing(session_engine) as session:
        show(session, "a", 90, {OTHER: [rent()], OLD: [rent()]})
        show(session, "a", 80, {OTHER: [rent()]})
        show(session, "a", 70, {OTHER: [rent()]})
        show(session, "b", 60, {})
        show(session, "b", 5, {OLD: [rent()], OTHER: [rent()], RECENT: [rent()]})
    with reading(session_engine) as session:
        assert [(way.film_id, way.began) for way in returns(session, NOON, MONTH_AGO, 2016)] == [(OLD, NOON - 5 * DAY)]


def test_a_film_at_the_first_collection_of_a_service_may_have_been_there_before(session_engine: Engine) -> None:
    with writing(session_engine) as session:
        show(session, "a", 60, {})
        show(session, "b", 6, {OLD: [rent()]})
        show(session, "a", 5, {OLD: [rent()]})
    with reading(session_engine) as session:
        assert returns(session, NOON, MONTH_AGO, 2016) == []


def test_the_ways_of_a_service_tell_what_came_what_left_and_when(session_engine: Engine) -> None:
    ended = rent(ends=NOON - 4 * DAY)
    with writing(session_engine) as session:
        show(session, "a", 40, {OLD: [rent()], OTHER: [ended]})
        show(session, "a", 10, {OTHER: [ended]})
        number = show(session, "a", 5, {OTHER: [ended], RECENT: [FREE]}).id
        show(session, "b", 40, {OLD: [rent()]})
    with reading(session_engine) as session:
        ways = {way.film_id: way for way in service_ways(session, number or 0, NOON, MONTH_AGO)}
    rows = {(OLD, Access.RENT, False), (OTHER, Access.RENT, False), (RECENT, Access.FREE, True), (ALWAYS, Access.BUY, True)}
    assert told(list(ways.values())) == rows
    assert [ways[film].over for film in (OLD, OTHER, RECENT)] == [NOON - 5 * DAY, NOON - 4 * DAY, None]
    assert [ways[film].was_open for film in (OLD, OTHER, RECENT)] == [True, True, False]


def test_moments_are_told_with_their_zone(session_engine: Engine) -> None:
    with writing(session_engine) as session:
        show(session, "a", 40, {OLD: [rent(ends=NOON + DAY)]})
    with reading(session_engine) as session:
        found = departures(session, NOON, NOON + 2 * DAY)
    assert all(isinstance(moment, datetime) and moment.tzinfo for way in found for moment in (way.began, way.over))
