"""Build Scrapy's settings: how OuVoir behaves on other people's servers. A platform file can only make it slower."""

from typing import Any

from crawlers.addresses import get_url_host
from crawlers.identity import get_request_delay, get_user_agent
from crawlers.platform_files.loader import PlatformFile

MAX_RUN_SECONDS = 6 * 3600
_DOWNLOAD_HANDLER = "crawlers.middlewares.header_limit.BoundedDownloadHandler"
DOWNLOAD_HANDLERS = {
    "http": _DOWNLOAD_HANDLER,
    "https": _DOWNLOAD_HANDLER,
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
EXTENSIONS = {
    "crawlers.extensions.stopper.CrawlStopper": 0,
    "scrapy.extensions.throttle.AutoThrottle": None,
    "crawlers.extensions.crawl_delay.CrawlDelayAutoThrottle": 0,
}
DOWNLOADER_MIDDLEWARES = {
    "crawlers.middlewares.ssrf.AllowedHostsMiddleware": 50,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawlers.middlewares.robots.StrictRobotsTxtMiddleware": 100,
    "crawlers.middlewares.tdm.TdmReservationMiddleware": 110,
    # Answers meet it just before Scrapy's own retries, at 550.
    "crawlers.middlewares.overload_retry.OverloadRetryMiddleware": 560,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawlers.middlewares.decompression.LeanHttpCompressionMiddleware": 590,  # in its place
}
ITEM_PIPELINES = {
    "crawlers.pipelines.mapping.MappingPipeline": 100,
    "crawlers.pipelines.duplicates.DuplicatesPipeline": 200,
    "crawlers.pipelines.issues.IssuesPipeline": 300,
    "crawlers.pipelines.counting.CountingPipeline": 400,
    "crawlers.pipelines.storage.StoragePipeline": 500,
}
_PACE_SETTINGS = {
    "CONCURRENT_REQUESTS": 1,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DOWNLOAD_DELAY_JITTER": 0,  # it would go under the delay that robots.txt asks for
    "RETRY_TIMES": 2,
    "REDIRECT_MAX_TIMES": 5,
}
_LIMIT_SETTINGS = {
    "DOWNLOAD_TIMEOUT": 60,
    "DOWNLOAD_MAXSIZE": 64 * 2**20,
    "CLOSESPIDER_ERRORCOUNT": 1,
    "CLOSESPIDER_TIMEOUT": MAX_RUN_SECONDS,
}
_SAFETY_SETTINGS = {
    "ROBOTSTXT_OBEY": True,
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "METAREFRESH_ENABLED": False,
    "COOKIES_ENABLED": False,
    "HTTPPROXY_ENABLED": False,  # a proxy would resolve names out of reach of PublicResolver
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "TWISTED_DNS_RESOLVER": "crawlers.middlewares.ssrf.PublicResolver",
}


def build_run_settings(platform: PlatformFile, hosts: list[str]) -> dict[str, Any]:
    """Return Scrapy's settings for one run; `hosts` are the only ones it may connect to."""
    delay = get_request_delay(get_url_host(platform.source.url), platform.delay)
    failure_recorder = {"crawlers.extensions.failures.FailureRecorder": 0}
    return build_polite_settings(delay, hosts) | {
        "EXTENSIONS": EXTENSIONS | failure_recorder,
        "ITEM_PIPELINES": ITEM_PIPELINES,
        "DEFAULT_DROPITEM_LOG_LEVEL": "DEBUG",  # a repeated row is an issue of the run, not a line of the log
    }


def build_polite_settings(delay: float, hosts: list[str]) -> dict[str, Any]:
    """Return the settings of any crawler, one that stores nothing too; `delay` is in seconds between two requests.

    It is 0 only in a rehearsal that asks for it.
    """
    return {
        **_PACE_SETTINGS,
        **_LIMIT_SETTINGS,
        **_SAFETY_SETTINGS,
        "USER_AGENT": get_user_agent(),
        "DOWNLOAD_DELAY": delay,
        "AUTOTHROTTLE_ENABLED": delay > 0,
        "AUTOTHROTTLE_START_DELAY": delay,
        "LOG_LEVEL": "INFO",
        "FETCH_HOSTS": hosts,
        "EXTENSIONS": EXTENSIONS,
        "DOWNLOAD_HANDLERS": DOWNLOAD_HANDLERS,
        "DOWNLOADER_MIDDLEWARES": DOWNLOADER_MIDDLEWARES,
    }
