"""Days of checking on a site of real titles, replayed: what left for three days is hidden, and nothing that the site shows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import httpx
import pytest
import time_machine
from sqlmodel import col, select

from crawlers.link_checker.checker import LinkCheckSummary, check_links
from crawlers.platform_files.loader import load_any_platform_file
from domain.common.enums import CloseReason, LinkFinding
from domain.db.engine import create_db_engine, read_session, write_session
from domain.db.migrate import upgrade
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.link_check import LinkCheck
from domain.models.offer import Offer
from domain.models.task import Task
from tests.domain.builders import link_entry, make_film
from tests.printed_tables import add_table
from tests.real.rehearsal import FOLDER, Rehearsal, run_replay

pytestmark = pytest.mark.long
SITE, DAYS, EVERY = "nextsite", 4, 5_000
TITLE = "links of a site of pages, checked on the days that follow"
MODES = ("error", "down", "robots", "robots5xx", "limited")


class Stage:
    """The replay, and a database where every line of the site is linked to a film."""

    def __init__(self, told: dict[str, Any], database: str) -> None:
        self.rehearsal = Rehearsal(told["control"], told["platforms"], database)
        assert self.rehearsal.crawl_platform(SITE)[0].returncode == 0
        self.engine, self.begun = create_db_engine(database), datetime.now(UTC)
        upgrade(self.engine)
        with write_session(self.engine) as session:
            session.add(make_film(1, "Un film"))
            session.flush()
            for entry in session.exec(select(Entry)).all():
                link_entry(session, entry, session.get_one(Film, 1), self.begun)

    def check(self, day: int) -> LinkCheckSummary:
        """The links checked on a day of the replay."""
        self.rehearsal.set_day(day)
        with time_machine.travel(self.begun + timedelta(days=day), tick=True):
            return check_links(self.engine, load_any_platform_file(SITE, FOLDER), EVERY)

    def listed(self) -> set[str]:
        """The addresses of the pages that the site has today."""
        return {row["link"] for row in self.rehearsal.get_truth(SITE)["rows"]}

    def links(self, *where: Any) -> set[str]:
        with read_session(self.engine) as session:
            return set(session.exec(select(LinkCheck.url).where(*where)))


@pytest.fixture(scope="module")
def stage(shared: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with run_replay(shared) as told, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OUVOIR_ALLOW_LOOPBACK", "1")
        patch.setenv("OUVOIR_LOOPBACK_DELAY", "0")
        stage = Stage(told, f"sqlite:///{tmp_path_factory.mktemp('links') / 'ouvoir.db'}")
        httpx.post(f"{stage.rehearsal.control}/__reset")
        yield stage
        stage.engine.dispose()


def test_what_left_for_three_days_is_hidden_and_nothing_else(stage: Stage, pytestconfig: pytest.Config) -> None:
    lines, absent = [f"{'day':>3}{'checked':>9}{'gone':>7}{'hidden':>8}{'seconds':>9}"], list[set[str]]()
    for day in range(1, DAYS + 1):
        started = monotonic()
        found = stage.check(day)
        gone, seconds = found.findings[LinkFinding.GONE], monotonic() - started
        lines.append(f"{day:>3}{found.findings.total():>9}{gone:>7}{found.hidden_count:>8}{seconds:>9.1f}")
        absent.append(stage.links() - stage.listed())
        assert stage.links(LinkCheck.finding == LinkFinding.GONE) == absent[-1]
        assert stage.links(LinkCheck.finding != LinkFinding.GONE) == stage.links(LinkCheck.finding == LinkFinding.FINE)
        assert stage.links(col(LinkCheck.hidden_at).is_not(None)) == (set.intersection(*absent[-3:]) if day > 2 else set())
    add_table(pytestconfig, TITLE, lines)
    with read_session(stage.engine) as session:
        closed = set(session.exec(select(Entry.url).join(Offer).where(Offer.closed_why == CloseReason.BROKEN_LINK)))
        assert closed == stage.links(col(LinkCheck.hidden_at).is_not(None)) != set()
        assert session.exec(select(Task)).all() == []


@pytest.mark.parametrize("mode", MODES)
def test_a_site_that_fails_or_refuses_loses_nothing_and_is_soon_left_alone(stage: Stage, mode: str) -> None:
    hidden = stage.links(col(LinkCheck.hidden_at).is_not(None))
    stage.rehearsal.set_fault(SITE, mode)
    for day in (1, 2):
        found = stage.check(DAYS + day + 2 * MODES.index(mode))
        assert found.hidden_count == found.findings[LinkFinding.GONE] == 0 and found.findings.total() > 0
        assert mode == "robots" or found.findings.total() <= 10
    stage.rehearsal.set_fault(SITE, None)
    assert stage.links(col(LinkCheck.hidden_at).is_not(None)) == hidden


def test_the_site_counts_one_request_at_a_time_and_none_forbidden(stage: Stage) -> None:
    told = httpx.get(f"{stage.rehearsal.control}/__stats").json()
    seen = told.get("platforms", told)[SITE]
    assert seen["max_simultaneous"] == 1 and seen["disallowed"] == 0 and seen["requests"] > 1_000 * DAYS
