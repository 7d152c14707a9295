"""How OuVoir behaves on other people's servers. No platform file can change any of it, but to go slower."""

from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.robotstxt import ProtegoRobotParser, RobotParser

from crawlers.middlewares.robots import record_robots
from crawlers.middlewares.ssrf import RequestRefusedError, is_loopback
from crawlers.middlewares.throttle import stop_run
from crawlers.platform_files.loader import PlatformFile
from domain.common.csv_reader import looks_like_html
from domain.common.errors import UserError
from domain.common.settings import VERSION, get_settings

ROBOT_NAME = "OuVoir"
MAX_RUN_SECONDS = 6 * 3600
MAX_CRAWL_DELAY = 30
_DOWNLOAD_HANDLER = "crawlers.middlewares.header_limit.BoundedDownloadHandler"
ROBOTS_SIZE_LIMIT = 512 * 1024  # RFC 9309: what comes after may be left unread


def build_run_settings(platform: PlatformFile, hosts: list[str]) -> dict[str, Any]:
    """Scrapy's settings for one run; `hosts` are the only ones it may connect to."""
    return build_polite_settings(get_request_delay(urlsplit(platform.source.url).hostname or "", platform.delay), hosts)


def build_polite_settings(delay: float, hosts: list[str]) -> dict[str, Any]:
    """The same for any reader: `delay` in seconds between two requests, none in a rehearsal that asks for it."""
    return {
        "USER_AGENT": get_user_agent(),
        "ROBOTSTXT_OBEY": True,
        "CONCURRENT_REQUESTS": 1,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": delay,
        "DOWNLOAD_DELAY_JITTER": 0,  # it would go under the delay that robots.txt asks for
        "AUTOTHROTTLE_ENABLED": delay > 0,
        "AUTOTHROTTLE_START_DELAY": delay,
        "EXTENSIONS": {
            "scrapy.extensions.throttle.AutoThrottle": None,
            "crawlers.middlewares.throttle.CrawlDelayAutoThrottle": 0,
        },
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
        "CLOSESPIDER_TIMEOUT": MAX_RUN_SECONDS,
        "LOG_LEVEL": "INFO",
        "FETCH_HOSTS": hosts,
        "TWISTED_DNS_RESOLVER": "crawlers.middlewares.ssrf.PublicResolver",
        "DOWNLOAD_HANDLERS": dict.fromkeys(("data", "file", "ftp", "s3")) | dict.fromkeys(("http", "https"), _DOWNLOAD_HANDLER),
        "DOWNLOADER_MIDDLEWARES": {
            "crawlers.middlewares.ssrf.AllowedHostsMiddleware": 50,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "crawlers.politeness.StrictRobotsTxtMiddleware": 100,
            "crawlers.middlewares.tdm.TdmReservationMiddleware": 110,
            # answers meet it just before Scrapy's own retries, at 550
            "crawlers.middlewares.throttle.OverloadRetryMiddleware": 560,
            "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
            "crawlers.middlewares.decompression.LeanHttpCompressionMiddleware": 590,  # in its place
        },
    }


def require_identity(url: str) -> None:
    """Raises Problem when nobody answers for the robot that would ask a real site: a file or this machine needs no name."""
    contact = get_settings().contact
    if not contact and not url.startswith("file:") and not is_loopback(urlsplit(url).hostname or ""):
        raise UserError("OUVOIR_CONTACT : adresse où répondre du robot attendue (page ou courriel), pour lire un vrai site")
    if contact and not contact.isascii():
        raise UserError("OUVOIR_CONTACT : adresse sans accents attendue")


def get_user_agent() -> str:
    """The program, its version and who answers for it: the same for every request of a run."""
    return f"{ROBOT_NAME}/{VERSION} (+{get_settings().contact or 'rehearsal'})"


def get_request_delay(host: str, requested: float) -> float:
    """Seconds between two requests to a host; only this very machine may be asked faster, in rehearsals."""
    rehearsal = get_settings().loopback_delay
    return rehearsal if rehearsal is not None and is_loopback(host) else requested


class StrictRobotsTxtMiddleware(RobotsTxtMiddleware):
    """robots.txt obeyed as RFC 9309 says: unreachable means forbidden, and the site's own delay slows the run down.

    In a run, each robots.txt is kept and compared with the one before; a change may end the run. `read` holds them by host.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.read: dict[str, bytes] = {}
        self._stopped: str | None = None
        self._why: dict[str, str] = {}

    async def process_request(self, request: Request, spider: Spider | None = None) -> None:
        """Lets an allowed request pass; robots.txt always is, wherever it is redirected."""
        parts = urlsplit(request.url)
        if request.meta.get("dont_obey_robotstxt") or parts.path == "/robots.txt":
            return
        parser = None if self._stopped else await self.robot_parser(request)
        if self._stopped:
            raise RequestRefusedError(self._stopped)
        if parser is None:
            why = self._why.get(parts.netloc)
            raise RequestRefusedError(f"robots.txt injoignable, rien n'est collecté : {why or request.url}")
        if not parser.allowed(request.url, ROBOT_NAME):
            raise RequestRefusedError(f"robots.txt interdit cette adresse : {request.url}")
        self._apply_crawl_delay(parts.hostname or "", get_crawl_delay(parser))

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status == 429 or response.status >= 500:
            raise RequestRefusedError(f"réponse {response.status} : {response.url}")
        self.read[netloc] = body = b"" if response.status >= 400 else response.body
        if (recorder := getattr(self.crawler.spider, "recorder", None)) is not None:
            try:
                self._stopped = record_robots(recorder, netloc, b"" if looks_like_html(body[:1024].decode("latin-1")) else body)
            except UserError as problem:
                raise RequestRefusedError(str(problem)) from None
        if self._stopped:
            stop_run(self.crawler, self._stopped)
        await super()._parse_robots(response.replace(body=truncate_robots(body)), netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        if isinstance(exc, IgnoreRequest):
            self._why[netloc] = str(exc)
        super()._robots_error(exc, netloc)

    def _apply_crawl_delay(self, host: str, requested: float) -> None:
        """Slows down to what the site asks. Raises Refused when it asks for more than a crawl can be."""
        if requested > MAX_CRAWL_DELAY:
            raise RequestRefusedError(
                f"robots.txt demande {requested:.0f} secondes entre deux demandes : demander un flux à {host}"
            )
        assert self.crawler.engine is not None
        downloader = self.crawler.engine.downloader
        known = downloader.per_slot_settings.get(host, {}).get("delay", -1.0)
        delay = max(self.crawler.settings.getfloat("DOWNLOAD_DELAY"), get_request_delay(host, requested))
        if delay > known:
            downloader.per_slot_settings[host] = {"delay": delay, "concurrency": 1, "jitter": 0}
            if host in downloader.slots:
                downloader.slots[host].delay = max(delay, downloader.slots[host].delay)


def get_crawl_delay(parser: RobotParser) -> float:
    """Seconds that a robots.txt asks our robot to leave between two requests, as Crawl-delay or Request-rate."""
    delay = parser.crawl_delay(ROBOT_NAME) or 0.0
    rate = parser.rp.request_rate(ROBOT_NAME) if isinstance(parser, ProtegoRobotParser) else None
    return max(delay, rate.seconds / rate.requests if rate and rate.requests else 0.0)


def truncate_robots(body: bytes) -> bytes:
    """The whole lines of the first 512 KiB."""
    return body if len(body) <= ROBOTS_SIZE_LIMIT else body[:ROBOTS_SIZE_LIMIT].rpartition(b"\n")[0]
