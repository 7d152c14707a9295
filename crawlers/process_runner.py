"""Start, watch and end the child process of one collection: Twisted's reactor starts once in a process."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import Engine

from crawlers.exit_codes import EXIT_STALLED
from domain.common.enums import HoldCode
from domain.common.environment import ROOT
from domain.common.settings import get_settings
from domain.runs.hold_reasons import HoldReason, build_reason

ChildProcess = subprocess.Popen[bytes]
_POLL_INTERVAL = 2.0
_EXIT_REASONS = {EXIT_STALLED: HoldCode.COLLECTOR_STALLED, -signal.SIGKILL: HoldCode.COLLECTOR_KILLED}
_TERMINATION_TIMEOUT = 10.0


def launch_module(module: str, arguments: list[str], extra_env: Mapping[str, str] | None = None, **pipes: Any) -> ChildProcess:
    """Start one of our modules as a program, in a process group of its own; `extra_env` joins its environment."""
    paths = [str(ROOT)]
    if python_path := os.environ.get("PYTHONPATH"):
        paths.append(python_path)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **(extra_env or {})}
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, start_new_session=True, **pipes)  # noqa: S603


def start_crawl(engine: Engine, arguments: list[str], log_path: Path) -> ChildProcess:
    """Start `python -m crawlers.crawl_process ARGUMENTS`, its output in the log, its standard input held open by us alone."""
    database_url = engine.url.render_as_string(hide_password=False)
    extra_env = {"OUVOIR_DATABASE_URL": database_url, "OUVOIR_VAR": str(get_settings().var)}
    with log_path.open("wb") as log:
        return launch_module("crawlers.crawl_process", arguments, extra_env, stdout=log, stderr=log)


def wait_for_exit(process: ChildProcess, on_poll: Callable[[], None], max_seconds: float) -> HoldReason | None:
    """Wait for the child, calling `on_poll` every two seconds.

    Returns why its run must be held, or None when it ended well by itself.
    """
    deadline = monotonic() + max_seconds
    while True:
        try:
            exit_code = process.wait(min(_POLL_INTERVAL, max(0.0, deadline - monotonic())))
        except subprocess.TimeoutExpired:
            if monotonic() >= deadline:
                return build_reason(HoldCode.TIME_LIMIT)
        else:
            return _explain_exit(exit_code)
        on_poll()


def _explain_exit(exit_code: int) -> HoldReason | None:
    if exit_code == 0:
        return None
    if exit_code in _EXIT_REASONS:
        return build_reason(_EXIT_REASONS[exit_code])
    return build_reason(HoldCode.COLLECTOR_CRASHED, exit_code=exit_code)


def terminate_process(process: ChildProcess) -> None:
    """End the child and whatever it started, if it still runs: politely, then after ten seconds by force."""
    for sent_signal, timeout in ((signal.SIGTERM, _TERMINATION_TIMEOUT), (signal.SIGKILL, None)):
        if process.poll() is not None:
            return
        os.killpg(process.pid, sent_signal)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            continue
