"""The child process that collects one platform: `python -m crawlers.crawl_process RUN SLUG FOLDER [ORIGIN]`.

It stores what it sees and how it ended in the run, and judges nothing: its parent settles the run.
"""

import sys
from pathlib import Path
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.crawler import Crawler, CrawlerProcess
from sqlalchemy import Engine
from twisted.python.failure import Failure

from crawlers.pipeline import Recorder
from crawlers.platform_files.loader import PlatformFile, load_platform
from crawlers.platform_files.sources import DocumentSource, LookupSource, PageSource
from crawlers.politeness import build_run_settings
from crawlers.resource_limits import connect_heartbeat, enforce_process_limits
from crawlers.spiders.base import CatalogueSpider
from crawlers.spiders.feed import DocumentSpider
from crawlers.spiders.lookup import LookupSpider
from crawlers.spiders.request_signing import get_auth, redact_text
from crawlers.spiders.site import PageSpider
from domain.common.errors import UserError
from domain.db.engine import create_db_engine

_FINISH_MESSAGES = {
    "finished": None,
    "closespider_errorcount": None,
    "closespider_timeout": "durée maximale d'une collecte atteinte",
    "shutdown": "collecte interrompue",
}
_SPIDER_CLASSES: dict[type, type[CatalogueSpider]] = {
    DocumentSource: DocumentSpider,
    PageSource: PageSpider,
    LookupSource: LookupSpider,
}


class SpiderErrorListener:
    """Hears what goes wrong while reading, and keeps the first fault."""

    def __init__(self, crawler: Crawler) -> None:
        self.first: str | None = None
        crawler.signals.connect(self.record_failure, signal=signals.spider_error)

    def record_failure(self, failure: Failure) -> None:
        """A Problem is told as it is; anything else is a fault of ours, whose trace is in the log."""
        told = "erreur interne du collecteur, voir le journal"
        if isinstance(failure.value, UserError):
            told = str(failure.value)
        elif isinstance(failure.value, MemoryError):
            told = "document trop lourd à lire"
        self.first = self.first or told


def crawl_platform(engine: Engine, run_id: int, platform: PlatformFile, rehearsed: bool) -> None:
    """Collects a platform into a run. A rehearsal never leaves the server it is played on."""
    recorder = Recorder(engine, run_id, platform)
    source = platform.source
    own = {urlsplit(url).hostname or "" for url in platform.list_source_urls()}
    hosts = own | platform.hosts if isinstance(source, PageSource) and not rehearsed else own
    process = CrawlerProcess(build_run_settings(platform, sorted(hosts)))
    crawler = process.create_crawler(_SPIDER_CLASSES[type(source)])
    failures = SpiderErrorListener(crawler)
    connect_heartbeat(crawler)
    process.crawl(crawler, platform=platform, source=source, recorder=recorder)
    process.start()
    _close_recorder(crawler, recorder, failures.first)


def _close_recorder(crawler: Crawler, recorder: Recorder, failure: str | None) -> None:
    assert crawler.stats is not None
    ended = crawler.stats.get_value("finish_reason")
    if cut := _FINISH_MESSAGES.get(ended, f"collecte arrêtée ({ended})"):
        recorder.gaps.append(cut)
    auth = get_auth(recorder.platform.source)
    recorder.gaps = [redact_text(gap, auth) for gap in recorder.gaps]
    recorder.counts.requests = crawler.stats.get_value("downloader/request_count", 0)
    recorder.close(redact_text(failure, auth) if failure else None)


def main() -> None:
    """Reads the order, collects, and leaves."""
    enforce_process_limits()
    run_id, slug, folder, *origin = sys.argv[1:]
    platform = load_platform(slug, Path(folder))
    if origin:
        platform = platform.with_origin(origin[0])
    crawl_platform(create_db_engine(), int(run_id), platform, rehearsed=bool(origin))


if __name__ == "__main__":
    main()
