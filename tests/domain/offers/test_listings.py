"""Lists of films that some service shows, and the events of a film, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.common.enums import Access, PlatformStatus, Verdict
from domain.db.engine import read_session, write_session
from domain.linking.judgements import record_decision
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.offers.arrivals import list_film_events
from domain.offers.listings import get_listing_facts, get_state_version, is_offer_in_decade, list_shown_decades, map_shown_films
from domain.runs.observation import ObservedOffer
from domain.runs.validation import RunExpectations
from tests.domain.builders import (
    NOON,
    collect_run,
    link_entry,
    make_decision,
    make_film,
    make_observation,
    make_platform,
    make_rental,
)

DAY = timedelta(days=1)
FREE = ObservedOffer(access=Access.FREE)


def show(session: Session, slug: str, days_ago: float, films: dict[int, list[ObservedOffer]]) -> None:
    """Collect a service some days before NOON with these films, and film 9; link their entries."""
    platform = session.exec(select(Platform).where(Platform.slug == slug)).first() or make_platform(session, slug)
    offers_by_film = {9: [make_rental()], **films}
    observations = [make_observation(str(film), f"Ligne {film}", *offers) for film, offers in offers_by_film.items()]
    run = collect_run(session, platform, observations, NOON - days_ago * DAY, RunExpectations(max_drop=1))
    for entry in session.exec(select(Entry).where(col(Entry.first_run_id) == run.id)).all():
        link_entry(session, entry, session.get_one(Film, int(entry.ref)), NOON)


@pytest.fixture
def filled_engine(engine: Engine) -> Engine:
    """Fill a database with three films and one that every service shows, and two services."""
    with write_session(engine) as session:
        session.add_all([make_film(1, "Un", 1960), make_film(2, "Deux", 1969), make_film(3, "Trois", 2020), make_film(9, "Neuf")])
        session.flush()
        show(session, "a", 20, {1: [make_rental(), FREE], 3: [FREE]})
        show(session, "b", 10, {1: [FREE]})
    return engine


def test_films_are_listed_with_their_services(filled_engine: Engine) -> None:
    with read_session(filled_engine) as session:
        a, b = session.exec(select(Platform.id).order_by(col(Platform.slug))).all()
        assert map_shown_films(session, NOON, col(Offer.access) == Access.FREE) == {1: (a, b), 3: (a,)}
        assert map_shown_films(session, NOON, is_offer_in_decade(1960)) == {1: (a, b)}
        assert map_shown_films(session, NOON - 15 * DAY, col(Platform.slug) == "b") == {}


def test_decades_are_those_of_films_that_are_shown(filled_engine: Engine) -> None:
    with read_session(filled_engine) as session:
        assert list_shown_decades(session, NOON) == [1960, 2020]
        assert list_shown_decades(session, NOON - 30 * DAY) == []


@pytest.mark.parametrize(
    ("rating", "genres", "adult"),
    [
        ("X", ["film pornographique"], True),
        ("18", ["Pornographique"], True),
        ("18A", ["drame", "pornographique"], True),
        ("16", ["pornographique"], False),
        ("X", ["érotique"], False),
        (None, ["pornographique"], False),
        (None, [], False),
    ],
)
def test_a_work_is_pornographic_when_both_rating_and_genre_say_so(
    engine: Engine, rating: str | None, genres: list[str], adult: bool
) -> None:
    with write_session(engine) as session:
        film = make_film(1, "Un", 1975)
        film.sqlmodel_update({"age_rating": rating, "genres": genres})
        session.add(film)
    with read_session(engine) as session:
        assert get_listing_facts(session, [1, 2])[1].adult is adult and len(get_listing_facts(session, [])) == 0


def test_the_mark_changes_with_a_run_a_decision_or_a_service_that_closes(filled_engine: Engine) -> None:
    versions = []
    for step in range(4):
        with write_session(filled_engine) as session:
            if step == 1:
                show(session, "a", 5, {1: [make_rental()]})
            if step == 2:
                live = session.exec(select(Judgement)).first()
                assert live
                record_decision(session, live.entry_id, live, make_decision(Verdict.NONE, None, "matcher test", "aucun"), NOON)
            if step == 3:
                session.exec(select(Platform)).first().status = PlatformStatus.CLOSED  # type: ignore[union-attr]
        with read_session(filled_engine) as session:
            versions.append(get_state_version(session))
            assert get_state_version(session) == versions[-1]
    assert len(set(versions)) == len(versions)


def test_a_film_comes_goes_and_comes_back_but_a_price_is_no_event(filled_engine: Engine) -> None:
    with write_session(filled_engine) as session:
        show(session, "a", 18, {1: [make_rental(399), FREE]})
        show(session, "a", 16, {1: [FREE]})
        show(session, "a", 14, {1: [FREE]})
        show(session, "a", 12, {1: [make_rental(399), FREE]})
    with read_session(filled_engine) as session:
        events = [event for event in list_film_events(session, [1], NOON) if event.access is Access.RENT]
        assert list_film_events(session, [], NOON) == []
    facts = [(event.occurred_at, event.is_opening, event.predates_collection) for event in events]
    assert facts == [(NOON - 12 * DAY, True, False), (NOON - 14 * DAY, False, False), (NOON - 20 * DAY, True, True)]


def test_what_is_announced_is_told_on_its_day_and_what_ends_once(filled_engine: Engine) -> None:
    announced, ending = make_rental(starts=NOON + DAY), ObservedOffer(access=Access.BUY, ends=NOON - 2 * DAY)
    with write_session(filled_engine) as session:
        show(session, "b", 5, {2: [announced, ending]})
    with read_session(filled_engine) as session:
        assert [(event.access, event.is_opening) for event in list_film_events(session, [2], NOON)] == [
            *((Access.BUY, False), (Access.BUY, True)),
        ]
        assert next(event.access for event in list_film_events(session, [2], NOON + DAY)) is Access.RENT
