"""What services answer to the links we show: a page gone for days hides its offers, a slip never does."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import case, delete, update
from sqlmodel import Session, col, func, select

from domain.accounts.audit_trail import log_audit_event, parse_reason
from domain.common.enums import CloseReason, LinkFinding, TaskKind
from domain.common.errors import UserError
from domain.common.isoformat import format_iso
from domain.common.paris_time import get_day_start, get_paris_date
from domain.models.agent import Agent
from domain.models.link_check import LinkCheck
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.task import Task
from domain.monitoring.link_lists import map_open_offers_by_link
from domain.tasks import open_task

DAYS_BEFORE_HIDING = 3
"""Days in a row (in Paris) without the page, before the offers that lead there are hidden."""
MIN_NEWLY_GONE = 2
"""So many links of a service newly gone in a day are believed, however few were checked."""
MAX_NEWLY_GONE_SHARE = 0.1
"""Beyond this share of the links checked in a day, it is likelier that the service changed its addresses."""
RETENTION_DAYS = 90
_BATCH = 500
_MAX_CONSECUTIVE_FAULTS = 10
_OVERLOAD_STATUSES = (429, 503)


def record_link_check(
    session: Session, platform_id: int, url: str, finding: LinkFinding, status: int | None, now: datetime
) -> LinkCheck:
    """Writes what a service answered to a link. Only « gone » counts a day, only « fine » forgets the days counted."""
    known = select(LinkCheck).where(LinkCheck.platform_id == platform_id, LinkCheck.url == url)
    check = session.exec(known).first() or LinkCheck(platform_id=platform_id, url=url, checked_at=now, finding=finding)
    check.checked_at, check.finding, check.status = now, finding, status
    today = get_paris_date(now)
    if finding is LinkFinding.GONE and check.gone_on != today:
        check.gone_days, check.gone_on = check.gone_days + 1, today
    if finding is LinkFinding.FINE:
        _reset_check(check)
    session.add(check)
    session.flush()
    return check


def _reset_check(check: LinkCheck) -> None:
    check.gone_days, check.gone_on, check.hidden_at = 0, None, None


def is_checking_stopped(session: Session, platform_id: int, now: datetime) -> bool:
    """Whether a service is left alone for the day: it said that it is asked too much, or failed ten times in a row."""
    today = select(LinkCheck).where(
        LinkCheck.platform_id == platform_id, col(LinkCheck.checked_at) >= get_day_start(get_paris_date(now))
    )
    too_much = today.where(LinkCheck.finding == LinkFinding.REFUSED, col(LinkCheck.status).in_(_OVERLOAD_STATUSES))
    if session.exec(too_much.limit(1)).first() is not None:
        return True
    last = session.exec(
        today.order_by(col(LinkCheck.checked_at).desc(), col(LinkCheck.id).desc()).limit(_MAX_CONSECUTIVE_FAULTS)
    ).all()
    return len(last) == _MAX_CONSECUTIVE_FAULTS and all(check.finding is LinkFinding.FAULT for check in last)


def hide_broken_links(session: Session, platform: Platform, now: datetime) -> int:
    """Hides the links gone for long enough, and closes the offers that lead to hidden ones; how many links it hid.

    When too many went at once nothing more is hidden, and a task waits for an agent; until it is closed, nothing is either.
    """
    assert platform.id is not None
    hidden: list[LinkCheck] = []
    if not _detect_mass_breakage(session, platform.id, now) and not _has_open_task(session, platform.id):
        asked = select(LinkCheck).where(LinkCheck.platform_id == platform.id, col(LinkCheck.hidden_at).is_(None))
        long = asked.where(LinkCheck.finding == LinkFinding.GONE, col(LinkCheck.gone_days) >= DAYS_BEFORE_HIDING)
        hidden = list(session.exec(long.where(LinkCheck.gone_on == get_paris_date(now))))
    for check in hidden:
        check.hidden_at = now
        session.add(check)
    session.flush()
    _close_hidden_offers(session, platform, now)
    return len(hidden)


def _detect_mass_breakage(session: Session, platform_id: int, now: datetime) -> bool:
    """Whether too many links that stood before are gone today; asks an agent to look when they are."""
    newly = (col(LinkCheck.gone_days) == 1) & (col(LinkCheck.gone_on) == get_paris_date(now))
    standing = newly | (col(LinkCheck.gone_days) == 0)
    answered = col(LinkCheck.finding).in_((LinkFinding.FINE, LinkFinding.GONE))
    asked = select(func.count(), func.coalesce(func.sum(case((newly, 1), else_=0)), 0)).select_from(LinkCheck)
    asked = asked.where(LinkCheck.platform_id == platform_id, col(LinkCheck.checked_at) >= get_day_start(get_paris_date(now)))
    checked, gone = session.exec(asked.where(standing, answered, col(LinkCheck.hidden_at).is_(None))).one()
    if gone <= max(MIN_NEWLY_GONE, checked * MAX_NEWLY_GONE_SHARE):
        return False
    told = f"{gone} liens sur {checked} vérifiés ne mènent plus à rien : le service a sans doute changé ses adresses"
    open_task(session, platform_id, TaskKind.LINKS, f"{told} ; aucun lien n’est caché tant que cette tâche est ouverte", now)
    return True


def _has_open_task(session: Session, platform_id: int) -> bool:
    """Whether an agent is expected to look at the links of a service."""
    asked = select(Task.id).where(Task.platform_id == platform_id, Task.kind == TaskKind.LINKS, col(Task.closed_at).is_(None))
    return session.exec(asked).first() is not None


def _close_hidden_offers(session: Session, platform: Platform, now: datetime) -> None:
    """Ends the open periods of offers that lead to hidden links."""
    hidden = _list_hidden_urls(session, platform.id or 0)
    leading = map_open_offers_by_link(session, platform) if hidden else {}
    numbers = [number for url in hidden for number in leading.get(url, ())]
    for start in range(0, len(numbers), _BATCH):
        closing = update(Offer).where(col(Offer.id).in_(numbers[start : start + _BATCH]))
        session.execute(
            closing.values(closed_at=now, closed_why=CloseReason.BROKEN_LINK), execution_options={"synchronize_session": False}
        )


def _list_hidden_urls(session: Session, platform_id: int) -> Sequence[str]:
    asked = select(LinkCheck.url).where(LinkCheck.platform_id == platform_id, col(LinkCheck.hidden_at).is_not(None))
    return session.exec(asked).all()


def restore_link(session: Session, check_id: int, agent: Agent, reason: str, now: datetime) -> LinkCheck:
    """A person says that a hidden link is good: the next collection opens its offers again, and days are counted anew.

    Raises Problem when the link is unknown or not hidden, or without a reason.
    """
    told = parse_reason(reason)
    check = session.exec(select(LinkCheck).where(LinkCheck.id == check_id).with_for_update()).first()
    if check is None or check.hidden_at is None:
        raise UserError("ce lien n’est pas caché : il a été retrouvé ou rétabli entre-temps")
    before = {"hidden": format_iso(check.hidden_at), "gone_days": check.gone_days}
    _reset_check(check)
    session.add(check)
    log_audit_event(
        session, now, agent.id, "link-restored", platform_id=check.platform_id, detail={"url": check.url}, before=before,
        after={"hidden": None, "gone_days": 0, "reason": told},
    )  # fmt: skip
    return check


def delete_old_checks(session: Session, now: datetime) -> None:
    """Forgets the links that were not asked for 90 days: no service shows them any more."""
    session.exec(delete(LinkCheck).where(col(LinkCheck.checked_at) < now - timedelta(days=RETENTION_DAYS)))
