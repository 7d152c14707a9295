"""Run what is due, one thing at a time: collect, match, check links, draw audits, delete old rows, export open data."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import itemgetter
from pathlib import Path
from time import monotonic

from apscheduler.schedulers.blocking import BlockingScheduler
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from crawlers.collect import DEADLINE, collect_platform
from crawlers.link_checker.checker import LinkCheckSummary, check_links
from crawlers.platform_files.loader import PlatformFile, get_collection_obstacle
from crawlers.platform_files.register import sync_platforms
from domain.common.enums import RunState
from domain.common.errors import UserError
from domain.common.paris_time import PARIS, get_paris_date, get_seconds_left, is_window_open
from domain.common.progress import ProgressCallback
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
from matcher.incremental.state import get_last_full_pass
from matcher.match_database import match_database
from opendata.export import export_nightly

INTERVAL_MINUTES = 5
RECENT_ACCEPTANCE = timedelta(minutes=3 * INTERVAL_MINUTES)
"""Longer than from the start of one pass that does not collect to the end of the next."""
FULL_MATCH_HOUR = 3
"""The hour, in Paris, from which the matcher decides again even what nothing changed."""
LINKS_SECONDS = 240.0
"""How long links are checked in a pass: what is due to be collected does not wait long."""


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
    """List the platforms that may be collected now: nothing forbids it, no agent has to act first, and their night has come."""
    with read_session(engine) as session:
        paused = {platform.slug for platform in session.exec(select(Platform)) if is_collection_paused(session, platform)}
    permitted = [file for file in platforms if get_collection_obstacle(file) is None and file.slug not in paused]
    return [file for file in permitted if is_window_open(file.politeness.night, now)]


def run_pass(engine: Engine, folder: Path, progress: ProgressCallback) -> None:
    """Collect the platforms that are due, match, check links, draw the week's audits, and delete what is old."""
    platforms = _load_platforms(engine, folder, progress)
    due_platforms = list_due_platforms(engine, platforms, datetime.now(UTC))
    for platform in due_platforms:
        _collect_platform(engine, platform, folder, progress)
    full = is_full_match_due(get_last_full_pass(engine), datetime.now(UTC))
    if full or due_platforms or _has_recent_acceptance(engine):
        progress(match_database(engine, progress, full=full).format_summary())
    links_summary = _check_links(engine, platforms, progress).format_summary()
    if links_summary:
        progress(links_summary)
    with write_session(engine) as session:
        now = datetime.now(UTC)
        audit_count = sample_audit_cases(session, now).total()
        if audit_count:
            progress(f"{format_count(audit_count, 'décision tirée')} au hasard, à contrôler")
        _delete_old_rows(session, now)


def is_full_match_due(last_at: datetime | None, now: datetime) -> bool:
    """Tell whether every entry is to be decided again: once a day, from FULL_MATCH_HOUR in Paris.

    Without a trace of the last time, the next match is a full one anyway.
    """
    is_done = last_at is None or get_paris_date(last_at) == get_paris_date(now)
    return not is_done and now.astimezone(PARIS).hour >= FULL_MATCH_HOUR


def _load_platforms(engine: Engine, folder: Path, progress: ProgressCallback) -> list[PlatformFile]:
    """Load the platforms that we collect; a faulty file is reported, and stops only its own platform."""
    return [file for file in sync_platforms(engine, folder, progress) if isinstance(file, PlatformFile)]


def _collect_platform(engine: Engine, platform: PlatformFile, folder: Path, progress: ProgressCallback) -> None:
    """Collect a platform and report how its run ended; one that cannot be collected does not stop the others."""
    try:
        run = collect_platform(engine, platform, folder, None, progress, deadline=_get_time_limit(platform))
    except UserError as error:
        progress(f"{platform.name} : {error}")
        return
    progress(f"{platform.name} : {format_run(run)}")


def _get_time_limit(platform: PlatformFile) -> float:
    """Return the seconds that a run may last: the end of the platform's night ends it too."""
    seconds_left = get_seconds_left(platform.politeness.night, datetime.now(UTC))
    return DEADLINE if seconds_left is None else min(DEADLINE, seconds_left)


def _has_recent_acceptance(engine: Engine) -> bool:
    """Tell whether a catalogue came in otherwise since the last passes: posted by its editor, or accepted by an agent."""
    accepted_since = datetime.now(UTC) - RECENT_ACCEPTANCE
    stmt = select(Run.id).where(col(Run.state) == RunState.ACCEPTED, col(Run.ended_at) > accepted_since).limit(1)
    with read_session(engine) as session:
        return session.exec(stmt).first() is not None


def _check_links(engine: Engine, platforms: list[PlatformFile], progress: ProgressCallback) -> LinkCheckSummary:
    """Check the links of one service after the other, for as long as a pass may."""
    deadline = monotonic() + LINKS_SECONDS
    summary = LinkCheckSummary()
    for platform in list_collectable_platforms(engine, platforms, datetime.now(UTC)):
        seconds_left = deadline - monotonic()
        if seconds_left <= 0:
            break
        try:
            summary += check_links(engine, platform, seconds=seconds_left)
        except UserError as error:
            progress(f"{platform.name} : {error}")
    return summary


def _delete_old_rows(session: Session, now: datetime) -> None:
    """Delete or empty what is kept for a limited time only."""
    erase_report_messages(session, now)
    erase_unfound_titles(session, now)
    delete_old_counts(session, now)
    delete_old_checks(session, now)


def run_schedule(engine: Engine, folder: Path, once: bool, progress: ProgressCallback) -> None:
    """Run a pass every few minutes until stopped, or a single one.

    Raises UserError when another scheduler serves this database; with `once`, also when a part of the pass fails.
    """
    with hold_lock(engine, SCHEDULER_LOCK, "un autre planificateur travaille déjà sur cette base"):
        if once:
            for job in _list_jobs(engine, folder, progress):
                job()
            return
        scheduler = BlockingScheduler(timezone="Europe/Paris")
        scheduler.add_job(
            _run_jobs_safely, "interval", (engine, folder, progress), minutes=INTERVAL_MINUTES,
            next_run_time=datetime.now(UTC), max_instances=1, coalesce=True, misfire_grace_time=3600,
        )  # fmt: skip
        interval = f"une vérification toutes les {INTERVAL_MINUTES} minutes"
        progress(f"planificateur en marche : {folder}, {interval} (Ctrl-C pour arrêter)")
        scheduler.start()


def _list_jobs(engine: Engine, folder: Path, progress: ProgressCallback) -> tuple[Callable[[], None], ...]:
    """List what is done at each interval, one after the other."""
    export = partial(export_nightly, engine, get_settings().open_data, datetime.now(UTC), progress)
    return partial(run_pass, engine, folder, progress), export


def _run_jobs_safely(engine: Engine, folder: Path, progress: ProgressCallback) -> None:
    """Run the jobs; one that fails, on a database out of reach for instance, is reported and tried again at the next interval."""
    for job in _list_jobs(engine, folder, progress):
        try:
            job()
        except UserError as error:
            progress(str(error))
