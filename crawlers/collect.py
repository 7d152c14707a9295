"""One collection of one platform, from refusal or start to a settled run."""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from crawlers import process_runner
from crawlers.platform_files.loader import AnyFile, PlatformFile
from crawlers.platform_files.permission import require_collectable, require_ready, require_server, require_unpaused
from crawlers.politeness import LONGEST_RUN
from domain.common import settings
from domain.common.enums import Outcome, RunState
from domain.common.errors import Problem
from domain.db.engine import reading, writing
from domain.db.locks import hold
from domain.models.run import Run
from domain.runs.acceptance import settle
from domain.runs.platforms import register
from domain.runs.run_report import counting_line
from domain.runs.runs import INTERRUPTED, close_held, counts_of, find_run, last_accepted, open_run

Say = Callable[[str], None]
DEADLINE = LONGEST_RUN + 300
LOGS_KEPT = 30


def collect(
    engine: Engine, file: AnyFile, folder: Path, origin: str | None, progress: Say, *, deadline: float = DEADLINE,
    live: Say = lambda line: None,
) -> Run:  # fmt: skip
    """Collects a platform in a child process and settles the run, accepted or held.

    `folder` holds the platform's file; `origin` (« http://127.0.0.1:9301 ») replaces the server of its source, for a
    rehearsal; `deadline` is in seconds; `live` hears a counting line every two seconds. Raises Problem when the platform may
    not be collected; nothing is asked of it then, but it is registered: what a closed one showed must leave the site.
    """
    if origin is not None:
        require_server(origin)
    with hold(engine, f"crawl-{file.slug}", f"{file.slug} : une collecte de cette plateforme est déjà en cours"):
        with writing(engine) as session:
            registered = register(session, file.facts())
        platform = require_collectable(file, origin)
        require_ready(platform, origin)
        with writing(engine) as session:
            require_unpaused(session, registered)
            run = open_run(session, registered, datetime.now(UTC))
            last = last_accepted(session, run.platform_id)
        run_id = run.id
        assert run_id is not None
        log = _new_log(platform.slug, run_id)
        progress(f"{platform.name} : collecte {run_id} en cours (journal : {log})")
        death: str | None = INTERRUPTED
        try:
            words = [str(run_id), platform.slug, str(folder), *([origin] if origin else [])]
            with process_runner.start(engine, words, log) as process, ExitStack() as ending:
                ending.callback(process_runner.end, process)
                watch = _watch(engine, run, counts_of(last).rows if last else None, live)
                death = process_runner.wait(process, watch, deadline)
        finally:
            run = _end(engine, run_id, platform, death and f"{death} (journal : {log.name})")
    return run


def _new_log(slug: str, run_id: int) -> Path:
    """The place of a run's log; the oldest logs of the platform make room. Raises Problem when it cannot be written."""
    folder = settings.VAR / "logs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        logs = sorted(folder.glob(f"{slug}-[0-9]*.*log*"), key=lambda path: path.stat().st_mtime)
        for old in logs[: -2 * LOGS_KEPT]:  # two files a run: the collector's own words, and the issues
            old.unlink()
    except OSError as error:
        raise Problem(f"{folder} : impossible à écrire ({error.strerror})") from None
    return folder / f"{slug}-{run_id}.log"


def _watch(engine: Engine, run: Run, expected: int | None, live: Say) -> Callable[[], None]:
    def look() -> None:
        with suppress(Problem), reading(engine) as session:  # a busy database is no reason to end a collection
            counts = counts_of(find_run(session, run.id or 0))
            live(counting_line(counts, expected, (datetime.now(UTC) - run.started).total_seconds()))

    return look


def _end(engine: Engine, run_id: int, platform: PlatformFile, death: str | None) -> Run:
    """Settles the run in one transaction; one whose child left no account of itself is held as failed."""
    now = datetime.now(UTC)
    with writing(engine) as session:
        run = find_run(session, run_id)
        if run.state is not RunState.OPEN:
            return run
        if death or run.outcome is None:
            close_held(session, run, Outcome.FAILED, death or "le collecteur n'a pas rendu compte", now)
        else:
            settle(session, run, platform.expect, run.outcome, now)
        return run
