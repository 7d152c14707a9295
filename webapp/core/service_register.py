"""The register of services as the public reads it: those shown, those that are not and why, and what is known of each."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from flask import abort
from sqlmodel import Session, col, func, select

from domain.common.enums import LegalBasis, PlatformStatus, RunState, Verdict
from domain.common.text import fold_text
from domain.coverage.summary import count_verdicts
from domain.models.platform import Platform
from domain.models.run import Run
from domain.offers.availability import is_shown
from domain.runs.runs import get_run_counts
from domain.runs.validation import RunCounts
from webapp.core.i18n import gettext


@dataclass(frozen=True)
class ServiceState:
    """How fresh a service is: its last accepted run, a later one held, and what became of the lines of the first."""

    run: Run | None
    held_run: Run | None
    counts: RunCounts | None
    verdicts: Counter[Verdict | None]

    @property
    def linked(self) -> int:
        """Lines that are a film."""
        return self.verdicts[Verdict.SAME]

    @property
    def doubtful(self) -> int:
        """Lines that wait for a person; nothing is shown of them."""
        return self.verdicts[Verdict.UNSURE]

    @property
    def unlinked(self) -> int:
        """Lines that are no film of the base, or not looked at yet."""
        return self.verdicts[Verdict.NONE] + self.verdicts[None]


def sort_by_name(platforms: list[Platform]) -> list[Platform]:
    """In alphabetical order, whatever the accents."""
    return sorted(platforms, key=lambda platform: (fold_text(platform.name), platform.slug))


def load_register(db: Session) -> tuple[list[Platform], list[tuple[Platform, str]]]:
    """The services that are shown, and those that are not, each with the reason; both in alphabetical order."""
    shown, absent = [], []
    for platform in sort_by_name(list(db.exec(select(Platform)))):
        reason = get_absence_reason(platform)
        if reason is None:
            shown.append(platform)
        else:
            absent.append((platform, reason))
    return shown, absent


def get_service_or_404(db: Session, slug: str) -> Platform:
    """Return the service of a slug; the request is answered 404 when the register has none."""
    platform = None
    if slug.isascii() and slug.isprintable():  # PostgreSQL refuses some of the others
        platform = db.exec(select(Platform).where(Platform.slug == slug)).first()
    if platform is None:
        abort(404)
    return platform


def get_absence_reason(platform: Platform) -> str | None:
    """Why a service's films are not shown, in one sentence; None when they are."""
    if platform.status is PlatformStatus.CLOSED:
        return gettext("Service fermé.")
    if platform.legal_basis is LegalBasis.FORBIDDEN:
        return gettext("Ses conditions d’usage interdisent aux robots de lire son catalogue.")
    if platform.current_run_id is not None:
        return None
    return _format_sentence(platform.blocked) if platform.blocked else gettext("Pas encore collecté.")


def _format_sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def list_newly_collected(db: Session, since: datetime) -> list[Platform]:
    """The services shown that were collected for the first time since a moment."""
    first = select(func.min(col(Run.id))).where(col(Run.state) == RunState.ACCEPTED).group_by(col(Run.platform_id))
    began = select(Run.platform_id).where(col(Run.id).in_(first), col(Run.started_at) > since)
    return sort_by_name(list(db.exec(select(Platform).where(col(Platform.id).in_(began), is_shown()))))


def load_service_state(db: Session, platform: Platform) -> ServiceState:
    """How fresh a service is."""
    run = db.get(Run, platform.current_run_id) if platform.current_run_id else None
    last_held = select(Run).where(col(Run.platform_id) == platform.id, col(Run.state) == RunState.HELD)
    held = db.exec(last_held.order_by(col(Run.id).desc()).limit(1)).first()
    later = held if held and (run is None or held.started_at > run.started_at) else None
    verdicts = Counter({verdict: count for (_, verdict), count in count_verdicts(db, platform.id).items()})
    return ServiceState(run, later, get_run_counts(run) if run else None, verdicts)


def list_successors(db: Session, platform: Platform) -> list[Platform]:
    """The services that took over from this one."""
    return sort_by_name([other for other in db.exec(select(Platform)) if platform.slug in other.replaces])


def list_predecessors(db: Session, platform: Platform) -> list[Platform]:
    """The services that this one took over."""
    return sort_by_name(list(db.exec(select(Platform).where(col(Platform.slug).in_(platform.replaces)))))
