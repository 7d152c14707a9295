"""Checks of links: days counted, offers closed, links restored."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session, col, select

from domain.common.enums import Access, CloseReason, LinkFinding, RunState
from domain.common.errors import UserError
from domain.db.engine import read_session, write_session
from domain.models.agent import AuditLine
from domain.models.columns import get_id
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.link_check import LinkCheck
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.monitoring.link_checks import (
    delete_old_checks,
    hide_broken_links,
    is_checking_stopped,
    record_link_check,
    restore_link,
)
from domain.monitoring.link_lists import (
    MAX_URL_BYTES,
    BrokenLinkCounts,
    count_broken_links,
    list_broken_links,
    list_due_links,
    map_films_by_check,
)
from domain.offers.change_feed import ChangeKind, Cursor, list_changes
from domain.runs.observation import ObservedEntry
from tests.domain.builders import NOON, collect_run, link_entry, make_film, make_observation, make_platform, make_rental
from tests.domain.review_scene import make_agent

DAY = timedelta(days=1)
ONE, TWO = "https://cine.example/1", "https://cine.example/2"
ELSEWHERE = "https://ailleurs.example/1"
GONE, FINE, FAULT, REFUSED = LinkFinding.GONE, LinkFinding.FINE, LinkFinding.FAULT, LinkFinding.REFUSED


def link_two_films(session: Session) -> Platform:
    """Collect two linked films: the first's offers have a link of their own, the second's that of their entry."""
    platform = make_platform(session)
    platform.hosts = ["cine.example"]
    session.add_all([make_film(1, "Playtime"), make_film(2, "Trafic")])
    observations = [
        make_observation("1", "Playtime", make_rental(url=ONE), make_rental(url=ONE, access=Access.BUY), url=ELSEWHERE),
        make_observation("2", "Trafic", make_rental(url=None), make_rental(url=ELSEWHERE, access=Access.BUY), url=TWO),
    ]
    collect_titles(session, platform, NOON, *observations)
    for entry in session.exec(select(Entry).where(col(Entry.ref).in_(("1", "2")))).all():
        link_entry(session, entry, session.get_one(Film, int(entry.ref)))
    return platform


def collect_titles(session: Session, platform: Platform, at: datetime, *observations: ObservedEntry) -> None:
    """Collect these titles, among twenty others that no film is linked to."""
    others = [make_observation(f"autre-{rank}", f"Film {rank}", make_rental(url=f"{ONE}{rank}")) for rank in range(20)]
    run = collect_run(session, platform, [*observations, *others], at)
    assert run.state is RunState.ACCEPTED


PLAYTIME = make_observation("1", "Playtime", make_rental(url=ONE))


def check_gone_link(session: Session, platform: Platform, url: str, days: int = 3, first: datetime = NOON + DAY) -> datetime:
    """Check a gone link so many days in a row, and hide broken links at each day's end. Returns the last moment."""
    for rank in range(days):
        at = first + rank * DAY
        record_link_check(session, get_id(platform), url, GONE, 404, at)
        hide_broken_links(session, platform, at)
    return at


def test_the_offers_that_lead_to_a_hidden_link_are_closed_and_no_other(engine: Engine) -> None:
    with write_session(engine) as session:
        platform = link_two_films(session)
        at = check_gone_link(session, platform, TWO)
        offers = [(offer.entry_id, offer.closed_at, offer.closed_why) for offer in session.exec(select(Offer))]
        offers = [row for row in offers if row[0] <= 2]
        first, second = (session.exec(select(Entry.id).where(Entry.ref == ref)).one() for ref in "12")
        assert sorted(offers, key=str) == sorted([(first, None, None)] * 2 + [(second, at, CloseReason.BROKEN_LINK)] * 2, key=str)


