"""Request some addresses in a process of their own, with all the courtesy and guards of a run: `python -m … ORDER`.

The order is JSON: `urls`, `delay`, `hosts`, more `settings`. The answer is JSON: what became of each address, in the order they
ended, why the reading stopped, and the peak of its memory, in megabytes.
"""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawlers.politeness import build_polite_settings

ROOT = Path(__file__).resolve().parents[2]


class Reader(scrapy.Spider):
    """Request every address at once, as a careless spider would."""

    name = "reader"

    def __init__(self, urls: list[str], ends: list[list[Any]]) -> None:
        super().__init__()
        self.urls, self.ends = urls, ends

    async def start(self) -> AsyncIterator[Request]:
        for url in self.urls:
            yield Request(url, callback=self.on_response, errback=self.on_error, dont_filter=True)

    def on_response(self, response: Response) -> None:
        self.ends.append([response.url, response.status, len(response.body)])

    def on_error(self, failure: Failure) -> None:
        self.ends.append([type(failure.value).__name__, str(failure.value), 0])


def main() -> None:
    order = json.loads(sys.argv[1])
    ends: list[list[Any]] = []
    process = CrawlerProcess(build_polite_settings(order["delay"], order["hosts"]) | order["settings"])
    crawler = process.create_crawler(Reader)
    process.crawl(crawler, urls=order["urls"], ends=ends)
    process.start()
    assert crawler.stats is not None
    print(json.dumps({"ends": ends, "stopped": crawler.stats.get_value("finish_reason")}))  # noqa: T201


def fetch_urls(*urls: str, delay: float = 0.0, hosts: tuple[str, ...] = ("127.0.0.1",), **settings: Any) -> dict[str, Any]:
    """Run it, in a rehearsal where this machine may be queried without waiting; `log` is what it wrote.

    Its memory is told by `bench.peak`, a small process between: the peak of one forked from here would start from ours.
    """
    order = json.dumps({"urls": urls, "delay": delay, "hosts": hosts, "settings": settings})
    environment = {"OUVOIR_ALLOW_LOOPBACK": "1", "OUVOIR_LOOPBACK_DELAY": str(delay)}
    done = subprocess.run(
        [sys.executable, "-m", "bench.peak", sys.executable, "-m", "tests.crawlers.fetching", order],
        cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    output, _, peak = done.stdout.rpartition("peak_mb=")
    answer: dict[str, Any] = json.loads(output)
    return answer | {"log": done.stderr, "megabytes": int(peak)}


if __name__ == "__main__":
    main()
