"""Request some addresses in a process of their own, with all the courtesy and guards of a run: its `main` and ORDER.

The order is JSON: `urls`, `delay`, `hosts`, more `settings`. The answer is JSON: what became of each address, in the order they
ended, why the reading stopped, and the peak of its memory, in megabytes.
"""

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from tempfile import TemporaryFile
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawlers.politeness import build_polite_settings
from tests.forked_launch import launch_forked


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
    """Run it, in a rehearsal where this machine may be queried without waiting; `log` is what it wrote."""
    order = json.dumps({"urls": urls, "delay": delay, "hosts": hosts, "settings": settings})
    environment = {"OUVOIR_ALLOW_LOOPBACK": "1", "OUVOIR_LOOPBACK_DELAY": str(delay)}
    with TemporaryFile() as log:
        with launch_forked("tests.crawlers.fetching", [order], environment, stdout=subprocess.PIPE, stderr=log) as child:
            assert child.stdout is not None
            output = child.stdout.read()
            exit_code, peak = child.wait(60), child.get_peak_megabytes()
        log.seek(0)
        written = log.read().decode()
    assert exit_code == 0, written
    answer: dict[str, Any] = json.loads(output)
    return answer | {"log": written, "megabytes": peak}


if __name__ == "__main__":
    main()
