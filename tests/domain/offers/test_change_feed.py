"""The changes that the public can follow: in one order, none lost, on both databases."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session, select

from domain.common.enums import CloseReason, LegalBasis, RunState, Verdict
from domain.db.engine import read_session, write_session
from domain.linking.judgements import get_live_judgement, record_decision
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.platform import Platform
from domain.models.run import Run
from domain.offers.change_feed import Change, ChangeKind, Cursor, list_changes
from domain.runs.acceptance import accept_held_run
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
BEGINNING, LATER = Cursor(NOON - 365 * DAY), NOON + 365 * DAY
ONE, TWO = 1, 2
LOOSE = RunExpectations(max_drop=1, repriced=1, newcomers=1)


def collect_films(session: Session, at: datetime, prices: dict[int, int], expect: RunExpectations = LOOSE) -> Run:
    """Collect the only service: films by id, each rented at a price in cents."""
    platform = session.exec(select(Platform)).first() or make_platform(session)
    observations = [make_observation(str(film), f"Ligne {film}", make_rental(cents)) for film, cents in prices.items()]
    return collect_run(session, platform, observations, at, expect)


def link_all(session: Session, at: datetime) -> None:
    for entry in session.exec(select(Entry)).all():
        assert entry.id is not None
        if get_live_judgement(session, entry.id) is None:
            link_entry(session, entry, session.get_one(Film, int(entry.ref)), at)


@pytest.fixture
def filled_engine(engine: Engine) -> Engine:
    """Collect two films four times a day apart: a price changes, then a film is absent twice; last, correct a link."""
    with write_session(engine) as session:
        session.add_all([make_film(ONE, "Un"), make_film(TWO, "Deux")])
    for day, prices in enumerate([{ONE: 299, TWO: 299}, {ONE: 399, TWO: 299}, {ONE: 399}, {ONE: 399}]):
        with write_session(engine) as session:
            collect_films(session, NOON + day * DAY, prices)
            link_all(session, NOON + day * DAY)
    with write_session(engine) as session:
        entry = session.exec(select(Entry).where(Entry.ref == str(ONE))).one()
        assert entry.id is not None
        decision = make_decision(Verdict.SAME, TWO, "agent", "erreur", by_person=True)
        record_decision(session, entry.id, get_live_judgement(session, entry.id), decision, NOON + 5 * DAY)
    return engine


def list_all_changes(engine: Engine, limit: int = 100, until: datetime = LATER, *kinds: ChangeKind) -> list[Change]:
    """Read every change, page after page."""
    changes, after = list[Change](), BEGINNING
    with read_session(engine) as session:
        while page := list_changes(session, after, until, limit, kinds or tuple(ChangeKind)):
            changes += page
            after = page[-1].cursor
    return changes


def test_changes_come_in_the_order_they_happened(filled_engine: Engine) -> None:
    changes = list_all_changes(filled_engine)
    first = [ChangeKind.FILM_CHANGED] * 2 + [ChangeKind.LINK_CHANGED] * 2 + [ChangeKind.OFFER_OPENED] * 2
    then = [ChangeKind.OFFER_CHANGED, ChangeKind.OFFER_CLOSED, ChangeKind.LINK_CHANGED]
    assert [change.kind for change in changes] == first + then
    assert [change.cursor for change in changes] == sorted({change.cursor for change in changes})
    moments = [change.cursor.changed_at - NOON for change in changes]
    assert moments == [0 * DAY] * 6 + [DAY, 3 * DAY, 5 * DAY]


def test_each_change_says_what_it_was(filled_engine: Engine) -> None:
    repriced, closed, corrected = list_all_changes(filled_engine)[-3:]
    assert repriced.previous_offer and repriced.available_offer and repriced.film_id == TWO  # the film of that line today
    assert (repriced.previous_offer.price_cents, repriced.available_offer.offer.price_cents) == (299, 399)
    assert closed.available_offer and closed.available_offer.offer.closed_why == CloseReason.ABSENT and closed.film_id == TWO
    assert (corrected.previous_film_id, corrected.film_id) == (ONE, TWO) and corrected.platform


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
def test_no_page_size_loses_or_repeats_a_change(filled_engine: Engine, limit: int) -> None:
    assert [change.cursor for change in list_all_changes(filled_engine, limit)] == [
        change.cursor for change in list_all_changes(filled_engine)
    ]


def test_some_kinds_alone_keep_their_places(filled_engine: Engine) -> None:
    changes = list_all_changes(filled_engine)
    for kind in ChangeKind:
        cursors = [change.cursor for change in changes if change.kind is kind]
        assert [change.cursor for change in list_all_changes(filled_engine, 1, LATER, kind)] == cursors


def test_what_is_not_settled_is_not_told(filled_engine: Engine) -> None:
    assert {change.cursor.changed_at for change in list_all_changes(filled_engine, 2, NOON + DAY)} == {NOON, NOON + DAY}


def test_a_collection_believed_later_comes_after_what_was_read_meanwhile(engine: Engine) -> None:
    with write_session(engine) as session:
        session.add_all([make_film(ONE, "Un"), make_film(TWO, "Deux")])
        run = collect_films(session, NOON, {ONE: 299}, RunExpectations(min=10))
        second_platform = make_platform(session, "autre")
        collect_run(session, second_platform, [make_observation(str(TWO), "Ligne 2", make_rental())], NOON + DAY)
        link_all(session, NOON + DAY)
    first_page = list_all_changes(engine)
    with write_session(engine) as session:
        run = session.get_one(Run, run.id)
        assert run.state is RunState.HELD
        accept_held_run(session, run, "vérifiée", NOON + 2 * DAY)
        session.flush()
        link_all(session, NOON + 2 * DAY)
    with read_session(engine) as session:
        after = list_changes(session, first_page[-1].cursor, LATER, 10)
    assert [change.kind for change in after] == [ChangeKind.LINK_CHANGED, ChangeKind.OFFER_OPENED]
    assert {change.film_id for change in after} == {ONE}


def test_services_that_may_not_be_shown_are_not_told(filled_engine: Engine) -> None:
    with write_session(filled_engine) as session:
        session.exec(select(Platform)).one().legal_basis = LegalBasis.FORBIDDEN
    assert {change.kind for change in list_all_changes(filled_engine)} == {ChangeKind.FILM_CHANGED}


def test_the_same_decision_again_is_no_change(filled_engine: Engine) -> None:
    before = len(list_all_changes(filled_engine))
    with write_session(filled_engine) as session:
        entry = session.exec(select(Entry).where(Entry.ref == str(TWO))).one()
        assert entry.id is not None
        again = make_decision(Verdict.SAME, TWO, "matcher 2", "titre exact")
        assert record_decision(session, entry.id, get_live_judgement(session, entry.id), again, NOON + 6 * DAY)
    assert len(list_all_changes(filled_engine)) == before


def test_no_stream_reads_every_row_or_sorts_them(sqlite_engine: Engine) -> None:
    executed: list[tuple[str, Any]] = []
    event.listen(sqlite_engine, "before_cursor_execute", lambda *arguments: executed.append(arguments[2:4]))
    with read_session(sqlite_engine) as session:
        for stream in range(5):
            list_changes(session, Cursor(NOON, stream, 3, 4), LATER, 100)
    with sqlite_engine.connect() as connection:
        queries = [(stmt, params) for stmt, params in executed if stmt.startswith("SELECT")]
        plans = [str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {stmt}", params).all()) for stmt, params in queries]
    assert len(plans) == 25 and not [plan for plan in plans if "SCAN" in plan or "TEMP B-TREE" in plan]
    assert not [plan for plan in plans if "offer_1 USING INDEX ix_offer_closed_at" in plan]
