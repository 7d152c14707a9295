"""Collect one platform in a child process: `python -m crawlers.crawl_process RUN SLUG FOLDER [ORIGIN]`.

It stores what it sees and how it ended in the run, and judges nothing: its parent settles the run.
"""

import sys
from pathlib import Path

from scrapy.crawler import Crawler, CrawlerProcess

from crawlers.addresses import get_url_host
from crawlers.crawl_run import CrawlRun
from crawlers.extensions.failures import ERROR_FINISH_REASON, FailureRecorder
from crawlers.pipelines.storage import finish_run
from crawlers.platform_files.loader import PlatformFile, load_platform
from crawlers.platform_files.sources import DocumentSource, LookupSource, PageSource
from crawlers.politeness import build_run_settings
from crawlers.resource_limits import ProcessWatchdog
from crawlers.spiders.base import CatalogueSpider
from crawlers.spiders.request_signing import get_auth, redact_text
from domain.db.engine import create_db_engine

_FINISH_MESSAGES = {
    "finished": None,
    ERROR_FINISH_REASON: None,
    "closespider_timeout": "durée maximale d'une collecte atteinte",
    "shutdown": "collecte interrompue",
}


def crawl_platform(run: CrawlRun, is_rehearsal: bool, watchdog: ProcessWatchdog) -> None:
    """Collect a platform into a run. A rehearsal never leaves the server it is played on."""
    hosts = _list_allowed_hosts(run.platform, is_rehearsal)
    process = CrawlerProcess(build_run_settings(run.platform, sorted(hosts)))
    crawler = process.create_crawler(_get_spider_class(run.platform))
    watchdog.watch_crawler(crawler)
    process.crawl(crawler, crawl_run=run, source=run.platform.source)
    process.start()
    _close_run(crawler, run)


def _list_allowed_hosts(platform: PlatformFile, is_rehearsal: bool) -> set[str]:
    hosts = {get_url_host(url) for url in platform.list_source_urls()}
    if isinstance(platform.source, PageSource) and not is_rehearsal:
        hosts |= platform.hosts
    return hosts


def _get_spider_class(platform: PlatformFile) -> type[CatalogueSpider]:
    """Import the spider of the platform's kind of source, and no other: each brings parsers of its own."""
    match platform.source:
        case DocumentSource():
            from crawlers.spiders.feed import DocumentSpider

            return DocumentSpider
        case PageSource():
            from crawlers.spiders.site import PageSpider

            return PageSpider
        case LookupSource():
            from crawlers.spiders.lookup import LookupSpider

            return LookupSpider


def _close_run(crawler: Crawler, run: CrawlRun) -> None:
    """Write how the crawl ended, without the secret that its server may have echoed."""
    assert crawler.stats is not None
    reason = crawler.stats.get_value("finish_reason")
    interruption = _FINISH_MESSAGES.get(reason, f"collecte arrêtée ({reason})")
    if interruption is not None:
        run.gaps.append(interruption)
    auth = get_auth(run.platform.source)
    run.gaps = [redact_text(gap, auth) for gap in run.gaps]
    run.counts.requests = crawler.stats.get_value("downloader/request_count", 0)
    failure = _get_first_failure(crawler)
    finish_run(run, redact_text(failure, auth) if failure else None)


def _get_first_failure(crawler: Crawler) -> str | None:
    recorder = crawler.get_extension(FailureRecorder)
    if recorder is not None:
        return recorder.first_failure
    return None


def main() -> None:
    """Read the arguments, collect, and leave."""
    watchdog = ProcessWatchdog()
    watchdog.start()
    run_id, slug, folder, *origin = sys.argv[1:]
    platform = load_platform(slug, Path(folder))
    if origin:
        platform = platform.with_origin(origin[0])
    run = CrawlRun(create_db_engine(), int(run_id), platform)
    crawl_platform(run, is_rehearsal=bool(origin), watchdog=watchdog)


if __name__ == "__main__":
    main()
