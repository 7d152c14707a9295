"""Read the rules of a robots.txt as they bear on our robot (RFC 9309)."""

from scrapy.robotstxt import ProtegoRobotParser, RobotParser

from crawlers.identity import ROBOT_NAME

MAX_CRAWL_DELAY = 30
ROBOTS_SIZE_LIMIT = 512 * 1024  # RFC 9309: what comes after may be left unread


def get_crawl_delay(parser: RobotParser) -> float:
    """Return the seconds that our robot must leave between two requests, as Crawl-delay or Request-rate; 0 when unsaid."""
    delay = parser.crawl_delay(ROBOT_NAME) or 0.0
    rate = parser.rp.request_rate(ROBOT_NAME) if isinstance(parser, ProtegoRobotParser) else None
    if rate and rate.requests:
        return max(delay, rate.seconds / rate.requests)
    return delay


def truncate_robots(body: bytes) -> bytes:
    """Return the whole lines of the first 512 KiB."""
    if len(body) <= ROBOTS_SIZE_LIMIT:
        return body
    return body[:ROBOTS_SIZE_LIMIT].rpartition(b"\n")[0]