def test_those_who_follow_changes_are_told_once(engine: Engine) -> None:
    with write_session(engine) as session:
        platform = link_two_films(session)
        at = check_gone_link(session, platform, ONE)
    with read_session(engine) as session:
        changes = list_changes(session, Cursor(NOON + timedelta(minutes=1)), at + DAY, 10)
        assert [(change.kind, change.film_id, change.cursor.changed_at) for change in changes] == [
            (ChangeKind.OFFER_CLOSED, 1, at)
        ] * 2
        assert (
            list_changes(session, changes[0].cursor, at + DAY, 10) == changes[1:]
            and list_changes(session, changes[1].cursor, at + DAY, 10) == []
        )
        assert list_changes(session, Cursor(NOON + timedelta(minutes=1)), at - timedelta(seconds=1), 10) == []


def test_days_are_those_of_paris(sqlite_engine: Engine) -> None:
    evening, night = datetime(2026, 11, 22, 22, 50, tzinfo=UTC), datetime(2026, 11, 22, 23, 10, tzinfo=UTC)
    with write_session(sqlite_engine) as session:
        platform_id = get_id(make_platform(session))
        assert [
            record_link_check(session, platform_id, ONE, GONE, 404, at).gone_days for at in (evening, night, night + DAY / 2)
        ] == [
            1,
            2,
            2,
        ]


def test_an_offer_opened_under_a_hidden_link_by_another_way_is_closed_at_the_next_pass(sqlite_engine: Engine) -> None:
    """Collect an entry whose open offer moves to a link already hidden."""
    with write_session(sqlite_engine) as session:
        platform = link_two_films(session)
        at = check_gone_link(session, platform, ONE)
        collect_titles(session, platform, at + DAY, make_observation("2", "Trafic", make_rental(url=ONE)))
        moved = session.exec(select(Offer).where(Offer.url == ONE, col(Offer.closed_at).is_(None))).one()
        hide_broken_links(session, platform, at + 2 * DAY)
        session.refresh(moved)
        assert (moved.closed_at, moved.closed_why) == (at + 2 * DAY, CloseReason.BROKEN_LINK)


def test_an_agent_restores_a_link_and_the_trail_says_why(engine: Engine) -> None:
    with write_session(engine) as session:
        platform, agent = link_two_films(session), make_agent(session)
        at = check_gone_link(session, platform, ONE)
        check = session.exec(select(LinkCheck)).one()
        for check_id, reason, message in ((get_id(check), " ", "raison"), (999, "vue", "pas caché")):
            with pytest.raises(UserError, match=message):
                restore_link(session, check_id, agent, reason, at)
        restore_link(session, get_id(check), agent, " la page est là ", at)
        assert (check.hidden_at, check.gone_days, check.gone_on) == (None, 0, None)
        audit_event = session.exec(select(AuditLine).where(AuditLine.action == "link-restored")).one()
        assert (audit_event.agent_id, audit_event.platform_id, audit_event.detail) == (agent.id, platform.id, {"url": ONE})
        assert audit_event.before == {"hidden": "2026-11-25T12:00:00Z", "gone_days": 3}
        assert audit_event.after == {"hidden": None, "gone_days": 0, "reason": "la page est là"}
        with pytest.raises(UserError, match="pas caché"):
            restore_link(session, get_id(check), agent, "encore", at)
        collect_titles(session, platform, at + DAY, PLAYTIME)
        assert [offer.first_seen for offer in session.exec(select(Offer)) if offer.closed_at is None and offer.url == ONE] == [
            at + DAY
        ]


