"""Which pages are asked for again, and what becomes of those that are not."""

from datetime import UTC, date, datetime, timedelta

import pytest
from scrapy.http import Response
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from crawlers.spiders.page_history import compute_rules_fingerprint, get_cache_validators, is_reread_due
from domain.common.enums import Outcome, RunState
from domain.db.engine import read_session, write_session
from domain.models.entry import Entry
from domain.models.offer import Offer
from domain.models.page_read import PageRead
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.acceptance import accept_run
from domain.runs.observation import ObservedEntry
from domain.runs.page_reads import (
    PageSnapshot,
    delete_stale_page_reads,
    get_page_reads,
    list_unread_entry_ids,
    promote_page_reads,
    store_page_reads,
)
from domain.runs.runs import open_run, store_observations
from tests.crawlers.conftest import FEED, WriteFile
from tests.domain.builders import make_platform

DAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_every_page_is_read_again_in_time_and_not_all_on_one_day() -> None:
    urls = [f"https://vod.example.fr/film/{n}" for n in range(700)]
    for after in range(1, 8):
        due = [url for url in urls if is_reread_due(url, DAY, DAY + timedelta(days=after), 7)]
        assert after * 70 < len(due) < after * 130 or (after == 7 and due == urls)
    assert not any(is_reread_due(url, DAY, DAY, 7) for url in urls)
    assert is_reread_due(urls[0], DAY, DAY + timedelta(days=90), 7)


def test_a_change_of_rules_changes_the_fingerprint_and_courtesy_does_not(write_file: WriteFile) -> None:
    first = compute_rules_fingerprint(write_file())
    assert (
        compute_rules_fingerprint(write_file(FEED, {"[expect]": "[politeness]\ndelay = 9\n[expect]", "min = 2": "min = 3"}))
        == first
    )
    assert compute_rules_fingerprint(write_file(FEED, {'title = "title"': 'title = ["title", "text"]'})) != first
    assert compute_rules_fingerprint(write_file(FEED, {'"price", "cents"': '"prices", "cents"'})) != first


def test_what_a_server_says_is_kept_only_when_it_can_be_given_back() -> None:
    headers = {"ETag": '"a-1"', "Last-Modified": "Sun, 22 Nov 2026 10:00:00 GMT"}
    assert get_cache_validators(Response("https://x.example", headers=headers)) == ('"a-1"', "Sun, 22 Nov 2026 10:00:00 GMT")
    assert get_cache_validators(Response("https://x.example", headers={"ETag": "x" * 400})) == (None, None)


def line(ref: str) -> ObservedEntry:
    return ObservedEntry.model_validate({"ref": ref, "title": ref, "offers": [{"access": "rent"}]})


def page(ref: str, at: datetime, rules: str = "r", dropped: str | None = None) -> PageSnapshot:
    return PageSnapshot(ref, rules, at, dropped=dropped, lines=[line(ref).model_dump(mode="json", exclude_defaults=True)])


def believe(
    session: Session, platform: Platform, at: datetime, seen: str, pages: list[PageSnapshot], outcome: Outcome = Outcome.COMPLETE
) -> Run:
    run = open_run(session, platform, at)
    store_observations(session, run.id or 0, [line(ref) for ref in seen])
    store_page_reads(session, run.id or 0, pages)
    run.outcome = outcome
    accept_run(session, run, at)
    return run


@pytest.fixture
def days() -> list[datetime]:
    return [NOON + timedelta(days=n) for n in range(4)]


def test_a_line_remembered_but_not_seen_is_neither_seen_nor_absent(engine: Engine, days: list[datetime]) -> None:
    with write_session(engine) as session:
        platform = make_platform(session)
        believe(session, platform, days[0], "abc", [page(ref, days[0]) for ref in "abc"])
        for day in days[1:]:
            run = believe(session, platform, day, "a", [page("a", day), page("b", days[0], rules="")])
    with read_session(engine) as session:
        rows = session.exec(select(Entry.ref, Offer.last_seen, Offer.closed_at, Entry.last_run_id).join(Offer)).all()
        seen_by_ref = {ref: (seen, closed is None, last == run.id) for ref, seen, closed, last in rows}
    assert seen_by_ref == {"a": (days[3], True, True), "b": (days[0], True, True), "c": (days[0], False, False)}


def test_a_film_said_not_found_is_absent_though_its_line_is_remembered(engine: Engine, days: list[datetime]) -> None:
    with write_session(engine) as session:
        platform = make_platform(session)
        believe(session, platform, days[0], "ab", [page(ref, days[0]) for ref in "ab"])
        for day in days[1:3]:
            believe(session, platform, day, "a", [page("a", day), page("b", day, "", dropped="introuvable")])
    with read_session(engine) as session:
        closed = dict(session.exec(select(Entry.ref, Offer.closed_at).join(Offer)).all())
    assert closed["a"] is None and closed["b"] == days[2]


def test_a_complete_run_is_the_whole_memory_and_a_partial_one_completes_it(engine: Engine, days: list[datetime]) -> None:
    with write_session(engine) as session:
        platform = make_platform(session)
        believe(session, platform, days[0], "abc", [page(ref, days[0]) for ref in "abc"])
        second = believe(session, platform, days[1], "ab", [page(ref, days[1]) for ref in "ab"])
        assert sorted(get_page_reads(session, second.id or 0, ["a", "b", "c"])) == ["a", "b"]
        third = believe(session, platform, days[2], "a", [page("a", days[2])], Outcome.PARTIAL)
        remembered = get_page_reads(session, third.id or 0, ["a", "b", "c"])
        assert {url: page.read_at for url, page in remembered.items()} == {"a": days[2], "b": days[1]}
        assert session.exec(select(func.count(col(PageRead.id)))).one() == 2
        promote_page_reads(session, third, list_unread_entry_ids(session, third))


def test_pages_of_runs_that_nobody_believed_are_freed_but_for_the_last(engine: Engine, days: list[datetime]) -> None:
    with write_session(engine) as session:
        platform = make_platform(session)
        believe(session, platform, days[0], "a", [page("a", days[0])])
        for day in days[1:3]:
            held = open_run(session, platform, day)
            store_page_reads(session, held.id or 0, [page("a", day)])
            held.state = RunState.HELD
            session.add(held)
        delete_stale_page_reads(session, open_run(session, platform, days[3]))
        assert sorted(session.exec(select(PageRead.read_at)).all()) == [days[0], days[2]]
