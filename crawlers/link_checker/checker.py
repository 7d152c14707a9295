"""Check the links of one service, within its budget of the day, and hide what has been broken for days."""

from collections import Counter
from collections.abc import Iterator, Sequence
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
    """Hold how many links of each finding a pass met, and how many it hid."""

    findings: Counter[LinkFinding] = field(default_factory=Counter)
    hidden_count: int = 0

    def __add__(self, other: "LinkCheckSummary") -> "LinkCheckSummary":
        return LinkCheckSummary(self.findings + other.findings, self.hidden_count + other.hidden_count)

    def format_summary(self) -> str:
        """Return « 200 liens vérifiés : 198 trouvés, 2 rompus »; an empty text when there was nothing to check."""
        details = []
        for finding, (singular, plural) in _FINDING_LABELS.items():
            count = self.findings[finding]
            if count:
                details.append(f"{count} {plural if count > 1 else singular}")
        if not details:
            return ""
        hidden = f" ; {format_count(self.hidden_count, 'caché')}" if self.hidden_count else ""
        return f"{format_count(self.findings.total(), 'lien vérifié')} : {', '.join(details)}{hidden}"


def check_links(
    engine: Engine, file: AnyPlatformFile, limit: int = DAILY_LINKS_LIMIT, seconds: float | None = None
) -> LinkCheckSummary:
    """Check the links of a service that were not yet checked today, `limit` in the day, until `seconds` have passed.

    Raises UserError when the service may not be asked, now or ever; nothing is requested of it then.
    """
    platform = require_collectable(file, None)
    now = datetime.now(UTC)
    if not is_window_open(platform.politeness.night, now):
        raise UserError(f"{platform.slug} : liens à vérifier pendant ses heures seulement ({platform.politeness.night})")
    with hold_lock(engine, get_crawl_lock(platform.slug), f"{platform.slug} : une collecte de cette plateforme est en cours"):
        with write_session(engine) as session:
            registered = register_platform(session, platform.build_platform_facts())
            require_unpaused(session, registered)
        with read_session(engine) as session:
            urls = list_due_links(session, registered, now, limit)
        if not urls:
            return LinkCheckSummary()
        assert registered.id is not None
        deadline = None if seconds is None else monotonic() + seconds
        findings = Counter(_check_all_links(engine, platform, registered.id, urls, deadline))
        if not findings:
            return LinkCheckSummary()
        with write_session(engine) as session:
            return LinkCheckSummary(findings, hide_broken_links(session, registered, datetime.now(UTC)))


def _check_all_links(
    engine: Engine, platform: PlatformFile, platform_id: int, urls: Sequence[str], deadline: float | None
) -> Iterator[LinkFinding]:
    """Check links one by one and store each finding, until the deadline, the end of the night, or a task for an agent."""
    with LinkChecker(platform) as link_checker:
        for url in urls:
            is_late = deadline is not None and monotonic() > deadline
            if is_late or not is_window_open(platform.politeness.night, datetime.now(UTC)):
                return
            with read_session(engine) as session:
                if is_checking_stopped(session, platform_id, datetime.now(UTC)):
                    return
            result = link_checker.check_link(url)
            with write_session(engine) as session:
                record_link_check(session, platform_id, url, result.finding, result.status, datetime.now(UTC))
            yield result.finding
