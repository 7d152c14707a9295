"""Tell when a platform is due to be collected, and let agents ask for a collection at once."""

from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select

from domain.accounts.audit_trail import log_audit_event
from domain.common.enums import LegalBasis, PlatformStatus
from domain.common.errors import UserError
from domain.common.paris_time import get_next_opening
from domain.models.agent import Agent
from domain.models.platform import Platform
from domain.models.run import Run
from domain.tasks import is_collection_paused

_NEVER = datetime.min.replace(tzinfo=UTC)


def get_last_run_start(session: Session, platform: Platform) -> datetime | None:
    """Return when the platform's last run began, whatever became of it; None before the first."""
    query = select(col(Run.started_at)).where(Run.platform_id == platform.id).order_by(col(Run.id).desc())
    return session.exec(query.limit(1)).first()


def get_due_at(every_hours: int, last_run_at: datetime | None, intervals: int = 1) -> datetime:
    """Return when a platform collected every so many hours is due again, `intervals` times this after its last run.

    Without a run it is due at once: the earliest moment of all is returned.
    """
    if last_run_at is None:
        return _NEVER
    return last_run_at + intervals * timedelta(hours=every_hours)


def get_pending_request(platform: Platform, last_run_at: datetime | None) -> datetime | None:
    """Return when an agent asked for a collection that has not begun yet, None when nobody did."""
    if platform.requested_at is None or (last_run_at is not None and platform.requested_at <= last_run_at):
        return None
    return platform.requested_at


def is_run_requested(platform: Platform, last_run_at: datetime | None) -> bool:
    """Tell whether an agent asked for a collection that has not begun yet."""
    return get_pending_request(platform, last_run_at) is not None


def get_next_run_start(platform: Platform, last_run_at: datetime | None, now: datetime) -> datetime | None:
    """Return the first moment when the scheduler may collect the platform; None when it does not collect it by itself."""
    if platform.every_hours is None:
        return None
    due_at = get_due_at(platform.every_hours, last_run_at)
    if is_run_requested(platform, last_run_at):
        due_at = now
    return get_next_opening(platform.night, max(now, due_at))


def get_collection_blocker(session: Session, platform: Platform) -> str | None:
    """Return what keeps the scheduler from collecting a platform, in French; None when nothing does."""
    if platform.legal_basis is LegalBasis.FORBIDDEN:
        return "ses conditions interdisent la collecte"
    if platform.status is PlatformStatus.CLOSED:
        return "le service est fermé"
    if platform.status is PlatformStatus.PAUSED:
        return "sa collecte est suspendue"
    if platform.blocked:
        return platform.blocked
    if platform.every_hours is None:
        return "rien n'y est collecté : c'est son éditeur qui nous envoie son catalogue"
    if is_collection_paused(session, platform):
        return "son robots.txt a changé, un agent doit le relire"
    return None


def request_run(session: Session, platform: Platform, agent: Agent, now: datetime) -> None:
    """Ask the scheduler to collect a platform as soon as it may.

    Raises UserError when it cannot be collected, or when somebody asked already.
    """
    blocker = get_collection_blocker(session, platform)
    if blocker is not None:
        raise UserError(f"{platform.name} ne peut pas être collecté : {blocker}")
    if is_run_requested(platform, get_last_run_start(session, platform)):
        raise UserError(f"{platform.name} : une collecte est déjà demandée")
    _set_run_request(session, platform, agent, now, "run-wanted", now)


def cancel_run_request(session: Session, platform: Platform, agent: Agent, now: datetime) -> None:
    """Cancel the request for a collection. Raises UserError when there is none, or when the collection has begun."""
    if not is_run_requested(platform, get_last_run_start(session, platform)):
        raise UserError(f"{platform.name} : aucune collecte n'est demandée, ou elle a déjà commencé")
    _set_run_request(session, platform, agent, now, "run-unwanted", None)


def _set_run_request(
    session: Session, platform: Platform, agent: Agent, now: datetime, action: str, requested_at: datetime | None
) -> None:
    before = _snapshot_request(platform)
    platform.requested_at = requested_at
    platform.requested_by = agent.id if requested_at else None
    session.add(platform)
    after = _snapshot_request(platform)
    log_audit_event(session, now, agent.id, action, platform_id=platform.id, before=before, after=after)


def _snapshot_request(platform: Platform) -> dict[str, str | None]:
    """Return the request of a platform, for the audit trail."""
    return {"wanted": platform.requested_at.isoformat() if platform.requested_at else None}
