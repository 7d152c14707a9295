"""Watch what robots.txt says beyond its rules: keep a dated copy, report a change, notice refusals written for people."""

import re
from datetime import UTC, datetime

from crawlers.crawl_run import CrawlRun
from crawlers.extract.mapper import Issue
from crawlers.robots_rules import ROBOTS_SIZE_LIMIT
from domain.common.enums import LegalBasis, TaskKind
from domain.common.text import clean_text, fold_text
from domain.db.engine import write_session
from domain.monitoring.robots_history import get_last_robots_copy, record_robots_copy
from domain.runs.runs import get_run
from domain.tasks import open_task

ROBOTS_ISSUE = "robots.txt"
_COMMENT = re.compile(r"^[^#\n]*#(.*)$", re.MULTILINE)
_REFUSAL_PHRASES = re.compile(
    r"interdi|s'oppose|opposition|reserve (ses|les|tous) droits|droits reserves|sans (son |notre )?(accord|autorisation)"
    r"|autorisation (ecrite|prealable)|godfrain|323-1|l\.? ?122-5|2019/790|text (and|&) data mining|fouille de (textes|donnees)"
    r"|\btdm\b|prohibit|forbidden|not (allowed|permitted|authori[sz]ed)|without .{0,30}(permission|consent)|strictly"
    r"|all rights reserved|reserves? (the|its|all) rights?|scraping|moissonnage|aspiration"
)


def find_refusal_comment(robots: str) -> str | None:
    """Return the first comment of a robots.txt that seems to refuse robots, for a person to judge; None when none does.

    Only the first 512 Ki characters are read.
    """
    for comment in _COMMENT.finditer(robots[:ROBOTS_SIZE_LIMIT]):
        if _REFUSAL_PHRASES.search(fold_text(comment[1])):
            return clean_text(comment[1])[:200]
    return None


def record_robots(run: CrawlRun, host: str, body: bytes) -> str | None:
    """Store a copy of a robots.txt read in a run, and return why the run must stop, or None.

    On a change, or a refusal in words at first sight, an open platform is paused: a task waits for an agent. Others, whose
    right to collect is written elsewhere, only get an issue.
    """
    message = _store_copy(run, host, body[:ROBOTS_SIZE_LIMIT])
    if message is None:
        return None
    if run.platform.legal.basis is not LegalBasis.OPEN:
        run.record_issue(Issue(ROBOTS_ISSUE, message))
        return None
    return f"{message} ; rien n'est collecté avant qu'un agent l'ait lu (« ouvoir tasks »)"


def _store_copy(run: CrawlRun, host: str, body: bytes) -> str | None:
    """Store the copy, open a task where one is needed, and return what changed since the last copy."""
    now = datetime.now(UTC)
    with write_session(run.engine) as session:
        platform_id = get_run(session, run.run_id).platform_id
        is_first_copy = get_last_robots_copy(session, platform_id, host) is None
        has_changed = record_robots_copy(session, platform_id, host, body, now)
        refusal = None
        if is_first_copy or has_changed:
            refusal = find_refusal_comment(body.decode("utf-8", "replace"))
        message = _describe_change(host, has_changed, refusal)
        if message and run.platform.legal.basis is LegalBasis.OPEN:
            open_task(session, platform_id, TaskKind.ROBOTS, message, now)
    return message


def _describe_change(host: str, has_changed: bool, refusal: str | None) -> str | None:
    if not has_changed and refusal is None:
        return None
    event = "a changé" if has_changed else "semble refuser les robots en toutes lettres"
    quote = f" : « {refusal} »" if refusal else ""
    return f"robots.txt de {host} {event}{quote}"
