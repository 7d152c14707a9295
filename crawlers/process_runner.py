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

from crawlers.resource_limits import STUCK
from domain.common import settings

Child = subprocess.Popen[bytes]
_LOOK_EVERY = 2.0
_DEATHS = {STUCK: "le collecteur s'est figé sur un document", -signal.SIGKILL: "le collecteur a été tué"}
_GRACE = 10.0


def launch(module: str, words: list[str], told: Mapping[str, str] | None = None, **pipes: Any) -> Child:
    """Starts one of our modules as a program, in a group of its own; `told` joins its environment."""
    paths = [str(settings.ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **(told or {})}
    order = [sys.executable, "-m", module, *words]
    return subprocess.Popen(order, env=environment, stdin=subprocess.PIPE, start_new_session=True, **pipes)  # noqa: S603


def start(engine: Engine, words: list[str], log: Path) -> Child:
    """Starts `python -m crawlers.crawl_process WORDS`, its output in the log, its standard input held open by us alone."""
    told = {"OUVOIR_DATABASE_URL": engine.url.render_as_string(hide_password=False), "OUVOIR_VAR": str(settings.VAR)}
    with log.open("wb") as journal:
        return launch("crawlers.crawl_process", words, told, stdout=journal, stderr=journal)


def wait(process: Child, look: Callable[[], None], seconds: float) -> str | None:
    """Waits for the child, calling `look` now and then; why it must be counted as dead, or None when it ended by itself."""
    until = monotonic() + seconds
    while True:
        try:
            code = process.wait(min(_LOOK_EVERY, max(0.0, until - monotonic())))
            return _DEATHS.get(code, f"le collecteur s'est arrêté en panne, code {code}") if code else None
        except subprocess.TimeoutExpired:
            if monotonic() >= until:
                return "collecte arrêtée, elle dépassait le temps permis"
        look()


def end(process: Child) -> None:
    """Ends the child and whatever it started, if it still runs."""
    for sent, grace in ((signal.SIGTERM, _GRACE), (signal.SIGKILL, None)):
        if process.poll() is not None:
            return
        os.killpg(process.pid, sent)
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            continue
