"""What keeps a child process of ours within bounds, whatever document it is given."""

import os
import resource
import sys
import threading
from collections.abc import Callable
from time import monotonic, sleep

from scrapy import signals
from scrapy.crawler import Crawler
from twisted.internet.task import LoopingCall

MEMORY_LIMIT = 768 * 2**20
STALL_TIMEOUT, HEARTBEAT_INTERVAL = 120.0, 5.0
EXIT_STALLED, EXIT_TIMED_OUT = 3, 4
_last_beat = monotonic()


def enforce_process_limits(seconds: float | None = None) -> None:
    """Leaves when the parent is gone (it holds the other end of our input), when the reactor stands still for two minutes,
    or after so many seconds; memory beyond 768 MiB is refused to us."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_LIMIT, MEMORY_LIMIT))
    _start_daemon_thread(_exit_with_parent)
    _start_daemon_thread(lambda: _exit_when_stalled(seconds))


def connect_heartbeat(crawler: Crawler) -> None:
    """Lets the reactor of a crawler say, every five seconds, that it still turns."""
    crawler.signals.connect(_start_heartbeat, signal=signals.engine_started)


def _start_heartbeat() -> None:
    LoopingCall(_record_heartbeat).start(HEARTBEAT_INTERVAL)


def _record_heartbeat() -> None:
    global _last_beat
    _last_beat = monotonic()


def _start_daemon_thread(target: Callable[[], None]) -> None:
    threading.Thread(target=target, daemon=True).start()


def _exit_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


def _exit_when_stalled(seconds: float | None) -> None:
    started = monotonic()
    while True:
        sleep(1)
        if monotonic() - _last_beat > STALL_TIMEOUT:
            os._exit(EXIT_STALLED)
        if seconds is not None and monotonic() - started > seconds:
            os._exit(EXIT_TIMED_OUT)
