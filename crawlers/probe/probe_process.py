"""Probe a site in a child process: `python -m crawlers.probe.probe_process ORDER`.

The order is a `ProbeOrder` in JSON; the output is lines of JSON, the report last. It is polite as a run is: the same identity,
delay, robots.txt, reservations and guards, and a few requests in all.
"""

import sys

from scrapy.crawler import CrawlerProcess

from crawlers.addresses import get_url_host
from crawlers.identity import get_request_delay
from crawlers.politeness import build_polite_settings
from crawlers.probe.draft import make_slug
from crawlers.probe.messages import ProbeOrder, send_report
from crawlers.probe.report import ProbeReport
from crawlers.probe.spider import ProbeSpider
from crawlers.resource_limits import ProcessWatchdog

REQUEST_DELAY = 2.0
MAX_PROBE_SECONDS = 300


def main() -> None:
    """Read the order, probe, and write the report."""
    watchdog = ProcessWatchdog(MAX_PROBE_SECONDS + 60)
    watchdog.start()
    order = ProbeOrder.model_validate_json(sys.argv[1])
    report = ProbeReport(url=order.url, slug=make_slug(order.url))
    host = get_url_host(order.url)
    twin_host = host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
    settings = build_polite_settings(get_request_delay(host, REQUEST_DELAY), [host, twin_host]) | {
        "RETRY_TIMES": 1,
        "CLOSESPIDER_TIMEOUT": MAX_PROBE_SECONDS,
    }
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(ProbeSpider)
    watchdog.watch_crawler(crawler)
    process.crawl(crawler, order=order, report=report)
    process.start()
    send_report(report)


if __name__ == "__main__":
    main()
