"""The child process of one collection: started, watched, ended. Twisted's reactor starts once in a process."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import Engine

from crawlers.resource_limits import EXIT_STALLED
from domain.common.enums import HoldCode
from domain.common.settings import ROOT, get_settings
from domain.runs.hold_reasons import HoldReason, build_reason

ChildProcess = subprocess.Popen[bytes]
_POLL_INTERVAL = 2.0
_EXIT_CODES = {EXIT_STALLED: HoldCode.COLLECTOR_STALLED, -signal.SIGKILL: HoldCode.COLLECTOR_KILLED}
_TERMINATION_TIMEOUT = 10.0


def launch_module(module: str, arguments: list[str], extra_env: Mapping[str, str] | None = None, **pipes: Any) -> ChildProcess:
    """Starts one of our modules as a program, in a group of its own; `told` joins its environment."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **(extra_env or {})}
    order = [sys.executable, "-m", module, *arguments]
    return subprocess.Popen(order, env=environment, stdin=subprocess.PIPE, start_new_session=True, **pipes)  # noqa: S603


def start_crawl(engine: Engine, arguments: list[str], log: Path) -> ChildProcess:
    """Starts `python -m crawlers.crawl_process WORDS`, its output in the log, its standard input held open by us alone."""
    told = {
        "OUVOIR_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "OUVOIR_VAR": str(get_settings().var),
    }
    with log.open("wb") as journal:
        return launch_module("crawlers.crawl_process", arguments, told, stdout=journal, stderr=journal)


def wait_for_exit(process: ChildProcess, on_poll: Callable[[], None], seconds: float) -> HoldReason | None:
    """Wait for the child, calling `on_poll` now and then. Returns why its run must be held, None when it ended by itself."""
    until = monotonic() + seconds
    while True:
        try:
            code = process.wait(min(_POLL_INTERVAL, max(0.0, until - monotonic())))
            return _explain_exit(code) if code else None
        except subprocess.TimeoutExpired:
            if monotonic() >= until:
                return build_reason(HoldCode.TIME_LIMIT)
        on_poll()


def _explain_exit(code: int) -> HoldReason:
    if code in _EXIT_CODES:
        return build_reason(_EXIT_CODES[code])
    return build_reason(HoldCode.COLLECTOR_CRASHED, exit_code=code)


def terminate_process(process: ChildProcess) -> None:
    """Ends the child and whatever it started, if it still runs."""
    for sent, grace in ((signal.SIGTERM, _TERMINATION_TIMEOUT), (signal.SIGKILL, None)):
        if process.poll() is not None:
            return
        os.killpg(process.pid, sent)
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            continue
