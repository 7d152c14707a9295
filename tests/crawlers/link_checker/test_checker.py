"""Days of checking over real HTTP: what is gone for days is hidden, what is found again comes back, a slip hides nothing."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import Engine
from sqlmodel import col, select

from crawlers.link_checker.checker import LinkCheckSummary, check_links
from crawlers.platform_files.loader import PlatformFile
from domain.common.enums import CloseReason, LegalBasis, LinkFinding, PlatformStatus, TaskKind
from domain.common.errors import UserError
from domain.db.engine import read_session, write_session
from domain.db.locks import hold_lock
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.link_check import LinkCheck
from domain.models.offer import Offer
from domain.models.task import Task
from domain.offers.availability import available_offers
from domain.runs.platforms import register_platform
from domain.tasks import close_task
from tests.crawlers.link_checker.conftest import FakeService
from tests.domain.builders import collect_run, link_entry, make_film, make_observation, make_rental

pytestmark = pytest.mark.usefixtures("rehearsing")
NOON, DAY = datetime(2026, 11, 22, 12, tzinfo=UTC), timedelta(days=1)
GONE, FINE = LinkFinding.GONE, LinkFinding.FINE


class Days:
    """Represent a service whose films are collected and linked, and days that pass."""

    def __init__(self, engine: Engine, service: FakeService, platform: PlatformFile, films: int) -> None:
        self.engine, self.service, self.platform, self.films = engine, service, platform, films
        self.now = NOON
        with write_session(engine) as session:
            session.add_all([make_film(number, f"Film {number}") for number in range(1, films + 1)])
        self.collect()
        with write_session(engine) as session:
            for entry in session.exec(select(Entry)).all():
                link_entry(session, entry, session.get_one(Film, int(entry.ref)))

    def collect(self) -> None:
        with write_session(self.engine) as session:
            lines = [
                make_observation(str(n), f"Film {n}", make_rental(url=f"{self.service.origin}/film/{n}"))
                for n in range(1, self.films + 1)
            ]
            collect_run(session, register_platform(session, self.platform.build_platform_facts()), lines, self.now)

    def put(self, status: int, *films: int) -> None:
        for number in films or range(1, self.films + 1):
            self.service.set_response(f"/film/{number}", status)

    def check(self, limit: int = 200) -> LinkCheckSummary:
        self.now += DAY
        with time_machine.travel(self.now, tick=True):
            return check_links(self.engine, self.platform, limit)

    def list_shown(self) -> list[int]:
        """Return the films that the public may see."""
        with read_session(self.engine) as session:
            at = self.now + timedelta(minutes=5)
            return [number for number in range(1, self.films + 1) if available_offers(session, number, at)]

    def link(self, number: int) -> LinkCheck:
        with read_session(self.engine) as session:
            return session.exec(select(LinkCheck).where(col(LinkCheck.url).endswith(f"/film/{number}"))).one()


@pytest.fixture
def days(sqlite_engine: Engine, service: FakeService, platform: PlatformFile) -> Days:
    days = Days(sqlite_engine, service, platform, 3)
    days.put(200)
    return days


def test_a_page_gone_three_days_is_hidden_and_comes_back_when_it_is_found(days: Days) -> None:
    days.put(404, 2)
    assert [days.check().hidden_count for _ in range(2)] == [0, 0] and days.list_shown() == [1, 2, 3]
    days.collect()
    assert days.check().hidden_count == 1 and days.list_shown() == [1, 3]
    days.collect()
    assert days.list_shown() == [1, 3], "a collection does not open again what leads nowhere"
    days.put(200, 2)
    days.check()
    assert days.link(2).hidden_at is None and days.list_shown() == [1, 3]
    days.collect()
    assert days.list_shown() == [1, 2, 3]
    with read_session(days.engine) as session:
        closed = session.exec(select(Offer).where(col(Offer.closed_at).is_not(None))).one()
        assert closed.closed_why == CloseReason.BROKEN_LINK


@pytest.mark.parametrize("slip", [500, 503, 403, 429, 200])
def test_a_failure_of_a_day_or_another_never_hides(days: Days, slip: int) -> None:
    days.put(404, 2)
    days.check()
    for _ in range(4):
        days.put(slip, 2)
        days.check()
    assert days.list_shown() == [1, 2, 3] and days.link(2).gone_days == (0 if slip == 200 else 1)


def test_faults_between_neither_count_nor_forget(days: Days) -> None:
    for status, hidden in ((404, 0), (500, 0), (404, 0), (403, 0), (404, 1)):
        days.put(status, 2)
        assert days.check().hidden_count == hidden


def test_twice_in_a_day_is_one_day(days: Days) -> None:
    days.put(404, 2)
    days.check()
    request_count = len(days.service.requests)
    days.now -= DAY
    assert days.check().format_summary() == "" and len(days.service.requests) == request_count and days.link(2).gone_days == 1


def test_a_service_that_changed_its_addresses_loses_nothing_until_an_agent_looks(
    sqlite_engine: Engine, service: FakeService, platform: PlatformFile
) -> None:
    days = Days(sqlite_engine, service, platform, 30)
    days.put(200)
    days.check()
    days.put(404, 1, 2, 3, 4)
    assert [days.check().hidden_count for _ in range(4)] == [0] * 4 and len(days.list_shown()) == 30
    with write_session(sqlite_engine) as session:
        (task,) = session.exec(select(Task)).all()
        assert task.kind is TaskKind.LINKS and "4 liens sur 30" in task.message
        close_task(session, task.id or 0, "ces films ont bien été retirés", days.now)
    assert days.check().hidden_count == 4 and len(days.list_shown()) == 26


def test_a_tenth_that_goes_at_once_is_believed(sqlite_engine: Engine, service: FakeService, platform: PlatformFile) -> None:
    days = Days(sqlite_engine, service, platform, 30)
    days.put(200)
    days.put(404, 1, 2, 3)
    assert sum(days.check().hidden_count for _ in range(3)) == 3


def test_the_budget_of_a_day_goes_to_what_was_gone_then_to_what_waited_longest(days: Days) -> None:
    days.put(404, 3)
    checked = []
    for _ in range(3):
        days.service.requests.clear()
        days.check(limit=2)
        checked.append([int(path.rpartition("/")[2]) for path in days.service.list_film_requests() if path.startswith("HEAD")])
    assert checked == [[1, 2], [3, 1], [3, 2]]


def test_a_service_that_is_asked_too_much_is_left_alone_for_the_day(days: Days) -> None:
    days.service.set_response("/film/1", 429, Retry_After="60")
    assert days.check().findings == {LinkFinding.REFUSED: 1}
    days.now -= DAY
    assert days.check().findings == {}
    days.put(200)
    assert days.check().findings[FINE] == 3


def test_a_service_that_fails_ten_times_in_a_row_is_left_alone_for_the_day(
    sqlite_engine: Engine, service: FakeService, platform: PlatformFile
) -> None:
    days = Days(sqlite_engine, service, platform, 15)
    days.put(500)
    assert days.check().format_summary() == "10 liens vérifiés : 10 en panne"
    assert len(days.service.list_film_requests()) == 10


def test_a_service_that_may_not_be_collected_is_asked_nothing(days: Days) -> None:
    legal = days.platform.legal.model_copy(update={"basis": LegalBasis.FORBIDDEN})
    night = days.platform.politeness.model_copy(update={"night": "01:00-02:00"})
    for changed, message in (
        ({"legal": legal}, "collecte interdite"),
        ({"status": PlatformStatus.PAUSED}, "suspendue"),
        ({"politeness": night}, "ses heures"),
    ):
        days.platform, open_platform = days.platform.model_copy(update=changed), days.platform
        with pytest.raises(UserError, match=message):
            days.check()
        days.platform = open_platform
    with hold_lock(days.engine, f"crawl-{days.platform.slug}", "pris"), pytest.raises(UserError, match="une collecte"):
        days.check()
    assert days.service.requests == []


def test_what_is_found_is_told_in_one_line(days: Days) -> None:
    days.put(404, 2)
    assert days.check().format_summary() == "3 liens vérifiés : 2 trouvés, 1 rompu"
    days.check()
    assert days.check().format_summary() == "3 liens vérifiés : 2 trouvés, 1 rompu ; 1 caché"