def test_what_is_broken_is_counted_and_listed_with_its_films(engine: Engine) -> None:
    with write_session(engine) as session:
        platform, other = link_two_films(session), make_platform(session, "autre")
        assert count_broken_links(session) == {}
        at = check_gone_link(session, platform, TWO)
        record_link_check(session, get_id(platform), ONE, GONE, 404, at)
        record_link_check(session, get_id(other), ONE, FAULT, None, at)
        assert count_broken_links(session) == {platform.id: BrokenLinkCounts(waiting=1, hidden=1)}
        rows = list_broken_links(session, "", 0, 10)
        assert [(check.url, row.slug) for check, row in rows] == [(TWO, "cine-exemple"), (ONE, "cine-exemple")]
        assert list_broken_links(session, "autre", 0, 10) == [] and len(list_broken_links(session, platform.slug, 1, 10)) == 1
        behind = map_films_by_check(session, [check for check, _ in rows])
        assert [[film.title for film in behind[get_id(check)]] for check, _ in rows] == [["Trafic"], ["Playtime"]]


def test_the_links_to_check_are_those_shown_and_the_hidden_ones_still_listed(engine: Engine) -> None:
    with write_session(engine) as session:
        platform = link_two_films(session)
        assert list_due_links(session, platform, NOON, 10) == [ONE, TWO]
        at = check_gone_link(session, platform, TWO)
        assert list_due_links(session, platform, at + DAY, 10) == [TWO, ONE]
        collect_titles(session, platform, at + DAY, PLAYTIME)
        assert list_due_links(session, platform, at + DAY, 10) == [ONE], "the service lists it no more"


def test_a_link_too_long_to_be_indexed_is_not_checked(engine: Engine) -> None:
    long, just = "https://cine.example/".ljust(MAX_URL_BYTES - 5, "é"), f"https://cine.example/{Random(7).randbytes(989).hex()}"
    with write_session(engine) as session:
        platform = link_two_films(session)
        collect_titles(
            session,
            platform,
            NOON + DAY,
            make_observation("1", "Playtime", make_rental(url=long), make_rental(url=long, access=Access.BUY)),
        )
        assert list_due_links(session, platform, NOON + DAY, 10) == [TWO]
        assert len(just) == MAX_URL_BYTES - 1 and record_link_check(session, get_id(platform), just, FINE, 200, NOON).id


def test_a_service_is_left_alone_after_a_refusal_or_ten_faults_until_midnight(sqlite_engine: Engine) -> None:
    with write_session(sqlite_engine) as session:
        platform_id = get_id(make_platform(session))
        for rank in range(10):
            assert not is_checking_stopped(session, platform_id, NOON)
            record_link_check(session, platform_id, f"{ONE}{rank}", FAULT, 500, NOON)
        assert is_checking_stopped(session, platform_id, NOON) and not is_checking_stopped(session, platform_id, NOON + DAY)
        record_link_check(session, platform_id, TWO, REFUSED, 403, NOON)
        assert not is_checking_stopped(session, platform_id, NOON)
        record_link_check(session, platform_id, TWO, REFUSED, 429, NOON)
        record_link_check(session, platform_id, ONE, FINE, 200, NOON)
        assert is_checking_stopped(session, platform_id, NOON)


def test_links_not_asked_for_ninety_days_are_forgotten(engine: Engine) -> None:
    with write_session(engine) as session:
        platform_id = get_id(make_platform(session))
        record_link_check(session, platform_id, ONE, FINE, 200, NOON - 91 * DAY)
        record_link_check(session, platform_id, TWO, FINE, 200, NOON - 89 * DAY)
        delete_old_checks(session, NOON)
        assert [check.url for check in session.exec(select(LinkCheck))] == [TWO]


def test_what_is_broken_is_found_without_reading_every_check(sqlite_engine: Engine) -> None:
    statements: list[tuple[str, Any]] = []
    event.listen(sqlite_engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2:4]))
    with read_session(sqlite_engine) as session:
        count_broken_links(session)
        list_broken_links(session, "", 0, 10)
    with sqlite_engine.connect() as connection:
        read = [(statement, values) for statement, values in statements if statement.startswith("SELECT")]
        plans = [str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {arguments}", values).all()) for arguments, values in read]
    assert len(plans) == 2 and all("ix_linkcheck_broken" in plan for plan in plans)
