"""The clock: what is due, one scheduler at a time."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import Engine
from sqlmodel import select

from crawlers.platform_files.loader import PlatformFile
from crawlers.platform_files.register import list_platform_files
from domain.common.enums import Complaint, LegalBasis, LinkFinding, PlatformStatus, TaskKind
from domain.common.environment import DATA
from domain.common.errors import UserError
from domain.common.paris_time import PARIS
from domain.db.engine import write_session
from domain.db.locks import hold_lock
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.link_check import LinkCheck
from domain.models.platform import Platform
from domain.models.public_use import UnfoundTitle
from domain.models.reader_report import ReaderReport
from domain.monitoring.link_checks import record_link_check
from domain.runs.crawl_requests import request_run
from domain.runs.platforms import register_platform
from domain.runs.runs import open_run
from domain.tasks import close_task, open_task
from opendata.manifest import list_exported_days
from scheduler import is_full_match_due, list_due_platforms, run_schedule
from tests.crawlers.conftest import WriteFile
from tests.crawlers.conftest import rehearsing as rehearsing
from tests.crawlers.conftest import write_file as write_file
from tests.crawlers.link_checker.conftest import FakeService
from tests.crawlers.link_checker.conftest import service as service
from tests.domain.builders import collect_run, link_entry, make_film, make_observation, make_platform, make_rental
from tests.domain.review_scene import make_agent
from tests.forked_launch import launch_forked

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def platforms() -> list[PlatformFile]:
    """The demonstration's platforms: allowed, and due every day."""
    return list_collected_files(DATA / "demo" / "platforms")


def list_collected_files(folder: Path) -> list[PlatformFile]:
    return [file for file in list_platform_files(folder).files if isinstance(file, PlatformFile)]


def start_run(engine: Engine, platform: PlatformFile, at: datetime) -> None:
    with write_session(engine) as session:
        open_run(session, register_platform(session, platform.build_platform_facts()), at)


def test_what_was_never_collected_comes_first_and_what_is_fresh_waits(engine: Engine, platforms: list[PlatformFile]) -> None:
    fresh, stale, *never = platforms
    start_run(engine, fresh, NOW - timedelta(hours=23))
    start_run(engine, stale, NOW - timedelta(hours=25))
    assert [platform.slug for platform in list_due_platforms(engine, platforms, NOW)] == [*(p.slug for p in never), stale.slug]


def test_platforms_that_are_blocked_are_never_due(sqlite_engine: Engine) -> None:
    real = [file for file in list_collected_files(DATA / "platforms") if file.legal.blocked]
    assert real and list_due_platforms(sqlite_engine, real, NOW) == []


def test_a_platform_of_the_night_waits_for_it(sqlite_engine: Engine, platforms: list[PlatformFile]) -> None:
    courtesy = platforms[0].politeness.model_copy(update={"night": "01:00-06:00"})
    owl = platforms[0].model_copy(update={"politeness": courtesy})
    assert list_due_platforms(sqlite_engine, [owl], NOW) == []
    assert list_due_platforms(sqlite_engine, [owl], NOW.replace(hour=2)) == [owl]


def test_a_platform_whose_robots_changed_waits_for_an_agent(engine: Engine, platforms: list[PlatformFile]) -> None:
    file = platforms[0].model_copy(update={"legal": platforms[0].legal.model_copy(update={"basis": LegalBasis.OPEN})})
    with write_session(engine) as session:
        row = register_platform(session, file.build_platform_facts())
        assert row.id is not None
        task = open_task(session, row.id, TaskKind.ROBOTS, "robots.txt a changé", NOW)
        assert task.id is not None
    assert list_due_platforms(engine, [file], NOW) == []
    with write_session(engine) as session:
        close_task(session, task.id, "relu, rien de nouveau", NOW)
    assert list_due_platforms(engine, [file], NOW) == [file]


def test_a_pass_brings_known_platforms_up_to_date(sqlite_engine: Engine, platforms: list[PlatformFile], tmp_path: Path) -> None:
    with write_session(sqlite_engine) as session:
        register_platform(session, platforms[0].build_platform_facts())
    text = (DATA / "demo" / "platforms" / f"{platforms[0].slug}.toml").read_text("utf-8")
    for slug in (platforms[0].slug, "jamais-vue"):
        (tmp_path / f"{slug}.toml").write_text('status = "closed"\n' + text, "utf-8")
    run_schedule(sqlite_engine, tmp_path, once=True, progress=print)
    with write_session(sqlite_engine) as session:
        assert [(row.slug, row.status) for row in session.exec(select(Platform))] == [(platforms[0].slug, PlatformStatus.CLOSED)]


