"""The clock: collects what is due, matches, checks links, draws checks, exports open data each night; one thing at a time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import itemgetter
from pathlib import Path
from time import monotonic

from apscheduler.schedulers.blocking import BlockingScheduler
from sqlalchemy import Engine
from sqlmodel import col, select

from crawlers.collect import DEADLINE, collect_platform
from crawlers.link_checker.checker import LinkCheckSummary, check_links
from crawlers.platform_files.loader import PlatformFile, get_collection_obstacle
from crawlers.platform_files.register import sync_platforms
from domain.common.enums import RunState
from domain.common.errors import UserError
from domain.common.paris_time import get_seconds_left, is_window_open
from domain.common.settings import get_settings
from domain.common.text import format_count
from domain.db.engine import read_session, write_session
from domain.db.locks import SCHEDULER_LOCK, hold_lock
from domain.models.platform import Platform
from domain.models.run import Run
from domain.monitoring.link_checks import delete_old_checks
from domain.partners.stats import delete_old_counts
from domain.reports.replies import erase_report_messages, erase_unfound_titles
from domain.review.sampling import sample_audit_cases
from domain.runs.crawl_requests import get_due_at, get_last_run_start, get_pending_request
from domain.runs.runs import format_run
from domain.tasks import is_collection_paused
from matcher.match_database import match_database
from opendata.export import export_nightly

INTERVAL_MINUTES = 5
RECENT = timedelta(minutes=3 * INTERVAL_MINUTES)
"""Longer than from one pass that does not collect to the end of the next."""
LINKS_SECONDS = 240.0
"""How long links are checked in a pass: what is due to be collected does not wait long."""
Progress = Callable[[str], None]


def list_due_platforms(engine: Engine, platforms: list[PlatformFile], now: datetime) -> list[PlatformFile]:
    """List the platforms to collect now: those that an agent asked for, then those that are due, the longest waiting first."""
    with read_session(engine) as session:
        registered = {platform.slug: platform for platform in session.exec(select(Platform))}
        last_runs = {slug: get_last_run_start(session, platform) for slug, platform in registered.items()}
    requested: list[tuple[datetime, PlatformFile]] = []
    due: list[tuple[datetime, PlatformFile]] = []
    for file in list_collectable_platforms(engine, platforms, now):
        last_run_at = last_runs.get(file.slug)
        requested_at = get_pending_request(registered[file.slug], last_run_at) if file.slug in registered else None
        due_at = get_due_at(file.every_hours, last_run_at)
        if requested_at is not None:
            requested.append((requested_at, file))
        elif due_at <= now:
            due.append((last_run_at or due_at, file))
    return [file for queue in (requested, due) for _, file in sorted(queue, key=itemgetter(0))]


def list_collectable_platforms(engine: Engine, platforms: list[PlatformFile], now: datetime) -> list[PlatformFile]:
    """The platforms that may be asked now: nothing forbids it, no agent is expected first, and their night has come."""
    with read_session(engine) as session:
        paused = {platform.slug for platform in session.exec(select(Platform)) if is_collection_paused(session, platform)}
    return [
        p
        for p in platforms
        if get_collection_obstacle(p) is None and p.slug not in paused and is_window_open(p.politeness.night, now)
    ]


def _load_platforms(engine: Engine, folder: Path, say: Progress) -> list[PlatformFile]:
    """The platforms that we collect; a faulty file is told, and stops only its own platform."""
    return [file for file in sync_platforms(engine, folder, say) if isinstance(file, PlatformFile)]


def _get_time_limit(platform: PlatformFile) -> float:
    """Seconds that a run may last: the end of the platform's night ends it too."""
    left = get_seconds_left(platform.politeness.night, datetime.now(UTC))
    return DEADLINE if left is None else min(DEADLINE, left)


def run_pass(engine: Engine, folder: Path, say: Progress) -> None:
    """Collects the platforms that are due, one after the other, matches, checks links; draws the checks of the week, forgets."""
    platforms = _load_platforms(engine, folder, say)
    waiting = list_due_platforms(engine, platforms, datetime.now(UTC))
    for platform in waiting:
        try:
            run = collect_platform(engine, platform, folder, None, say, deadline=_get_time_limit(platform))
        except UserError as problem:
            say(f"{platform.name} : {problem}")
            continue
        say(f"{platform.name} : {format_run(run)}")
    if waiting or _has_recent_acceptance(engine):
        say(match_database(engine, say).format_summary())
    if told := _check_links(engine, platforms, say).format_summary():
        say(told)
    with write_session(engine) as session:
        if drawn := sample_audit_cases(session, datetime.now(UTC)).total():
            say(f"{format_count(drawn, 'décision tirée')} au hasard, à contrôler")
        erase_report_messages(session, datetime.now(UTC))
        erase_unfound_titles(session, datetime.now(UTC))
        delete_old_counts(session, datetime.now(UTC))
        delete_old_checks(session, datetime.now(UTC))


def _has_recent_acceptance(engine: Engine) -> bool:
    """Whether a catalogue came in by other doors since the last passes: posted by its editor, or accepted by an agent."""
    asked = select(Run.id).where(col(Run.state) == RunState.ACCEPTED, col(Run.ended_at) > datetime.now(UTC) - RECENT)
    with read_session(engine) as session:
        return session.exec(asked.limit(1)).first() is not None


def _check_links(engine: Engine, platforms: list[PlatformFile], say: Progress) -> LinkCheckSummary:
    """Checks the links of one service after the other, while the time of a pass lasts."""
    started, found = monotonic(), LinkCheckSummary()
    for platform in list_collectable_platforms(engine, platforms, datetime.now(UTC)):
        left = LINKS_SECONDS - (monotonic() - started)
        if left <= 0:
            break
        try:
            found += check_links(engine, platform, seconds=left)
        except UserError as problem:
            say(f"{platform.name} : {problem}")
    return found


def run_schedule(engine: Engine, folder: Path, once: bool, say: Progress) -> None:
    """Runs the clock until stopped (or one pass). Raises Problem when another scheduler serves this database."""
    with hold_lock(engine, SCHEDULER_LOCK, "un autre planificateur travaille déjà sur cette base"):
        if once:
            for work in _list_jobs(engine, folder, say):
                work()
            return
        clock = BlockingScheduler(timezone="Europe/Paris")
        clock.add_job(
            _run_jobs_safely, "interval", (engine, folder, say), minutes=INTERVAL_MINUTES, next_run_time=datetime.now(UTC),
            max_instances=1, coalesce=True, misfire_grace_time=3600,
        )  # fmt: skip
        say(f"planificateur en marche : {folder}, une vérification toutes les {INTERVAL_MINUTES} minutes (Ctrl-C pour arrêter)")
        clock.start()


def _list_jobs(engine: Engine, folder: Path, say: Progress) -> tuple[Callable[[], None], ...]:
    """What a pass does, one thing after the other."""
    export = partial(export_nightly, engine, get_settings().open_data, datetime.now(UTC), say)
    return partial(run_pass, engine, folder, say), export


def _run_jobs_safely(engine: Engine, folder: Path, say: Progress) -> None:
    """A storage fault now must not stop the clock: it is said, and the next pass tries again."""
    for work in _list_jobs(engine, folder, say):
        try:
            work()
        except UserError as problem:
            say(str(problem))
