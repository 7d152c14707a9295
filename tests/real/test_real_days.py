"""Days pass on real catalogues: what enters, what leaves and what changes equals the truth, and little is asked for."""

from typing import Any

import pytest
from sqlmodel import Session, col, select

from domain.common.enums import CloseReason, RunState
from domain.db.engine import create_db_engine, read_session
from domain.models.entry import Entry
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.runs import get_run_counts
from tests.printed_tables import add_table
from tests.real.rehearsal import INVENTED_PLATFORMS, Rehearsal
from tests.real.rehearsal import PLATFORMS as REAL
from tests.real.test_real_catalogues import short, wanted_offers

pytestmark = pytest.mark.long
DAYS = (1, 2)
PLATFORMS = (*REAL, *INVENTED_PLATFORMS)
COLUMNS = ("entries", "exits", "changes", "listed", "asked", "carried", "seconds")
Days = dict[tuple[str, int], dict[str, Any]]


def films(truth: dict[str, Any]) -> dict[str, Any]:
    return {row["id"]: (row["offers"], row["until"]) for row in truth["rows"] if row["kind"] == "movie" and row["offers"]}


@pytest.fixture(scope="module")
def played(rehearsal: Rehearsal, pytestconfig: pytest.Config) -> Days:
    """Every platform collected on each day; what the truth says of the day, and what the run did."""
    told: Days = {}
    lines = [f"{'platform':<12} day" + "".join(f"{column:>9}" for column in COLUMNS)]
    before = {slug: films(rehearsal.get_truth(slug)) for slug in PLATFORMS}
    for slug in INVENTED_PLATFORMS:
        assert rehearsal.crawl_platform(slug)[0].returncode == 0
    for day in DAYS:
        rehearsal.set_day(day)
        for slug in PLATFORMS:
            done, seconds = rehearsal.crawl_platform(slug)
            assert done.returncode == 0, done.stdout + done.stderr
            truth = rehearsal.get_truth(slug)
            told[slug, day] = {"before": before[slug], "after": films(truth), "truth": truth}
            before[slug] = films(truth)
            lines.append(f"{slug:<12} {day:>3}" + "".join(f"{figure:>9}" for figure in figures(rehearsal, slug, seconds)))
    rehearsal.set_day(0)
    add_table(pytestconfig, "the days that follow", lines)
    return told


def figures(rehearsal: Rehearsal, slug: str, seconds: float) -> list[int | float]:
    engine = create_db_engine(rehearsal.database)
    with read_session(engine) as session:
        run, changes = last_run(session, slug), changes_of(session, slug, 0)
        counts = get_run_counts(run)
    engine.dispose()
    return [*map(len, changes), counts.listed, counts.requests, counts.carried, round(seconds, 1)]


def last_run(session: Session, slug: str, older: int = 0) -> Run:
    asked = select(Run).join(Platform, col(Platform.id) == col(Run.platform_id)).where(col(Platform.slug) == slug)
    return session.exec(asked.where(col(Run.state) == RunState.ACCEPTED).order_by(col(Run.id).desc())).all()[older]


def changes_of(session: Session, slug: str, older: int) -> tuple[set[str], set[str], set[str]]:
    """The refs that entered, left and changed with a run, as the database holds them (`older` accepted runs ago)."""
    run, previous = last_run(session, slug, older), last_run(session, slug, older + 1)
    ours = select(Entry.ref).where(col(Entry.platform_id) == run.platform_id)
    came = ours.where(col(Entry.first_run_id) == run.id)
    left = ours.where(col(Entry.last_run_id) == previous.id)
    closed = ours.join(Offer).where(col(Offer.closed_at) == run.started_at, col(Offer.closed_why) == CloseReason.TERMS_CHANGED)
    came_refs, left_refs, changed_refs = ({short(ref) for ref in session.exec(asked)} for asked in (came, left, closed))
    return came_refs, left_refs, changed_refs


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("slug", PLATFORMS)
def test_entries_exits_and_changes_of_a_day_equal_the_truth(rehearsal: Rehearsal, played: Days, slug: str, day: int) -> None:
    before, after = played[slug, day]["before"], played[slug, day]["after"]
    engine = create_db_engine(rehearsal.database)
    with read_session(engine) as session:
        came, left, changed = changes_of(session, slug, len(DAYS) - day)
    engine.dispose()
    assert came == after.keys() - before.keys()
    assert left == before.keys() - after.keys()
    assert changed == {ref for ref in before.keys() & after.keys() if before[ref] != after[ref]}


@pytest.mark.parametrize("slug", PLATFORMS)
def test_the_offers_of_the_last_day_are_those_of_the_truth(rehearsal: Rehearsal, played: Days, slug: str) -> None:
    engine = create_db_engine(rehearsal.database)
    with read_session(engine) as session:
        assert live_offers(session, slug) == wanted_offers(played[slug, DAYS[-1]]["truth"])
    engine.dispose()


def live_offers(session: Session, slug: str) -> set[tuple[str, str, int | None]]:
    """The offers that the last run saw."""
    run = last_run(session, slug)
    asked = select(Entry.ref, Offer).join(Offer).where(col(Offer.last_run_id) == run.id, col(Offer.closed_at).is_(None))
    return {(short(ref), str(offer.access), offer.price_cents) for ref, offer in session.exec(asked)}


@pytest.mark.parametrize("slug", ["cinesite", "nextsite"])
@pytest.mark.parametrize("day", DAYS)
def test_a_site_of_pages_is_asked_for_little_more_than_what_changed(
    rehearsal: Rehearsal, played: Days, slug: str, day: int
) -> None:
    engine = create_db_engine(rehearsal.database)
    with read_session(engine) as session:
        first = get_run_counts(last_run(session, slug, len(DAYS)))
        counts = get_run_counts(last_run(session, slug, len(DAYS) - day))
    engine.dispose()
    assert counts.requests <= 0.05 * first.listed
