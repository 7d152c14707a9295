"""The register of platforms, kept in step with their files."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session, col, select

from domain.common.enums import Access, LegalBasis, PlatformStatus
from domain.common.errors import UserError
from domain.models.platform import Platform


class PlatformFacts(BaseModel):
    """What a platform file says of a service, apart from how it is collected."""

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
    """Creates the platform or brings it up to date; its number and current run never change here."""
    platform = session.exec(select(Platform).where(col(Platform.slug) == facts.slug)).first()
    if platform is None:
        platform = Platform(**facts.model_dump())
    else:
        platform.sqlmodel_update(facts.model_dump())
    session.add(platform)
    session.flush()
    return platform


def register_platforms(session: Session, platforms: Iterable[PlatformFacts]) -> None:
    """Brings the register to what the platform files say; a service whose file is gone stays as it was.

    An invented service is never added, nor anything beside invented services that were collected: a demonstration stays one.
    """
    known = set(session.exec(select(Platform.slug)))
    shows_invented = col(Platform.legal_basis) == LegalBasis.INVENTED, col(Platform.current_run_id).is_not(None)
    demonstration = session.exec(select(Platform.id).where(*shows_invented).limit(1)).first() is not None
    for facts in platforms:
        if facts.slug in known or not (demonstration or facts.legal_basis is LegalBasis.INVENTED):
            register_platform(session, facts)


def get_platform(session: Session, slug: str) -> Platform:
    """The platform of that slug. Raises Problem when the register does not hold it."""
    platform = session.exec(select(Platform).where(col(Platform.slug) == slug)).first()
    if platform is None:
        raise UserError(f"plateforme inconnue : « {slug} »")
    return platform
