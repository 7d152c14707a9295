"""Give each item pipeline the run of its crawl."""

from typing import Self

from scrapy.crawler import Crawler

from crawlers.crawl_run import CrawlRun, get_crawl_run


class RunPipeline:
    """Process the items of one run."""

    def __init__(self, run: CrawlRun) -> None:
        self.run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the pipeline of a crawler, whose spider holds the run."""
        return cls(get_crawl_run(crawler))
