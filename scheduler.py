"""The clock: collects what is due, matches, checks links, draws checks, exports open data each night; one thing at a time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic

from apscheduler.schedulers.blocking import BlockingScheduler
from sqlalchemy import Engine
from sqlmodel import col, select

from crawlers.collect import DEADLINE, collect
from crawlers.link_checker.checker import Checked, check_links
from crawlers.platform_files.loader import PlatformFile, obstacle
from crawlers.platform_files.register import bring_in
from domain.common.enums import RunState
from domain.common.errors import Problem
from domain.common.paris_time import in_window, seconds_left
from domain.common.settings import open_data_folder
from domain.common.text import counted
from domain.db.engine import reading, writing
from domain.db.locks import hold
from domain.models.platform import Platform
from domain.models.run import Run
from domain.monitoring.link_checks import erase_checks
from domain.partners.stats import erase_old_counts
from domain.reports.replies import erase_messages, erase_titles
from domain.review.sampling import draw_checks
from domain.runs.crawl_requests import last_start
from domain.runs.runs import tell_run
from domain.tasks import is_paused
from matcher.match_database import match_database
from opendata.export import export_nightly

EVERY_MINUTES = 5
LATELY = timedelta(minutes=3 * EVERY_MINUTES)
"""Longer than from one pass that does not collect to the end of the next."""
LINKS_SECONDS = 240.0
"""How long links are checked in a pass: what is due to be collected does not wait long."""
Say = Callable[[str], None]


def due(engine: Engine, platforms: list[PlatformFile], now: datetime) -> list[PlatformFile]:
    """The platforms whose night has come, asked for by an agent, then whose last run began longer ago than their file says.

    Those asked for, or waiting, the longest come first.
    """
    never = datetime.min.replace(tzinfo=UTC)
    with reading(engine) as session:
        known = session.exec(select(Platform)).all()
        last = {platform.slug: last_start(session, platform) or never for platform in known}
    asked = {row.slug: row.wanted for row in known if row.wanted is not None and row.wanted > last[row.slug]}
    may_be = free(engine, platforms, now)
    old = [p for p in may_be if p.slug not in asked and now - last.get(p.slug, never) >= timedelta(hours=p.every_hours)]
    wanted = sorted((p for p in may_be if p.slug in asked), key=lambda platform: asked[platform.slug])
    return wanted + sorted(old, key=lambda platform: last.get(platform.slug, never))


def free(engine: Engine, platforms: list[PlatformFile], now: datetime) -> list[PlatformFile]:
    """The platforms that may be asked now: nothing forbids it, no agent is expected first, and their night has come."""
    with reading(engine) as session:
        paused = {platform.slug for platform in session.exec(select(Platform)) if is_paused(session, platform)}
    return [p for p in platforms if obstacle(p) is None and p.slug not in paused and in_window(p.politeness.night, now)]


def _read_register(engine: Engine, folder: Path, say: Say) -> list[PlatformFile]:
    """The platforms that we collect; a faulty file is told, and stops only its own platform."""
    return [file for file in bring_in(engine, folder, say) if isinstance(file, PlatformFile)]


def _time_allowed(platform: PlatformFile) -> float:
    """Seconds that a run may last: the end of the platform's night ends it too."""
    left = seconds_left(platform.politeness.night, datetime.now(UTC))
    return DEADLINE if left is None else min(DEADLINE, left)


def run_due(engine: Engine, folder: Path, say: Say) -> None:
    """Collects the platforms that are due, one after the other, matches, checks links; draws the checks of the week, forgets."""
    platforms = _read_register(engine, folder, say)
    waiting = due(engine, platforms, datetime.now(UTC))
    for platform in waiting:
        try:
            run = collect(engine, platform, folder, None, say, deadline=_time_allowed(platform))
        except Problem as problem:
            say(f"{platform.name} : {problem}")
            continue
        say(f"{platform.name} : {tell_run(run)}")
    if waiting or _accepted_lately(engine):
        say(match_database(engine, say).sentence())
    if told := _check_links(engine, platforms, say).sentence():
        say(told)
    with writing(engine) as session:
        if drawn := draw_checks(session, datetime.now(UTC)).total():
            say(f"{counted(drawn, 'décision tirée')} au hasard, à contrôler")
        erase_messages(session, datetime.now(UTC))
        erase_titles(session, datetime.now(UTC))
        erase_old_counts(session, datetime.now(UTC))
        erase_checks(session, datetime.now(UTC))


def _accepted_lately(engine: Engine) -> bool:
    """Whether a catalogue came in by other doors since the last passes: posted by its editor, or accepted by an agent."""
    asked = select(Run.id).where(col(Run.state) == RunState.ACCEPTED, col(Run.ended) > datetime.now(UTC) - LATELY)
    with reading(engine) as session:
        return session.exec(asked.limit(1)).first() is not None


def _check_links(engine: Engine, platforms: list[PlatformFile], say: Say) -> Checked:
    """Checks the links of one service after the other, while the time of a pass lasts."""
    started, found = monotonic(), Checked()
    for platform in free(engine, platforms, datetime.now(UTC)):
        left = LINKS_SECONDS - (monotonic() - started)
        if left <= 0:
            break
        try:
            found += check_links(engine, platform, seconds=left)
        except Problem as problem:
            say(f"{platform.name} : {problem}")
    return found


def run_schedule(engine: Engine, folder: Path, once: bool, say: Say) -> None:
    """Runs the clock until stopped (or one pass). Raises Problem when another scheduler serves this database."""
    with hold(engine, "schedule", "un autre planificateur travaille déjà sur cette base"):
        if once:
            for work in _works(engine, folder, say):
                work()
            return
        clock = BlockingScheduler(timezone="Europe/Paris")
        clock.add_job(
            _pass_or_say, "interval", (engine, folder, say), minutes=EVERY_MINUTES, next_run_time=datetime.now(UTC),
            max_instances=1, coalesce=True, misfire_grace_time=3600,
        )  # fmt: skip
        say(f"planificateur en marche : {folder}, une vérification toutes les {EVERY_MINUTES} minutes (Ctrl-C pour arrêter)")
        clock.start()


def _works(engine: Engine, folder: Path, say: Say) -> tuple[Callable[[], None], ...]:
    """What a pass does, one thing after the other."""
    export = partial(export_nightly, engine, open_data_folder(), datetime.now(UTC), say)
    return partial(run_due, engine, folder, say), export


def _pass_or_say(engine: Engine, folder: Path, say: Say) -> None:
    """A storage fault now must not stop the clock: it is said, and the next pass tries again."""
    for work in _works(engine, folder, say):
        try:
            work()
        except Problem as problem:
            say(str(problem))
