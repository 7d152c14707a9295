"""Offers seen before their window, for agents; on both databases."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, event
from sqlmodel import Session, col, select

from domain.common.enums import Access, CaseCause, Verdict
from domain.db.engine import read_session, write_session
from domain.linking.judgements import get_live_judgement, record_decision
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.offer import Offer
from domain.review.queue import ReviewRequest, request_review
from domain.runs.observation import ObservedOffer
from domain.windows.anomalies import EarlyOffer, list_early_offers
from matcher.explanations import explain_decision
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

JANUARY, APRIL = date(2026, 1, 7), datetime(2026, 4, 8, 12, tzinfo=UTC)


def add_release(session: Session, film_id: int, day: date | None, **facts: object) -> Film:
    film = make_film(film_id, f"Film {film_id}", day.year if day else None)
    film.sqlmodel_update({"release_date": day, **facts})
    session.add(film)
    session.flush()
    return film


def show_film(session: Session, film: Film, *offers: ObservedOffer, at: datetime = APRIL, slug: str = "orange") -> Entry:
    """Collect a service that shows a film from a moment on; return its entry."""
    platform = make_platform(session, slug)
    collect_run(session, platform, [make_observation(str(film.id), film.title, *offers)], at)
    entry = session.exec(select(Entry).where(col(Entry.platform_id) == platform.id, col(Entry.ref) == str(film.id))).one()
    link_entry(session, entry, film, at)
    return entry


def list_anomalies(engine: Engine, at: datetime = NOON) -> list[tuple[int, str, Access, date, date]]:
    with read_session(engine) as session:
        return [
            (early.film.id, early.platform.slug, early.access, early.first_seen_on, early.allowed_on)
            for early in list_early_offers(session, at).latest
        ]


def test_an_offer_seen_before_its_window_is_listed_once_by_service_and_access(engine: Engine) -> None:
    with write_session(engine) as session:
        show_film(session, add_release(session, 1, JANUARY), make_rental(299), make_rental(399, quality="HD"))
        show_film(session, add_release(session, 2, JANUARY), make_rental(), at=APRIL + timedelta(days=1), slug="canal-vod")
    assert list_anomalies(engine) == [(1, "orange", Access.RENT, date(2026, 4, 8), date(2026, 4, 9))]


def test_an_offer_announced_ahead_is_seen_when_it_starts(engine: Engine) -> None:
    with write_session(engine) as session:
        show_film(session, add_release(session, 1, JANUARY), make_rental(starts=datetime(2026, 5, 6, 22, tzinfo=UTC)))
        show_film(
            session,
            add_release(session, 2, JANUARY),
            make_rental(starts=datetime(2026, 4, 8, 21, 59, tzinfo=UTC)),
            slug="canal-vod",
        )
    assert [film_id for film_id, *_ in list_anomalies(engine)] == [2], "midnight in Paris is the day that counts"


def test_old_films_and_those_without_windows_are_left_out(engine: Engine) -> None:
    with write_session(engine) as session:
        show_film(
            session, add_release(session, 1, date(2023, 7, 21)), make_rental(), at=datetime(2023, 8, 1, tzinfo=UTC), slug="a"
        )
        show_film(session, add_release(session, 2, JANUARY, in_cinemas=False), make_rental(), slug="b")
        show_film(session, add_release(session, 3, JANUARY, runtime_min=12), make_rental(), slug="c")
        show_film(session, add_release(session, 4, None), make_rental(), slug="d")
        show_film(session, add_release(session, 5, JANUARY, year=1960), make_rental(), slug="e")
        show_film(session, add_release(session, 6, JANUARY, year=None), make_rental(), slug="f")
    assert [film_id for film_id, *_ in list_anomalies(engine)] == [6]


def test_a_link_undone_takes_its_anomaly_away(engine: Engine) -> None:
    with write_session(engine) as session:
        entry = show_film(session, add_release(session, 1, JANUARY), make_rental())
        entry_id = entry.id or 0
    assert list_anomalies(engine)
    with write_session(engine) as session:
        record_decision(
            session,
            entry_id,
            get_live_judgement(session, entry_id),
            make_decision(Verdict.NONE, None, "agent camille", "autre film"),
            NOON,
        )
    assert list_anomalies(engine) == []


def test_the_last_ones_are_shown_and_all_are_counted(sqlite_engine: Engine) -> None:
    with write_session(sqlite_engine) as session:
        for film_id in range(1, 4):
            film = add_release(session, film_id, JANUARY)
            show_film(session, film, make_rental(), at=APRIL - timedelta(days=film_id), slug=f"service-{film_id}")
    with read_session(sqlite_engine) as session:
        anomalies = list_early_offers(session, NOON, limit=2)
    assert anomalies.total == 3 and [early.film.id for early in anomalies.latest] == [1, 2]


def get_early_offer(session: Session) -> EarlyOffer:
    (early,) = list_early_offers(session, NOON).latest
    return early


def test_what_ended_and_what_waits_are_told(engine: Engine) -> None:
    with write_session(engine) as session:
        entry = show_film(session, add_release(session, 1, JANUARY), make_rental())
        entry_id = entry.id or 0
    with read_session(engine) as session:
        early = get_early_offer(session)
        assert (early.still_open, early.has_open_case, explain_decision(early.judgement)) == (True, False, "titre exact")
    with write_session(engine) as session:
        session.exec(select(Offer)).one().closed_at = APRIL + timedelta(days=3)
        request_review(session, entry_id, None, ReviewRequest(CaseCause.AUDIT, 1, 0.9), NOON)
    with read_session(engine) as session:
        early = get_early_offer(session)
        assert (early.still_open, early.has_open_case) == (False, True)


def test_nothing_is_read_that_is_not_of_a_recent_film(sqlite_engine: Engine) -> None:
    executed: list[tuple[str, Any]] = []
    with write_session(sqlite_engine) as session:
        show_film(session, add_release(session, 1, JANUARY), make_rental())
    listener = lambda *arguments: executed.append(arguments[2:4])  # noqa: E731
    event.listen(sqlite_engine, "before_cursor_execute", listener)
    list_anomalies(sqlite_engine)
    event.remove(sqlite_engine, "before_cursor_execute", listener)
    queries = [(stmt, params) for stmt, params in executed if stmt.startswith("SELECT")]
    with sqlite_engine.connect() as connection:
        plans = [str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {stmt}", params).all()) for stmt, params in queries]
    assert len(plans) > 3 and not [plan for plan in plans if "SCAN" in plan]