def test_a_faulty_file_stops_its_own_platform_only(sqlite_engine: Engine, tmp_path: Path) -> None:
    good = (DATA / "demo" / "platforms" / "cine-demo.toml").read_text("utf-8")
    (tmp_path / "cine-demo.toml").write_text('status = "closed"\n' + good, "utf-8")
    (tmp_path / "faux.toml").write_text(good.replace("operator", "operater"), "utf-8")
    messages: list[str] = []
    run_schedule(sqlite_engine, tmp_path, once=True, progress=messages.append)
    assert len(messages) == 1 and messages[0].startswith("faux.toml : operat")


def test_a_second_scheduler_refuses_to_start(engine: Engine, tmp_path: Path) -> None:
    with hold_lock(engine, "schedule", "pris"), pytest.raises(UserError, match="un autre planificateur"):
        run_schedule(engine, tmp_path, once=True, progress=print)


def test_a_pass_with_nothing_due_does_no_work(sqlite_engine: Engine, tmp_path: Path) -> None:
    messages: list[str] = []
    run_schedule(sqlite_engine, tmp_path, once=True, progress=messages.append)
    assert messages == []


@pytest.mark.parametrize(("ago", "matches"), [(timedelta(minutes=9), True), (timedelta(hours=1), False)])
def test_a_catalogue_that_came_in_by_another_door_is_matched(
    sqlite_engine: Engine, tmp_path: Path, ago: timedelta, matches: bool
) -> None:
    """An agent accepted it, or its editor posted it: no pass collected it."""
    with write_session(sqlite_engine) as session:
        session.add(make_film(1, "Playtime", 1967))
        collect_run(
            session,
            make_platform(session),
            [make_observation("1", "Playtime", make_rental(), year=1967)],
            datetime.now(UTC) - ago,
        )
    run_schedule(sqlite_engine, tmp_path, once=True, progress=print)
    with write_session(sqlite_engine) as session:
        assert (session.exec(select(Judgement)).first() is not None) is matches


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, "2026-11-22T04:00", False),
        ("2026-11-21T04:00", "2026-11-22T02:59", False),
        ("2026-11-21T04:00", "2026-11-22T03:00", True),
        ("2026-11-21T23:30", "2026-11-22T10:00", True),
        ("2026-11-22T03:00", "2026-11-22T23:00", False),
    ],
)
def test_every_entry_is_decided_again_once_a_day_from_three_in_paris(last: str | None, now: str, due: bool) -> None:
    last_at = datetime.fromisoformat(last).replace(tzinfo=PARIS) if last else None
    assert is_full_match_due(last_at, datetime.fromisoformat(now).replace(tzinfo=PARIS)) is due


def test_the_clock_decides_every_entry_again_the_next_night(sqlite_engine: Engine, tmp_path: Path) -> None:
    with write_session(sqlite_engine) as session:
        collect_run(session, make_platform(session), [make_observation("1", "Playtime")], NOW)
    messages: list[str] = []
    for moment in (NOW, NOW + timedelta(hours=15), NOW + timedelta(hours=16)):
        with time_machine.travel(moment, tick=True):
            run_schedule(sqlite_engine, tmp_path, once=True, progress=messages.append)
    assert [message for message in messages if "décider" in message] == ["1 entrée, toutes à décider"] * 2


