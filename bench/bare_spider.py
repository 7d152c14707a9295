"""Run the yardstick of the crawl bench: a bare Scrapy spider that reads a site's pages and their JSON-LD, and stores nothing.

`python -m bench.bare_spider http://127.0.0.1:9005/robots.txt` prints {"pages", "items", "seconds"}.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

from scrapy.crawler import CrawlerProcess
from scrapy.http import Response
from scrapy.spiders import SitemapSpider

SETTINGS = {
    "CONCURRENT_REQUESTS": 1,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DOWNLOAD_DELAY": 0,
    "ROBOTSTXT_OBEY": True,
    "COOKIES_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "LOG_LEVEL": "ERROR",
}


class BareSpider(SitemapSpider):
    """Follow the sitemaps to the film pages and read their JSON-LD."""

    name = "bare"
    sitemap_rules = [("/film/", "read_page")]  # noqa: RUF012 (Scrapy's own way)

    def read_page(self, response: Response) -> Iterator[dict[str, Any]]:
        """Yield the objects of a page's JSON-LD."""
        for block in response.css('script[type="application/ld+json"]::text').getall():
            try:
                yield {"url": response.url, "data": json.loads(block, strict=False)}
            except ValueError:
                yield {"url": response.url, "broken": True}


def main() -> None:
    """Crawl, then print how fast."""
    process = CrawlerProcess(SETTINGS)
    crawler = process.create_crawler(BareSpider)
    process.crawl(crawler, sitemap_urls=[sys.argv[1]])
    process.start()
    assert crawler.stats is not None
    stats = crawler.stats.get_stats()
    pages = stats.get("downloader/response_status_count/200", 0)
    print(json.dumps({"pages": pages, "items": stats.get("item_scraped_count", 0), "seconds": stats["elapsed_time_seconds"]}))


if __name__ == "__main__":
    main()
