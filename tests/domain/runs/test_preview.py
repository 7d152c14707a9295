"""Differences of a run: what is previewed is what accepting it does, and what is read afterwards."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from domain.common.enums import Access, LinkFinding, Outcome
from domain.db.engine import write_session
from domain.models.columns import get_id
from domain.models.entry import Entry
from domain.models.link_check import LinkCheck
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.acceptance import accept_held_run, reject_held_run
from domain.runs.observation import ObservedEntry
from domain.runs.page_reads import PageSnapshot, store_page_reads
from domain.runs.preview import MAX_SAMPLES, RunDifferences, compute_run_differences
from domain.runs.runs import open_run
from domain.runs.validation import RunExpectations
from tests.domain.builders import NOON, collect_run, make_observation, make_platform, make_rental

DAY = timedelta(days=1)
NEVER, ALWAYS = RunExpectations(min=10_000), RunExpectations(max_drop=1, same_link=1)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with write_session(engine) as session:
        yield session


def hold_run(
    session: Session, platform: Platform, observations: list[ObservedEntry], day: int, outcome: Outcome = Outcome.COMPLETE
) -> Run:
    return collect_run(session, platform, observations, NOON + day * DAY, NEVER, outcome)


def compute_differences(session: Session, run: Run) -> RunDifferences:
    differences = compute_run_differences(session, run)
    assert differences is not None
    return differences


def count_changes(differences: RunDifferences) -> dict[str, int]:
    tallies = ("added", "gone", "opened", "closed", "repriced")
    return {name: getattr(differences, name).count for name in tallies if getattr(differences, name).count}


def count_periods(session: Session) -> tuple[int, int]:
    """Count the periods, and those that are closed."""
    counts = session.exec(select(func.count(col(Offer.id)), func.count(col(Offer.closed_at)))).one()
    return counts[0], counts[1]


def test_what_accepting_would_change_is_what_it_changes(session: Session) -> None:
    platform = make_platform(session)
    first = [
        make_observation("1", "Playtime", make_rental(299)),
        make_observation("2", "Trafic", make_rental(299)),
        make_observation("3", "Parade", make_rental(299)),
    ]
    collect_run(session, platform, first, NOON, ALWAYS)
    collect_run(session, platform, first[:2], NOON + DAY, ALWAYS)
    observations = [
        make_observation("1", "Playtime", make_rental(399)),
        make_observation("4", "Mon oncle", make_rental(199), make_rental(499, quality="UHD")),
    ]
    run = hold_run(session, platform, observations, 2)
    before = compute_differences(session, run)
    assert count_changes(before) == {"added": 1, "gone": 1, "opened": 3, "closed": 2, "repriced": 1} and before.retained == 1
    assert [(sample.title, sample.before, sample.after, sample.access) for sample in before.repriced.first] == [
        ("Playtime", 299, 399, Access.RENT)
    ]
    assert [sample.title for sample in before.gone.first] == ["Trafic"] and [sample.title for sample in before.added.first] == [
        "Mon oncle"
    ]
    assert {sample.title for sample in before.closed.first} == {"Playtime", "Parade"}
    then = count_periods(session)
    accept_held_run(session, run, "vu", NOON + 2 * DAY)
    assert count_periods(session) == (then[0] + 3, then[1] + 2)
    after = compute_differences(session, run)
    assert count_changes(after) == count_changes(before) and after.changed is None
    assert after.repriced.first == before.repriced.first


def test_an_incomplete_run_closes_only_what_it_saw_change(session: Session) -> None:
    platform = make_platform(session)
    first = [make_observation("1", "Playtime", make_rental(299)), make_observation("2", "Trafic", make_rental(299))]
    collect_run(session, platform, first, NOON, ALWAYS)
    collect_run(session, platform, first[:1], NOON + DAY, ALWAYS)
    run = hold_run(session, platform, [make_observation("1", "Playtime", make_rental(None))], 2, Outcome.PARTIAL)
    differences = compute_differences(session, run)
    assert count_changes(differences) == {"opened": 1, "closed": 1, "repriced": 1} and differences.retained == 1
    then = count_periods(session)
    accept_held_run(session, run, "vu", NOON + 2 * DAY)
    assert count_periods(session) == (then[0] + 1, then[1] + 1)


def test_what_stands_on_a_page_that_was_not_read_is_not_gone(session: Session) -> None:
    platform = make_platform(session)
    observations = [make_observation("1", "Playtime", make_rental()), make_observation("2", "Trafic", make_rental())]
    collect_run(session, platform, observations, NOON, ALWAYS)
    collect_run(session, platform, observations[:1], NOON + DAY, ALWAYS)
    run = hold_run(session, platform, observations[:1], 2)
    remembered = [observations[1].model_dump(mode="json")]
    store_page_reads(session, get_id(run), [PageSnapshot("https://cine.example/2", "", NOON, lines=remembered)])
    differences = compute_differences(session, run)
    assert count_changes(differences) == {} and differences.retained == 1
    then = count_periods(session)
    accept_held_run(session, run, "vu", NOON + 2 * DAY)
    assert count_periods(session) == then


def test_an_offer_whose_link_leads_nowhere_is_not_to_be_opened(session: Session) -> None:
    platform = make_platform(session)
    collect_run(session, platform, [make_observation("1", "Playtime", make_rental())], NOON, ALWAYS)
    broken: dict[str, Any] = {
        "platform_id": get_id(platform),
        "url": "https://cine.example/2",
        "checked_at": NOON,
        "finding": LinkFinding.GONE,
    }
    session.add(LinkCheck(**broken, hidden_at=NOON))
    session.flush()
    run = hold_run(
        session,
        platform,
        [
            make_observation("1", "Playtime", make_rental()),
            make_observation("2", "Trafic", make_rental(url="https://cine.example/2")),
        ],
        1,
    )
    assert count_changes(compute_differences(session, run)) == {"added": 1}
    then = count_periods(session)
    accept_held_run(session, run, "vu", NOON + DAY)
    assert count_periods(session) == then


def test_the_facts_that_changed_are_named(session: Session) -> None:
    platform = make_platform(session)
    collect_run(
        session, platform, [make_observation("1", "Playtime", make_rental(), year=1966, directors=["Tati"])], NOON, ALWAYS
    )
    run = hold_run(session, platform, [make_observation("1", "Play Time", make_rental(), year=1967, directors=["Tati"])], 1)
    changed = compute_differences(session, run).changed
    assert changed is not None and changed.count == 1 and changed.first[0].facts == ("title", "year")


def test_a_great_change_is_counted_whole_and_shown_in_part(session: Session) -> None:
    platform = make_platform(session)
    collect_run(session, platform, [make_observation(f"a{n}", f"Film {n}", make_rental()) for n in range(30)], NOON, ALWAYS)
    run = hold_run(session, platform, [make_observation(f"b{n}", f"Film {n}", make_rental()) for n in range(1500)], 1)
    differences = compute_differences(session, run)
    assert (differences.added.count, differences.gone.count, differences.opened.count, differences.retained) == (
        1500,
        30,
        1500,
        30,
    )
    assert [len(tally.first) for tally in (differences.added, differences.gone, differences.opened)] == [MAX_SAMPLES] * 3


def test_a_rejected_run_is_told_until_a_newer_one_is_believed(session: Session) -> None:
    platform = make_platform(session)
    run = hold_run(session, platform, [make_observation("1", "Playtime", make_rental())], 0)
    reject_held_run(session, run, "coupé", NOON)
    assert count_changes(compute_differences(session, run)) == {"added": 1, "opened": 1}
    collect_run(session, platform, [make_observation("1", "Playtime", make_rental())], NOON + DAY, ALWAYS)
    assert (
        compute_run_differences(session, run) is None
        and compute_run_differences(session, open_run(session, platform, NOON)) is None
    )


def test_what_a_run_did_says_nothing_of_other_platforms(session: Session) -> None:
    for slug in ("cine-exemple", "kiosque"):
        run = collect_run(session, make_platform(session, slug), [make_observation("1", "Playtime", make_rental())], NOON, ALWAYS)
    assert count_changes(compute_differences(session, run)) == {"added": 1, "opened": 1}
    assert session.exec(select(func.count()).select_from(Entry)).one() == 2
