"""Register platforms in the database as their files describe them."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session, col, select

from domain.common.enums import Access, LegalBasis, PlatformStatus
from domain.common.errors import UserError
from domain.models.platform import Platform


class PlatformFacts(BaseModel):
    """Represent what a platform file says of a service, apart from how it is collected."""

    slug: str
    name: str
    operator: str
    country: str
    status: PlatformStatus
    legal_basis: LegalBasis
    legal_evidence: str
    legal_checked_on: date
    legal_doubt: str | None = None
    blocked: str | None = None
    status_note: str | None = None
    site: str | None = None
    accesses: list[Access] = []
    replaces: list[str] = []
    hosts: list[str] = []
    expect: dict[str, Any] = {}
    every_hours: int | None = None
    night: str | None = None


def register_platform(session: Session, facts: PlatformFacts) -> Platform:
    """Create the platform or update it; its id and its current run never change here."""
    platform = session.exec(select(Platform).where(col(Platform.slug) == facts.slug)).first()
    if platform is None:
        platform = Platform(**facts.model_dump())
    else:
        platform.sqlmodel_update(facts.model_dump())
    session.add(platform)
    session.flush()
    return platform


def register_platforms(session: Session, platforms: Iterable[PlatformFacts]) -> None:
    """Update the platforms from their files, and add the new ones; a platform whose file is gone stays as it was.

    An invented service is never added, nor is any service to a demonstration, whose invented services were collected.
    """
    registered_slugs = set(session.exec(select(Platform.slug)))
    is_demonstration = _has_collected_invented_platform(session)
    for facts in platforms:
        may_be_added = not is_demonstration and facts.legal_basis is not LegalBasis.INVENTED
        if facts.slug in registered_slugs or may_be_added:
            register_platform(session, facts)


def _has_collected_invented_platform(session: Session) -> bool:
    query = select(Platform.id).where(Platform.legal_basis == LegalBasis.INVENTED, col(Platform.current_run_id).is_not(None))
    return session.exec(query.limit(1)).first() is not None


def get_platform(session: Session, slug: str) -> Platform:
    """Return a platform by its slug. Raises UserError when there is none."""
    platform = session.exec(select(Platform).where(col(Platform.slug) == slug)).first()
    if platform is None:
        raise UserError(f"plateforme inconnue : « {slug} »")
    return platform
