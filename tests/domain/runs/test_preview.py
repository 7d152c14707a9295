"""What a run changes: what is told before it is accepted is what happens, and what is told after is what happened."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from domain.common.enums import Access, LinkFinding, Outcome
from domain.db.engine import writing
from domain.models.entry import Entry
from domain.models.link_check import LinkCheck
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.acceptance import accept_held, reject_held
from domain.runs.observation import Observed
from domain.runs.page_reads import Page, store_reads
from domain.runs.preview import SHOWN, Differences, differences
from domain.runs.runs import open_run
from domain.runs.validation import Expect
from tests.domain.builders import NOON, a_line, a_platform, collected, rent

DAY = timedelta(days=1)
NEVER, ALWAYS = Expect(min=10_000), Expect(max_drop=1, same_link=1)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with writing(engine) as session:
        yield session


def held(session: Session, platform: Platform, lines: list[Observed], day: int, outcome: Outcome = Outcome.COMPLETE) -> Run:
    return collected(session, platform, lines, NOON + day * DAY, NEVER, outcome)


def told(session: Session, run: Run) -> Differences:
    found = differences(session, run)
    assert found is not None
    return found


def numbers(found: Differences) -> dict[str, int]:
    tallies = ("added", "gone", "opened", "closed", "repriced")
    return {name: getattr(found, name).number for name in tallies if getattr(found, name).number}


def state(session: Session) -> tuple[int, int]:
    """How many periods there are, and how many are over."""
    counts = session.exec(select(func.count(col(Offer.id)), func.count(col(Offer.closed_at)))).one()
    return counts[0], counts[1]


def test_what_accepting_would_change_is_what_it_changes(session: Session) -> None:
    platform = a_platform(session)
    first = [a_line("1", "Playtime", rent(299)), a_line("2", "Trafic", rent(299)), a_line("3", "Parade", rent(299))]
    collected(session, platform, first, NOON, ALWAYS)
    collected(session, platform, first[:2], NOON + DAY, ALWAYS)
    lines = [a_line("1", "Playtime", rent(399)), a_line("4", "Mon oncle", rent(199), rent(499, quality="UHD"))]
    run = held(session, platform, lines, 2)
    before = told(session, run)
    assert numbers(before) == {"added": 1, "gone": 1, "opened": 3, "closed": 2, "repriced": 1} and before.kept == 1
    assert [(one.title, one.before, one.after, one.access) for one in before.repriced.first] == [
        ("Playtime", 299, 399, Access.RENT)
    ]
    assert [one.title for one in before.gone.first] == ["Trafic"] and [one.title for one in before.added.first] == ["Mon oncle"]
    assert {one.title for one in before.closed.first} == {"Playtime", "Parade"}
    then = state(session)
    accept_held(session, run, "vu", NOON + 2 * DAY)
    assert state(session) == (then[0] + 3, then[1] + 2)
    after = told(session, run)
    assert numbers(after) == numbers(before) and after.changed is None
    assert after.repriced.first == before.repriced.first


def test_an_incomplete_run_closes_only_what_it_saw_change(session: Session) -> None:
    platform = a_platform(session)
    first = [a_line("1", "Playtime", rent(299)), a_line("2", "Trafic", rent(299))]
    collected(session, platform, first, NOON, ALWAYS)
    collected(session, platform, first[:1], NOON + DAY, ALWAYS)
    run = held(session, platform, [a_line("1", "Playtime", rent(None))], 2, Outcome.PARTIAL)
    found = told(session, run)
    assert numbers(found) == {"opened": 1, "closed": 1, "repriced": 1} and found.kept == 1
    then = state(session)
    accept_held(session, run, "vu", NOON + 2 * DAY)
    assert state(session) == (then[0] + 1, then[1] + 1)


def test_what_stands_on_a_page_that_was_not_read_is_not_gone(session: Session) -> None:
    platform = a_platform(session)
    lines = [a_line("1", "Playtime", rent()), a_line("2", "Trafic", rent())]
    collected(session, platform, lines, NOON, ALWAYS)
    collected(session, platform, lines[:1], NOON + DAY, ALWAYS)
    run = held(session, platform, lines[:1], 2)
    remembered = [lines[1].model_dump(mode="json")]
    store_reads(session, run.id or 0, [Page("https://cine.example/2", "", NOON, lines=remembered)])
    found = told(session, run)
    assert numbers(found) == {} and found.kept == 1
    then = state(session)
    accept_held(session, run, "vu", NOON + 2 * DAY)
    assert state(session) == then


def test_an_offer_whose_link_leads_nowhere_is_not_to_be_opened(session: Session) -> None:
    platform = a_platform(session)
    collected(session, platform, [a_line("1", "Playtime", rent())], NOON, ALWAYS)
    broken = {"platform_id": platform.id or 0, "url": "https://cine.example/2", "checked": NOON, "finding": LinkFinding.GONE}
    session.add(LinkCheck(**broken, hidden=NOON))
    session.flush()
    run = held(session, platform, [a_line("1", "Playtime", rent()), a_line("2", "Trafic", rent(url="https://cine.example/2"))], 1)
    assert numbers(told(session, run)) == {"added": 1}
    then = state(session)
    accept_held(session, run, "vu", NOON + DAY)
    assert state(session) == then


def test_the_facts_that_changed_are_named(session: Session) -> None:
    platform = a_platform(session)
    collected(session, platform, [a_line("1", "Playtime", rent(), year=1966, directors=["Tati"])], NOON, ALWAYS)
    run = held(session, platform, [a_line("1", "Play Time", rent(), year=1967, directors=["Tati"])], 1)
    changed = told(session, run).changed
    assert changed is not None and changed.number == 1 and changed.first[0].facts == ("title", "year")


def test_a_great_change_is_counted_whole_and_shown_in_part(session: Session) -> None:
    platform = a_platform(session)
    collected(session, platform, [a_line(f"a{n}", f"Film {n}", rent()) for n in range(30)], NOON, ALWAYS)
    run = held(session, platform, [a_line(f"b{n}", f"Film {n}", rent()) for n in range(1500)], 1)
    found = told(session, run)
    assert (found.added.number, found.gone.number, found.opened.number, found.kept) == (1500, 30, 1500, 30)
    assert [len(tally.first) for tally in (found.added, found.gone, found.opened)] == [SHOWN] * 3


def test_a_rejected_run_is_told_until_a_newer_one_is_believed(session: Session) -> None:
    platform = a_platform(session)
    run = held(session, platform, [a_line("1", "Playtime", rent())], 0)
    reject_held(session, run, "coupé", NOON)
    assert numbers(told(session, run)) == {"added": 1, "opened": 1}
    collected(session, platform, [a_line("1", "Playtime", rent())], NOON + DAY, ALWAYS)
    assert differences(session, run) is None and differences(session, open_run(session, platform, NOON)) is None


def test_what_a_run_did_says_nothing_of_other_platforms(session: Session) -> None:
    for slug in ("cine-exemple", "kiosque"):
        run = collected(session, a_platform(session, slug), [a_line("1", "Playtime", rent())], NOON, ALWAYS)
    assert numbers(told(session, run)) == {"added": 1, "opened": 1}
    assert session.exec(select(func.count()).select_from(Entry)).one() == 2
