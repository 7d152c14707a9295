"""Obey robots.txt as RFC 9309 says: unreachable means forbidden, and the site's own delay slows the run down."""

from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawlers.crawl_run import find_crawl_run
from crawlers.extensions.stopper import stop_crawl
from crawlers.identity import ROBOT_NAME, get_request_delay
from crawlers.middlewares.ssrf import RequestRefusedError
from crawlers.robots_rules import MAX_CRAWL_DELAY, get_crawl_delay, truncate_robots
from crawlers.robots_watch import record_robots
from domain.common.csv_reader import looks_like_html
from domain.common.errors import UserError


class StrictRobotsTxtMiddleware(RobotsTxtMiddleware):
    """Obey robots.txt, and in a run keep each one and compare it with the one before; a change may end the run.

    `bodies` holds the robots.txt read so far, by host and port.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.bodies: dict[str, bytes] = {}
        self._stop_reason: str | None = None
        self._failures: dict[str, str] = {}

    async def process_request(self, request: Request, spider: Spider | None = None) -> None:
        """Let an allowed request pass; robots.txt always is, wherever it is redirected. Raises RequestRefusedError."""
        parts = urlsplit(request.url)
        if request.meta.get("dont_obey_robotstxt") or parts.path == "/robots.txt":
            return
        parser = None if self._stop_reason else await self.robot_parser(request)
        if self._stop_reason:
            raise RequestRefusedError(self._stop_reason)
        if parser is None:
            reason = self._failures.get(parts.netloc) or request.url
            raise RequestRefusedError(f"robots.txt injoignable, rien n'est collecté : {reason}")
        if not parser.allowed(request.url, ROBOT_NAME):
            raise RequestRefusedError(f"robots.txt interdit cette adresse : {request.url}")
        self._apply_crawl_delay(parts.hostname or "", get_crawl_delay(parser))

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status == 429 or response.status >= 500:
            raise RequestRefusedError(f"réponse {response.status} : {response.url}")
        body = b"" if response.status >= 400 else response.body
        self.bodies[netloc] = body
        self._record_body(netloc, body)
        await super()._parse_robots(response.replace(body=truncate_robots(body)), netloc, request)

    def _record_body(self, netloc: str, body: bytes) -> None:
        run = find_crawl_run(self.crawler)
        if run is None:
            return
        is_error_page = looks_like_html(body[:1024].decode("latin-1"))
        try:
            self._stop_reason = record_robots(run, netloc, b"" if is_error_page else body)
        except UserError as error:
            raise RequestRefusedError(str(error)) from None
        if self._stop_reason:
            stop_crawl(self.crawler, self._stop_reason)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        if isinstance(exc, IgnoreRequest):
            self._failures[netloc] = str(exc)
        super()._robots_error(exc, netloc)

    def _apply_crawl_delay(self, host: str, requested: float) -> None:
        """Slow down to what the site asks. Raises RequestRefusedError when it asks for more than a crawl can be."""
        if requested > MAX_CRAWL_DELAY:
            raise RequestRefusedError(
                f"robots.txt demande {requested:.0f} secondes entre deux demandes : demander un flux à {host}"
            )
        assert self.crawler.engine is not None
        downloader = self.crawler.engine.downloader
        current_delay = downloader.per_slot_settings.get(host, {}).get("delay", -1.0)
        delay = max(self.crawler.settings.getfloat("DOWNLOAD_DELAY"), get_request_delay(host, requested))
        if delay <= current_delay:
            return
        downloader.per_slot_settings[host] = {"delay": delay, "concurrency": 1, "jitter": 0}
        if host in downloader.slots:
            downloader.slots[host].delay = max(delay, downloader.slots[host].delay)
