"""Keep a child process of ours within bounds, whatever document it is given."""

import os
import resource
import sys
import threading
from collections.abc import Callable
from time import monotonic, sleep

from scrapy import signals
from scrapy.crawler import Crawler
from twisted.internet.task import LoopingCall

from crawlers.exit_codes import EXIT_ORPHANED, EXIT_STALLED, EXIT_TIMED_OUT

MEMORY_LIMIT = 768 * 2**20
STALL_TIMEOUT = 120.0
HEARTBEAT_INTERVAL = 5.0


class ProcessWatchdog:
    """Refuse this process memory beyond 768 MiB, and end it when it should no longer run.

    It ends when the parent is gone (it holds the other end of our input), when the reactor of a watched crawler stands still
    for two minutes, or after `max_seconds`.
    """

    def __init__(self, max_seconds: float | None = None) -> None:
        self._max_seconds = max_seconds
        self._started_at = monotonic()
        self._last_beat = monotonic()

    def start(self) -> None:
        """Set the limit of memory, and begin to watch."""
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_LIMIT, MEMORY_LIMIT))
        _start_daemon_thread(_exit_with_parent)
        _start_daemon_thread(self._exit_when_stalled)

    def watch_crawler(self, crawler: Crawler) -> None:
        """Let the reactor of a crawler tell, every five seconds, that it still turns."""
        crawler.signals.connect(self._start_heartbeat, signal=signals.engine_started)

    def _start_heartbeat(self) -> None:
        LoopingCall(self._record_beat).start(HEARTBEAT_INTERVAL)

    def _record_beat(self) -> None:
        self._last_beat = monotonic()

    def _exit_when_stalled(self) -> None:
        while True:
            sleep(1)
            if monotonic() - self._last_beat > STALL_TIMEOUT:
                os._exit(EXIT_STALLED)
            if self._max_seconds is not None and monotonic() - self._started_at > self._max_seconds:
                os._exit(EXIT_TIMED_OUT)


def _start_daemon_thread(target: Callable[[], None]) -> None:
    threading.Thread(target=target, daemon=True).start()


def _exit_with_parent() -> None:
    sys.stdin.read()
    os._exit(EXIT_ORPHANED)
