"""The register of platforms, kept in step with their files."""

from datetime import date
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session, col, select

from records.catalogue import Platform
from records.errors import Problem
from records.vocabulary import Access, LegalBasis, PlatformStatus


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


def register(session: Session, facts: PlatformFacts) -> Platform:
    """Creates the platform or brings it up to date; its number and current run never change here."""
    platform = session.exec(select(Platform).where(col(Platform.slug) == facts.slug)).first()
    if platform is None:
        platform = Platform(**facts.model_dump())
    else:
        platform.sqlmodel_update(facts.model_dump())
    session.add(platform)
    session.flush()
    return platform


def refresh(session: Session, facts: PlatformFacts) -> None:
    """Brings a platform up to date if the register holds it: one that closed or was forbidden leaves the site."""
    if session.exec(select(Platform.id).where(col(Platform.slug) == facts.slug)).first() is not None:
        register(session, facts)


def find_platform(session: Session, slug: str) -> Platform:
    """The platform of that slug. Raises Problem when the register does not hold it."""
    platform = session.exec(select(Platform).where(col(Platform.slug) == slug)).first()
    if platform is None:
        raise Problem(f"plateforme inconnue : « {slug} »")
    return platform
