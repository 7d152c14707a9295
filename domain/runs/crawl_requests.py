"""A collection asked for by an agent, and when a platform is collected next."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from domain.accounts.audit_trail import note
from domain.common.enums import LegalBasis, PlatformStatus
from domain.common.errors import Problem
from domain.common.paris_time import next_opening
from domain.models.agent import Agent
from domain.models.platform import Platform
from domain.models.run import Run
from domain.tasks import is_paused


def last_start(session: Session, platform: Platform) -> datetime | None:
    """When the platform's last run began, whatever became of it."""
    asked = select(col(Run.started)).where(Run.platform_id == platform.id).order_by(col(Run.id).desc())
    return session.exec(asked.limit(1)).first()


def is_wanted(platform: Platform, last: datetime | None) -> bool:
    """Whether an agent asked for a collection that has not begun yet."""
    return platform.wanted is not None and (last is None or platform.wanted > last)


def next_start(platform: Platform, last: datetime | None, now: datetime) -> datetime | None:
    """The first moment when the clock may collect the platform; None when it does not collect it by itself."""
    if platform.every_hours is None:
        return None
    waits = timedelta(hours=platform.every_hours)
    ripe = now if last is None or is_wanted(platform, last) else max(now, last + waits)
    return next_opening(platform.night, ripe)


def why_not_collected(session: Session, platform: Platform) -> str | None:
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
    if is_paused(session, platform):
        return "son robots.txt a changé, un agent doit le relire"
    return None


def ask_for_run(session: Session, platform: Platform, agent: Agent, now: datetime) -> None:
    """Asks the clock to collect a platform as soon as it may. Raises Problem when it cannot be, or was asked already."""
    if reason := why_not_collected(session, platform):
        raise Problem(f"{platform.name} ne peut pas être collecté : {reason}")
    if is_wanted(platform, last_start(session, platform)):
        raise Problem(f"{platform.name} : une collecte est déjà demandée")
    _set(session, platform, agent, now, "run-wanted", now)


def withdraw_wish(session: Session, platform: Platform, agent: Agent, now: datetime) -> None:
    """Takes back what was asked. Raises Problem when nothing is, or when the collection has begun."""
    if not is_wanted(platform, last_start(session, platform)):
        raise Problem(f"{platform.name} : aucune collecte n'est demandée, ou elle a déjà commencé")
    _set(session, platform, agent, now, "run-unwanted", None)


def _set(session: Session, platform: Platform, agent: Agent, now: datetime, action: str, wanted: datetime | None) -> None:
    before = {"wanted": platform.wanted.isoformat() if platform.wanted else None}
    platform.wanted, platform.wanted_by = wanted, agent.id if wanted else None
    session.add(platform)
    after = {"wanted": wanted.isoformat() if wanted else None}
    note(session, now, agent.id, action, platform_id=platform.id, before=before, after=after)
