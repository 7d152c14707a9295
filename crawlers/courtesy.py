"""How OuVoir behaves on other people's servers. No platform file can change any of it, but to go slower."""

import asyncio
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Response
from scrapy.robotstxt import RobotParser

from crawlers.guard import Refused, is_loopback
from crawlers.platform_file import PlatformFile
from records.settings import VERSION, loopback_delay, robot_contact

ROBOT_NAME = "OuVoir"
LONGEST_RUN = 6 * 3600
LONGEST_WAIT = 300
WAITS_WHEN_TOLD = 5


def scrapy_settings(platform: PlatformFile, hosts: list[str]) -> dict[str, Any]:
    """Scrapy's settings for one run; `hosts` are the only ones it may connect to."""
    return {
        "USER_AGENT": user_agent(),
        "ROBOTSTXT_OBEY": True,
        "CONCURRENT_REQUESTS": 1,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": polite_delay(urlsplit(platform.source.url).hostname or "", platform.delay),
        "DOWNLOAD_DELAY_JITTER": 0,  # it would go under the delay that robots.txt asks for
        "DOWNLOAD_TIMEOUT": 60,
        "DOWNLOAD_MAXSIZE": 64 * 2**20,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "RETRY_TIMES": 2,
        "REDIRECT_MAX_TIMES": 5,
        "METAREFRESH_ENABLED": False,
        "COOKIES_ENABLED": False,
        "HTTPPROXY_ENABLED": False,  # a proxy would resolve names out of reach of PublicResolver
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "CLOSESPIDER_ERRORCOUNT": 1,
        "CLOSESPIDER_TIMEOUT": LONGEST_RUN,
        "LOG_LEVEL": "INFO",
        "FETCH_HOSTS": hosts,
        "TWISTED_DNS_RESOLVER": "crawlers.guard.PublicResolver",
        "DOWNLOAD_HANDLERS": {"data": None, "file": None, "ftp": None, "s3": None},
        "DOWNLOADER_MIDDLEWARES": {
            "crawlers.guard.AddressGuard": 50,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "crawlers.courtesy.StrictRobots": 100,
            "crawlers.reservation.MiningReservation": 110,
            "crawlers.courtesy.PatientWait": 560,  # answers meet it just before Scrapy's own retries, at 550
        },
    }


def user_agent() -> str:
    """The program, its version and who answers for it: the same for every request of a run."""
    return f"{ROBOT_NAME}/{VERSION} (+{robot_contact() or 'rehearsal'})"


def polite_delay(host: str, asked: float) -> float:
    """Seconds between two requests to a host; only this very machine may be asked faster, in rehearsals."""
    rehearsal = loopback_delay()
    return rehearsal if rehearsal is not None and is_loopback(host) else asked


class StrictRobots(RobotsTxtMiddleware):
    """robots.txt obeyed as RFC 9309 says: unreachable means forbidden, and Crawl-delay slows the run down."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = super().from_crawler(crawler)
        crawler.signals.connect(middleware.slow_down, signal=signals.robots_parsed)
        return middleware

    async def process_request(self, request: Request, spider: Spider | None = None) -> None:
        """Lets an allowed request pass; robots.txt always is, wherever it is redirected."""
        if request.meta.get("dont_obey_robotstxt") or urlsplit(request.url).path == "/robots.txt":
            return
        parser = await self.robot_parser(request)
        if parser is None:
            raise Refused(f"robots.txt injoignable, rien n'est collecté : {request.url}")
        if not parser.allowed(request.url, ROBOT_NAME):
            raise Refused(f"robots.txt interdit cette adresse : {request.url}")

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status == 429 or response.status >= 500:
            raise Refused(f"robots.txt : réponse {response.status}")
        await super()._parse_robots(response, netloc, request)

    def slow_down(self, robotparser: RobotParser, request: Request) -> None:
        """Applies the site's Crawl-delay when it is longer than ours."""
        host = urlsplit(request.url).hostname or ""
        asked = min(robotparser.crawl_delay(ROBOT_NAME) or 0.0, LONGEST_RUN)
        delay = max(self.crawler.settings.getfloat("DOWNLOAD_DELAY"), polite_delay(host, asked))
        assert self.crawler.engine is not None
        downloader = self.crawler.engine.downloader
        downloader.per_slot_settings[host] = {"delay": delay, "concurrency": 1, "jitter": 0}
        if host in downloader.slots:
            downloader.slots[host].delay = delay


class PatientWait:
    """Waits as long as the server said to, and lets the next middleware try again a few more times than usual."""

    async def process_response(self, request: Request, response: Response) -> Response:
        wait = retry_after(response) if response.status in (429, 503) else None
        if wait is not None and wait <= LONGEST_WAIT:
            request.meta["max_retry_times"] = WAITS_WHEN_TOLD
            await asyncio.sleep(wait)
        return response


def retry_after(response: Response) -> float | None:
    """Seconds that a Retry-After header asks to wait, given as a number or as a date."""
    told = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if told.isascii() and told.isdigit():
        return float(told)
    try:
        return max(0.0, (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
