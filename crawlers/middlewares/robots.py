"""What robots.txt says beyond its rules: a dated copy is kept, a change is told, and sentences written for people count."""

import re
from datetime import UTC, datetime

from crawlers.extract.mapper import Issue
from crawlers.pipeline import Recorder
from domain.common.enums import LegalBasis, TaskKind
from domain.common.text import clean_text, fold_text
from domain.db.engine import write_session
from domain.monitoring.robots_history import get_last_robots_copy, record_robots_copy
from domain.runs.runs import get_run
from domain.tasks import open_task

ROBOTS_ISSUE = "robots.txt"
READ_LIMIT = 512 * 1024  # RFC 9309: what comes after may be left unread
_COMMENT = re.compile(r"^[^#\n]*#(.*)$", re.MULTILINE)
_REFUSAL_PHRASES = re.compile(
    r"interdi|s'oppose|opposition|reserve (ses|les|tous) droits|droits reserves|sans (son |notre )?(accord|autorisation)"
    r"|autorisation (ecrite|prealable)|godfrain|323-1|l\.? ?122-5|2019/790|text (and|&) data mining|fouille de (textes|donnees)"
    r"|\btdm\b|prohibit|forbidden|not (allowed|permitted|authori[sz]ed)|without .{0,30}(permission|consent)|strictly"
    r"|all rights reserved|reserves? (the|its|all) rights?|scraping|moissonnage|aspiration"
)


def find_refusal_comment(robots: str) -> str | None:
    """The first comment of a robots.txt that seems to refuse robots, for a person to judge; None when none does.

    Only the first 512 Ki characters are read.
    """
    for comment in _COMMENT.finditer(robots[:READ_LIMIT]):
        if _REFUSAL_PHRASES.search(fold_text(comment[1])):
            return clean_text(comment[1])[:200]
    return None


def record_robots(recorder: Recorder, host: str, body: bytes) -> str | None:
    """Keeps a copy of a robots.txt read in a run; why the run must stop, or None.

    On a change, or a refusal in words at first sight, an open platform is paused: a task waits for an agent. Others, whose
    right to collect is written elsewhere, only get an issue.
    """
    now, bound = datetime.now(UTC), recorder.platform.legal.basis is not LegalBasis.OPEN
    with write_session(recorder.engine) as session:
        platform_id = get_run(session, recorder.run_id).platform_id
        first = get_last_robots_copy(session, platform_id, host) is None
        changed = record_robots_copy(session, platform_id, host, body[:READ_LIMIT], now)
        refusal = find_refusal_comment(body[:READ_LIMIT].decode("utf-8", "replace")) if first or changed else None
        said = _describe_change(host, changed, refusal)
        if said and not bound:
            open_task(session, platform_id, TaskKind.ROBOTS, said, now)
    if said and bound:
        recorder.record_issue(Issue(ROBOTS_ISSUE, said))
    return f"{said} ; rien n'est collecté avant qu'un agent l'ait lu (« ouvoir tasks »)" if said and not bound else None


def _describe_change(host: str, changed: bool, refusal: str | None) -> str | None:
    if not changed and refusal is None:
        return None
    what = "a changé" if changed else "semble refuser les robots en toutes lettres"
    return f"robots.txt de {host} {what}" + (f" : « {refusal} »" if refusal else "")
