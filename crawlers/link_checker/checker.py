"""The links of one service checked, within its budget of the day; what is broken for days is hidden."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic

from sqlalchemy import Engine

from crawlers.link_checker.client import LinkChecker
from crawlers.platform_files.loader import AnyPlatformFile, PlatformFile
from crawlers.platform_files.permission import require_collectable, require_unpaused
from domain.common.enums import LinkFinding
from domain.common.errors import UserError
from domain.common.paris_time import is_window_open
from domain.common.text import format_count
from domain.db.engine import read_session, write_session
from domain.db.locks import get_crawl_lock, hold_lock
from domain.monitoring.link_checks import hide_broken_links, is_checking_stopped, record_link_check
from domain.monitoring.link_lists import list_due_links
from domain.runs.platforms import register_platform

DAILY_LINKS_LIMIT = 200
"""Links of a service checked in a day, all passes together."""
_FINDING_LABELS = {
    LinkFinding.FINE: ("trouvé", "trouvés"),
    LinkFinding.GONE: ("rompu", "rompus"),
    LinkFinding.FAULT: ("en panne", "en panne"),
    LinkFinding.REFUSED: ("refusé", "refusés"),
}


@dataclass(frozen=True)
class LinkCheckSummary:
    """What a pass found, and how many links it hid."""

    findings: Counter[LinkFinding] = field(default_factory=Counter)
    hidden_count: int = 0

    def __add__(self, other: "LinkCheckSummary") -> "LinkCheckSummary":
        return LinkCheckSummary(self.findings + other.findings, self.hidden_count + other.hidden_count)

    def format_summary(self) -> str:
        """« 200 liens vérifiés : 198 trouvés, 2 rompus »; empty when there was nothing to check."""
        told = [
            f"{self.findings[word]} {said[self.findings[word] > 1]}"
            for word, said in _FINDING_LABELS.items()
            if self.findings[word]
        ]
        hidden = f" ; {format_count(self.hidden_count, 'caché')}" if self.hidden_count else ""
        return f"{format_count(self.findings.total(), 'lien vérifié')} : {', '.join(told)}{hidden}" if told else ""


def check_links(
    engine: Engine, file: AnyPlatformFile, limit: int = DAILY_LINKS_LIMIT, seconds: float | None = None
) -> LinkCheckSummary:
    """Checks the links of a service that were not yet today, `most` in the day, until `seconds` have passed.

    Raises Problem when the service may not be asked, now or ever; nothing is asked of it then.
    """
    platform, now = require_collectable(file, None), datetime.now(UTC)
    if not is_window_open(platform.politeness.night, now):
        raise UserError(f"{platform.slug} : liens à vérifier pendant ses heures seulement ({platform.politeness.night})")
    with hold_lock(engine, get_crawl_lock(platform.slug), f"{platform.slug} : une collecte de cette plateforme est en cours"):
        with write_session(engine) as session:
            registered = register_platform(session, platform.build_platform_facts())
            require_unpaused(session, registered)
        with read_session(engine) as session:
            urls = list_due_links(session, registered, now, limit)
        found = Counter(_check_all_links(engine, platform, registered.id or 0, urls, _make_time_limit(seconds)) if urls else ())
        if not found:
            return LinkCheckSummary()
        with write_session(engine) as session:
            return LinkCheckSummary(found, hide_broken_links(session, registered, datetime.now(UTC)))


def _make_time_limit(seconds: float | None) -> Callable[[], bool]:
    started = monotonic()
    return lambda: seconds is not None and monotonic() - started > seconds


def _check_all_links(
    engine: Engine, platform: PlatformFile, platform_id: int, urls: Sequence[str], is_over: Callable[[], bool]
) -> Iterator[LinkFinding]:
    with LinkChecker(platform) as asker:
        for url in urls:
            with read_session(engine) as session:
                stopped = is_checking_stopped(session, platform_id, datetime.now(UTC))
            if stopped or is_over() or not is_window_open(platform.politeness.night, datetime.now(UTC)):
                return
            answer = asker.check_link(url)
            with write_session(engine) as session:
                record_link_check(session, platform_id, url, answer.finding, answer.status, datetime.now(UTC))
            yield answer.finding
