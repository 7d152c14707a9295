"""Record what platforms answer to the links we show, and hide the offers of links that lead nowhere for days."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import case, delete, update
from sqlmodel import Session, col, func, select

from domain.accounts.audit_trail import log_audit_event, parse_reason
from domain.common.batches import iter_batches
from domain.common.enums import CloseReason, LinkFinding, TaskKind
from domain.common.errors import UserError
from domain.common.isoformat import format_iso
from domain.common.paris_time import get_day_start, get_paris_date
from domain.models.agent import Agent
from domain.models.columns import get_id
from domain.models.link_check import LinkCheck
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.task import Task
from domain.monitoring.link_lists import map_open_offers_by_link
from domain.tasks import open_task

DAYS_BEFORE_HIDING = 3
"""Days in a row (in Paris) without the page, before the offers that lead there are hidden."""
MIN_NEWLY_GONE = 2
"""So many links of a platform newly gone in a day are believed, however few were checked."""
MAX_NEWLY_GONE_SHARE = 0.1
"""Beyond this share of the links checked in a day, it is likelier that the platform changed its addresses."""
RETENTION_DAYS = 90
_BATCH = 500
_MAX_CONSECUTIVE_FAULTS = 10
_OVERLOAD_STATUSES = (429, 503)


def record_link_check(
    session: Session, platform_id: int, url: str, finding: LinkFinding, status: int | None, now: datetime
) -> LinkCheck:
    """Store what a platform answered to a link. Only « gone » counts a day, only « fine » resets the days counted."""
    query = select(LinkCheck).where(LinkCheck.platform_id == platform_id, LinkCheck.url == url)
    check = session.exec(query).first() or LinkCheck(platform_id=platform_id, url=url, checked_at=now, finding=finding)
    check.checked_at = now
    check.finding = finding
    check.status = status
    today = get_paris_date(now)
    if finding is LinkFinding.GONE and check.gone_on != today:
        check.gone_days += 1
        check.gone_on = today
    if finding is LinkFinding.FINE:
        _reset_check(check)
    session.add(check)
    session.flush()
    return check


def _reset_check(check: LinkCheck) -> None:
    check.gone_days = 0
    check.gone_on = None
    check.hidden_at = None


def is_checking_stopped(session: Session, platform_id: int, now: datetime) -> bool:
    """Tell whether a platform is left alone for the day: it answered that it is overloaded, or failed ten times in a row."""
    today = get_day_start(get_paris_date(now))
    query = select(LinkCheck).where(LinkCheck.platform_id == platform_id, col(LinkCheck.checked_at) >= today)
    overloaded = query.where(LinkCheck.finding == LinkFinding.REFUSED, col(LinkCheck.status).in_(_OVERLOAD_STATUSES))
    if session.exec(overloaded.limit(1)).first() is not None:
        return True
    latest_first = query.order_by(col(LinkCheck.checked_at).desc(), col(LinkCheck.id).desc())
    last_checks = session.exec(latest_first.limit(_MAX_CONSECUTIVE_FAULTS)).all()
    if len(last_checks) < _MAX_CONSECUTIVE_FAULTS:
        return False
    return all(check.finding is LinkFinding.FAULT for check in last_checks)


def hide_broken_links(session: Session, platform: Platform, now: datetime) -> int:
    """Hide the links gone for long enough, and close the offers that lead to hidden ones. Returns how many were hidden.

    When too many links went at once, none is hidden and a task is opened for an agent; none is hidden until it is closed.
    """
    platform_id = get_id(platform)
    newly_hidden: Sequence[LinkCheck] = ()
    if not _detect_mass_breakage(session, platform_id, now) and not _has_open_task(session, platform_id):
        newly_hidden = _list_links_to_hide(session, platform_id, now)
    for check in newly_hidden:
        check.hidden_at = now
        session.add(check)
    session.flush()
    _close_hidden_offers(session, platform, now)
    return len(newly_hidden)


def _list_links_to_hide(session: Session, platform_id: int, now: datetime) -> Sequence[LinkCheck]:
    """List the links that are not hidden yet and were found gone today for long enough."""
    query = select(LinkCheck).where(LinkCheck.platform_id == platform_id, col(LinkCheck.hidden_at).is_(None))
    query = query.where(LinkCheck.finding == LinkFinding.GONE, LinkCheck.gone_on == get_paris_date(now))
    return session.exec(query.where(col(LinkCheck.gone_days) >= DAYS_BEFORE_HIDING)).all()


def _detect_mass_breakage(session: Session, platform_id: int, now: datetime) -> bool:
    """Tell whether too many links that worked before are gone today, and open a task for an agent when they are."""
    checked, gone = _count_newly_gone(session, platform_id, now)
    if gone <= max(MIN_NEWLY_GONE, checked * MAX_NEWLY_GONE_SHARE):
        return False
    message = (
        f"{gone} liens sur {checked} vérifiés ne mènent plus à rien : le service a sans doute changé ses adresses ; "
        "aucun lien n’est caché tant que cette tâche est ouverte"
    )
    open_task(session, platform_id, TaskKind.LINKS, message, now)
    return True


def _count_newly_gone(session: Session, platform_id: int, now: datetime) -> tuple[int, int]:
    """Count the links checked today that worked before, and those of them that are gone."""
    today = get_paris_date(now)
    is_newly_gone = (col(LinkCheck.gone_days) == 1) & (col(LinkCheck.gone_on) == today)
    worked_before = is_newly_gone | (col(LinkCheck.gone_days) == 0)
    is_answered = col(LinkCheck.finding).in_((LinkFinding.FINE, LinkFinding.GONE))
    gone_count = func.coalesce(func.sum(case((is_newly_gone, 1), else_=0)), 0)
    query = select(func.count(), gone_count).select_from(LinkCheck).where(LinkCheck.platform_id == platform_id)
    query = query.where(worked_before, is_answered, col(LinkCheck.hidden_at).is_(None))
    return session.exec(query.where(col(LinkCheck.checked_at) >= get_day_start(today))).one()


def _has_open_task(session: Session, platform_id: int) -> bool:
    """Tell whether an agent is expected to look at the links of a platform."""
    query = select(Task.id).where(Task.platform_id == platform_id, Task.kind == TaskKind.LINKS, col(Task.closed_at).is_(None))
    return session.exec(query).first() is not None


def _close_hidden_offers(session: Session, platform: Platform, now: datetime) -> None:
    """Close the open periods of offers that lead to hidden links."""
    hidden_urls = _list_hidden_urls(session, get_id(platform))
    if not hidden_urls:
        return
    offers_by_link = map_open_offers_by_link(session, platform)
    offer_ids = [offer_id for url in hidden_urls for offer_id in offers_by_link.get(url, ())]
    for batch in iter_batches(offer_ids, _BATCH):
        closing = update(Offer).where(col(Offer.id).in_(batch))
        closing = closing.values(closed_at=now, closed_why=CloseReason.BROKEN_LINK)
        session.execute(closing, execution_options={"synchronize_session": False})


def _list_hidden_urls(session: Session, platform_id: int) -> Sequence[str]:
    query = select(LinkCheck.url).where(LinkCheck.platform_id == platform_id, col(LinkCheck.hidden_at).is_not(None))
    return session.exec(query).all()


def restore_link(session: Session, check_id: int, agent: Agent, reason: str, now: datetime) -> LinkCheck:
    """Show the offers of a hidden link again from the next collection on, as an agent decided; days are counted anew.

    Raises UserError when the link is unknown or not hidden, or without a reason.
    """
    clean_reason = parse_reason(reason)
    check = session.exec(select(LinkCheck).where(LinkCheck.id == check_id).with_for_update()).first()
    if check is None or check.hidden_at is None:
        raise UserError("ce lien n’est pas caché : il a été retrouvé ou rétabli entre-temps")
    before = {"hidden": format_iso(check.hidden_at), "gone_days": check.gone_days}
    after = {"hidden": None, "gone_days": 0, "reason": clean_reason}
    _reset_check(check)
    session.add(check)
    log_audit_event(
        session, now, agent.id, "link-restored", platform_id=check.platform_id, detail={"url": check.url}, before=before,
        after=after,
    )  # fmt: skip
    return check


def delete_old_checks(session: Session, now: datetime) -> None:
    """Delete the checks of links that were not checked for 90 days: no platform shows them any more."""
    session.exec(delete(LinkCheck).where(col(LinkCheck.checked_at) < now - timedelta(days=RETENTION_DAYS)))
