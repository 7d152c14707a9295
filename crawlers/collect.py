"""Collect one platform, from the refusal or the start to a settled run."""

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
from domain.common.progress import ProgressCallback
from domain.common.settings import get_settings
from domain.db.engine import read_session, write_session
from domain.db.locks import get_crawl_lock, hold_lock
from domain.models.run import Run
from domain.runs.acceptance import end_run
from domain.runs.hold_reasons import HoldReason, build_reason
from domain.runs.platforms import register_platform
from domain.runs.run_report import format_progress
from domain.runs.runs import get_last_accepted_run, get_run, get_run_counts, hold_run, open_run

DEADLINE = MAX_RUN_SECONDS + 300
RUN_LOGS_LIMIT = 30
_FILES_PER_RUN = 2  # the collector's own output, and the issues


def collect_platform(
    engine: Engine, file: AnyPlatformFile, folder: Path, origin: str | None, progress: ProgressCallback, *,
    deadline: float = DEADLINE, live: ProgressCallback = lambda message: None,
) -> Run:  # fmt: skip
    """Collect a platform in a child process and settle the run, accepted or held.

    `folder` holds the platform's file; `origin` (« http://127.0.0.1:9301 ») replaces the server of its source, for a
    rehearsal; `deadline` is in seconds; `live` gets a counting line every two seconds. Raises UserError when the platform may
    not be collected; nothing is requested of it then, but it is registered: what a closed one offered must leave the site.
    """
    if origin is not None:
        require_valid_origin(origin)
    with hold_lock(engine, get_crawl_lock(file.slug), f"{file.slug} : une collecte de cette plateforme est déjà en cours"):
        run, platform, expected_rows = _open_run(engine, file, origin)
        run_id = _get_stored_id(run)
        log_path = _prepare_log_path(platform.slug, run_id)
        progress(f"{platform.name} : collecte {run_id} en cours (journal : {log_path})")
        failure: HoldReason | None = build_reason(HoldCode.INTERRUPTED)
        try:
            arguments = [str(run_id), platform.slug, str(folder)]
            if origin:
                arguments.append(origin)
            with process_runner.start_crawl(engine, arguments, log_path) as process, ExitStack() as cleanup:
                cleanup.callback(process_runner.terminate_process, process)
                on_poll = _make_progress_reporter(engine, run, expected_rows, live)
                failure = process_runner.wait_for_exit(process, on_poll, deadline)
        finally:
            run = _close_run(engine, run_id, platform, _add_log_name(failure, log_path))
    return run


def _get_stored_id(run: Run) -> int:
    """Return the id of a run that the database holds."""
    assert run.id is not None
    return run.id


def _open_run(engine: Engine, file: AnyPlatformFile, origin: str | None) -> tuple[Run, PlatformFile, int | None]:
    """Register the platform, and open a run when it may be collected.

    Returns the run, the file, and the rows of the last accepted run. Raises UserError when it may not be collected.
    """
    with write_session(engine) as session:
        registered = register_platform(session, file.build_platform_facts())
    platform = require_collectable(file, origin)
    require_credentials(platform, origin)
    with write_session(engine) as session:
        require_unpaused(session, registered)
        run = open_run(session, registered, datetime.now(UTC))
        last_run = get_last_accepted_run(session, run.platform_id)
    return run, platform, get_run_counts(last_run).rows if last_run else None


def _prepare_log_path(slug: str, run_id: int) -> Path:
    """Return the path of a run's log, and delete the oldest logs of the platform. Raises UserError when it cannot be written."""
    folder = get_settings().var / "logs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        logs = sorted(folder.glob(f"{slug}-[0-9]*.*log*"), key=lambda path: path.stat().st_mtime)
        for old_log in logs[: -_FILES_PER_RUN * RUN_LOGS_LIMIT]:
            old_log.unlink()
    except OSError as error:
        raise UserError(f"{folder} : impossible à écrire ({error.strerror})") from None
    return folder / f"{slug}-{run_id}.log"


def _make_progress_reporter(engine: Engine, run: Run, expected_rows: int | None, live: ProgressCallback) -> Callable[[], None]:
    def report_progress() -> None:
        with suppress(UserError), read_session(engine) as session:  # a busy database is no reason to end a collection
            counts = get_run_counts(get_run(session, _get_stored_id(run)))
            live(format_progress(counts, expected_rows, (datetime.now(UTC) - run.started_at).total_seconds()))

    return report_progress


def _add_log_name(failure: HoldReason | None, log_path: Path) -> HoldReason | None:
    """Return a reason that tells which log explains it."""
    if failure is None:
        return None
    return build_reason(failure.code, **failure.params, log=log_path.name)


def _close_run(engine: Engine, run_id: int, platform: PlatformFile, failure: HoldReason | None) -> Run:
    """Settle the run in one transaction; one whose child left no account of itself is held as failed."""
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
