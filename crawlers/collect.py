"""One collection of one platform, from refusal or start to a settled run."""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from crawlers import process_runner
from crawlers.platform_files.loader import AnyPlatformFile, PlatformFile
from crawlers.platform_files.permission import require_collectable, require_credentials, require_unpaused, require_valid_origin
from crawlers.politeness import MAX_RUN_SECONDS
from domain.common.enums import HoldCode, Outcome, RunState
from domain.common.errors import UserError
from domain.common.settings import get_settings
from domain.db.engine import read_session, write_session
from domain.db.locks import hold_lock
from domain.models.run import Run
from domain.runs.acceptance import end_run
from domain.runs.hold_reasons import HoldReason, build_reason
from domain.runs.platforms import register_platform
from domain.runs.run_report import format_progress
from domain.runs.runs import get_last_accepted_run, get_run, get_run_counts, hold_run, open_run

ProgressCallback = Callable[[str], None]
DEADLINE = MAX_RUN_SECONDS + 300
RUN_LOGS_LIMIT = 30


def collect_platform(
    engine: Engine,
    file: AnyPlatformFile,
    folder: Path,
    origin: str | None,
    progress: ProgressCallback,
    *,
    deadline: float = DEADLINE,
    live: ProgressCallback = lambda line: None,
) -> Run:
    """Collects a platform in a child process and settles the run, accepted or held.

    `folder` holds the platform's file; `origin` (« http://127.0.0.1:9301 ») replaces the server of its source, for a
    rehearsal; `deadline` is in seconds; `live` hears a counting line every two seconds. Raises Problem when the platform may
    not be collected; nothing is asked of it then, but it is registered: what a closed one showed must leave the site.
    """
    if origin is not None:
        require_valid_origin(origin)
    with hold_lock(engine, f"crawl-{file.slug}", f"{file.slug} : une collecte de cette plateforme est déjà en cours"):
        with write_session(engine) as session:
            registered = register_platform(session, file.build_platform_facts())
        platform = require_collectable(file, origin)
        require_credentials(platform, origin)
        with write_session(engine) as session:
            require_unpaused(session, registered)
            run = open_run(session, registered, datetime.now(UTC))
            last = get_last_accepted_run(session, run.platform_id)
        run_id = run.id
        assert run_id is not None
        log = _prepare_log_path(platform.slug, run_id)
        progress(f"{platform.name} : collecte {run_id} en cours (journal : {log})")
        death: HoldReason | None = build_reason(HoldCode.INTERRUPTED)
        try:
            words = [str(run_id), platform.slug, str(folder), *([origin] if origin else [])]
            with process_runner.start_crawl(engine, words, log) as process, ExitStack() as ending:
                ending.callback(process_runner.terminate_process, process)
                watch = _make_progress_reporter(engine, run, get_run_counts(last).rows if last else None, live)
                death = process_runner.wait_for_exit(process, watch, deadline)
        finally:
            run = _close_run(engine, run_id, platform, death and build_reason(death.code, **death.params, log=log.name))
    return run


def _prepare_log_path(slug: str, run_id: int) -> Path:
    """The place of a run's log; the oldest logs of the platform make room. Raises Problem when it cannot be written."""
    folder = get_settings().var / "logs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        logs = sorted(folder.glob(f"{slug}-[0-9]*.*log*"), key=lambda path: path.stat().st_mtime)
        for old in logs[: -2 * RUN_LOGS_LIMIT]:  # two files a run: the collector's own words, and the issues
            old.unlink()
    except OSError as error:
        raise UserError(f"{folder} : impossible à écrire ({error.strerror})") from None
    return folder / f"{slug}-{run_id}.log"


def _make_progress_reporter(engine: Engine, run: Run, expected: int | None, live: ProgressCallback) -> Callable[[], None]:
    def look() -> None:
        with suppress(UserError), read_session(engine) as session:  # a busy database is no reason to end a collection
            counts = get_run_counts(get_run(session, run.id or 0))
            live(format_progress(counts, expected, (datetime.now(UTC) - run.started_at).total_seconds()))

    return look


def _close_run(engine: Engine, run_id: int, platform: PlatformFile, failure: HoldReason | None) -> Run:
    """Settles the run in one transaction; one whose child left no account of itself is held as failed."""
    now = datetime.now(UTC)
    with write_session(engine) as session:
        run = get_run(session, run_id)
        if run.state is not RunState.OPEN:
            return run
        if failure or run.outcome is None:
            hold_run(session, run, Outcome.FAILED, [failure or build_reason(HoldCode.COLLECTOR_SILENT)], now)
        else:
            end_run(session, run, platform.expect, run.outcome, now)
        return run
