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

MEMORY = 768 * 2**20
STILL, BEAT = 120.0, 5.0
STUCK, TOO_LONG = 3, 4
_last_beat = monotonic()


def stay_within_bounds(seconds: float | None = None) -> None:
    """Leaves when the parent is gone (it holds the other end of our input), when the reactor stands still for two minutes,
    or after so many seconds; memory beyond 768 MiB is refused to us."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    _watch(_parent_gone)
    _watch(lambda: _stand_still(seconds))


def watch_reactor(crawler: Crawler) -> None:
    """Lets the reactor of a crawler say, every five seconds, that it still turns."""
    crawler.signals.connect(_begin, signal=signals.engine_started)


def _begin() -> None:
    LoopingCall(_beat).start(BEAT)


def _beat() -> None:
    global _last_beat
    _last_beat = monotonic()


def _watch(what: Callable[[], None]) -> None:
    threading.Thread(target=what, daemon=True).start()


def _parent_gone() -> None:
    sys.stdin.read()
    os._exit(1)


def _stand_still(seconds: float | None) -> None:
    started = monotonic()
    while True:
        sleep(1)
        if monotonic() - _last_beat > STILL:
            os._exit(STUCK)
        if seconds is not None and monotonic() - started > seconds:
            os._exit(TOO_LONG)