def test_one_pass_exports_too(sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "donnees"
    monkeypatch.setenv("OUVOIR_OPEN_DATA", str(folder))
    (tmp_path / "platforms").mkdir()
    with write_session(sqlite_engine) as session:
        collect_run(session, make_platform(session), [make_observation("1", "Playtime", make_rental())], NOW)
    with time_machine.travel(NOW, tick=True):
        run_schedule(sqlite_engine, tmp_path / "platforms", once=True, progress=print)
    assert list_exported_days(folder) == [NOW.date()]


def test_a_platform_that_cannot_be_collected_does_not_stop_the_pass(
    sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loopback is refused here, so that both collections fail, and both are told."""
    monkeypatch.delenv("OUVOIR_ALLOW_LOOPBACK", raising=False)
    monkeypatch.setattr("crawlers.process_runner.launch_module", launch_forked)
    for slug in ("cine-demo", "replay-fictif"):
        text = (DATA / "demo" / "platforms" / f"{slug}.toml").read_text("utf-8")
        (tmp_path / f"{slug}.toml").write_text(re.sub(r"https://[a-z-]+\.example", "http://127.0.0.1:9", text), "utf-8")
    messages: list[str] = []
    run_schedule(sqlite_engine, tmp_path, once=True, progress=messages.append)
    assert len([message for message in messages if "en attente" in message and "adresse locale refusée" in message]) == 2


def test_the_clock_draws_the_checks_of_the_week_once(engine: Engine, tmp_path: Path) -> None:
    with write_session(engine) as session:
        collect_run(session, make_platform(session), [make_observation("1", "Playtime", make_rental())], NOW)
        session.add(make_film(1, "Playtime"))
        session.flush()
        link_entry(session, session.exec(select(Entry)).one(), session.get_one(Film, 1))
    messages: list[str] = []
    for _ in range(2):
        run_schedule(engine, tmp_path, once=True, progress=messages.append)
    assert messages == ["1 décision tirée au hasard, à contrôler"]


def test_the_clock_forgets_what_readers_wrote_a_year_after_the_answer(engine: Engine, tmp_path: Path) -> None:
    old = datetime.now(UTC) - timedelta(days=366)
    with write_session(engine) as session:
        session.add(UnfoundTitle(key="dune 3", day=old.date(), count=3))
        for number, decided in (("R-222-222", old), ("R-333-333", None)):
            session.add(
                ReaderReport(number=number, complaint=Complaint.OTHER, message="mon texte", received_at=old, decided_at=decided)
            )
    run_schedule(engine, tmp_path, True, lambda _: None)
    with write_session(engine) as session:
        stored_messages = {report.number: report.message for report in session.exec(select(ReaderReport))}
        assert session.exec(select(UnfoundTitle)).all() == []
    assert stored_messages == {"R-222-222": "", "R-333-333": "mon texte"}


def test_what_an_agent_asks_for_comes_first_but_only_in_its_night(engine: Engine, platforms: list[PlatformFile]) -> None:
    owl = platforms[0].model_copy(update={"politeness": platforms[0].politeness.model_copy(update={"night": "01:00-06:00"})})
    requested, *others = (owl, *platforms[1:])
    for platform in (owl, *others):
        start_run(engine, platform, NOW - timedelta(hours=25))
    with write_session(engine) as session:
        platform_row = session.exec(select(Platform).where(Platform.slug == requested.slug)).one()
        agent = make_agent(session)
        request_run(session, platform_row, agent, NOW - timedelta(hours=2))
    slugs = [platform.slug for platform in others]
    assert [platform.slug for platform in list_due_platforms(engine, [*others, requested], NOW)] == slugs
    assert [platform.slug for platform in list_due_platforms(engine, [*others, requested], NOW.replace(hour=2))] == [
        requested.slug
    ]
    start_run(engine, requested, NOW - timedelta(hours=1))
    assert list_due_platforms(engine, [requested], NOW.replace(hour=2)) == []


@pytest.fixture
def service_file(write_file: WriteFile) -> PlatformFile:
    return write_file(changes={'hosts = ["films.example"]': 'hosts = ["127.0.0.1"]'})


def offer_film(engine: Engine, service: FakeService, file: PlatformFile) -> None:
    """A film that a service shows, at a page that it does not have."""
    with write_session(engine) as session:
        registered = register_platform(session, file.build_platform_facts())
        session.add(make_film(1, "Playtime"))
        an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
        collect_run(session, registered, [make_observation("1", "Playtime", make_rental(url=f"{service.origin}/1"))], an_hour_ago)
        link_entry(session, session.exec(select(Entry)).one(), session.get_one(Film, 1))


@pytest.mark.usefixtures("rehearsing")
def test_the_clock_checks_links_after_its_collections_and_says_so_in_one_line(
    sqlite_engine: Engine, tmp_path: Path, service: FakeService, service_file: PlatformFile
) -> None:
    with write_session(sqlite_engine) as session:
        platform_row = register_platform(session, service_file.build_platform_facts())
        assert platform_row.id is not None
        record_link_check(session, platform_row.id, "https://films.example/", LinkFinding.FINE, 200, NOW - timedelta(days=400))
    offer_film(sqlite_engine, service, service_file)
    messages: list[str] = []
    for _ in range(2):
        run_schedule(sqlite_engine, tmp_path, once=True, progress=messages.append)
    assert [message for message in messages if "vérifié" in message] == ["1 lien vérifié : 1 rompu"]
    with write_session(sqlite_engine) as session:
        assert [check.url for check in session.exec(select(LinkCheck))] == [f"{service.origin}/1"], "old ones are forgotten"


@pytest.mark.usefixtures("rehearsing")
def test_the_clock_spends_no_more_than_its_time_on_links(
    sqlite_engine: Engine, tmp_path: Path, service: FakeService, service_file: PlatformFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler.LINKS_SECONDS", 0.0)
    offer_film(sqlite_engine, service, service_file)
    run_schedule(sqlite_engine, tmp_path, once=True, progress=print)
    assert service.requests == []
