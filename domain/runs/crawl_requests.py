"""A collection asked for by an agent, and when a platform is collected next."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from domain.accounts.audit_trail import log_audit_event
from domain.common.enums import LegalBasis, PlatformStatus
from domain.common.errors import UserError
from domain.common.paris_time import get_next_opening
from domain.models.agent import Agent
from domain.models.platform import Platform
from domain.models.run import Run
from domain.tasks import is_collection_paused


def get_last_run_start(session: Session, platform: Platform) -> datetime | None:
    """When the platform's last run began, whatever became of it."""
    asked = select(col(Run.started_at)).where(Run.platform_id == platform.id).order_by(col(Run.id).desc())
    return session.exec(asked.limit(1)).first()


def is_run_requested(platform: Platform, last_run_at: datetime | None) -> bool:
    """Whether an agent asked for a collection that has not begun yet."""
    return platform.requested_at is not None and (last_run_at is None or platform.requested_at > last_run_at)


def get_next_run_start(platform: Platform, last_run_at: datetime | None, now: datetime) -> datetime | None:
    """The first moment when the clock may collect the platform; None when it does not collect it by itself."""
    if platform.every_hours is None:
        return None
    waits = timedelta(hours=platform.every_hours)
    ripe = now if last_run_at is None or is_run_requested(platform, last_run_at) else max(now, last_run_at + waits)
    return get_next_opening(platform.night, ripe)


def get_collection_blocker(session: Session, platform: Platform) -> str | None:
    """What keeps the clock from collecting a platform, in French; None when nothing does."""
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
    """Asks the clock to collect a platform as soon as it may. Raises Problem when it cannot be, or was asked already."""
    if reason := get_collection_blocker(session, platform):
        raise UserError(f"{platform.name} ne peut pas être collecté : {reason}")
    if is_run_requested(platform, get_last_run_start(session, platform)):
        raise UserError(f"{platform.name} : une collecte est déjà demandée")
    _set_run_request(session, platform, agent, now, "run-wanted", now)


def cancel_run_request(session: Session, platform: Platform, agent: Agent, now: datetime) -> None:
    """Takes back what was asked. Raises Problem when nothing is, or when the collection has begun."""
    if not is_run_requested(platform, get_last_run_start(session, platform)):
        raise UserError(f"{platform.name} : aucune collecte n'est demandée, ou elle a déjà commencé")
    _set_run_request(session, platform, agent, now, "run-unwanted", None)


def _set_run_request(
    session: Session, platform: Platform, agent: Agent, now: datetime, action: str, requested_at: datetime | None
) -> None:
    before = {"wanted": platform.requested_at.isoformat() if platform.requested_at else None}
    platform.requested_at, platform.requested_by = requested_at, agent.id if requested_at else None
    session.add(platform)
    after = {"wanted": requested_at.isoformat() if requested_at else None}
    log_audit_event(session, now, agent.id, action, platform_id=platform.id, before=before, after=after)
