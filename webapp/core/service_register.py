"""Read the register of services for the public: those shown, those that are not and why, and how fresh each one is."""

from collections import Counter
from collections.abc import Iterable
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
    """Represent how fresh a service is: its last accepted run, a later one held, and how the entries of the first are linked."""

    run: Run | None
    held_run: Run | None
    counts: RunCounts | None
    verdicts: Counter[Verdict | None]

    @property
    def linked(self) -> int:
        """Return how many entries are linked to a film."""
        return self.verdicts[Verdict.SAME]

    @property
    def doubtful(self) -> int:
        """Return how many entries wait for a person; the public sees nothing of them."""
        return self.verdicts[Verdict.UNSURE]

    @property
    def unlinked(self) -> int:
        """Return how many entries are no film of the database, or have not been examined yet."""
        return self.verdicts[Verdict.NONE] + self.verdicts[None]


def sort_by_name(platforms: Iterable[Platform]) -> list[Platform]:
    """Sort services in alphabetical order, whatever the accents."""
    return sorted(platforms, key=lambda platform: (fold_text(platform.name), platform.slug))


def load_register(db: Session) -> tuple[list[Platform], list[tuple[Platform, str]]]:
    """Return the services that are shown, and those that are not, each with the reason; both in alphabetical order."""
    shown_platforms = []
    absent_platforms = []
    for platform in sort_by_name(db.exec(select(Platform))):
        reason = get_absence_reason(platform)
        if reason is None:
            shown_platforms.append(platform)
        else:
            absent_platforms.append((platform, reason))
    return shown_platforms, absent_platforms


def get_service_or_404(db: Session, slug: str) -> Platform:
    """Return the service of a slug; the request is answered 404 when the register has none."""
    platform = None
    if slug.isascii() and slug.isprintable():  # PostgreSQL refuses some of the others
        platform = db.exec(select(Platform).where(Platform.slug == slug)).first()
    if platform is None:
        abort(404)
    return platform


def get_absence_reason(platform: Platform) -> str | None:
    """Return why a service's films are not shown, in one sentence; None when they are."""
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
    """Return the services shown that were collected for the first time after a moment, in alphabetical order."""
    first_run_ids = select(func.min(col(Run.id))).where(col(Run.state) == RunState.ACCEPTED).group_by(col(Run.platform_id))
    new_platform_ids = select(Run.platform_id).where(col(Run.id).in_(first_run_ids), col(Run.started_at) > since)
    return sort_by_name(db.exec(select(Platform).where(col(Platform.id).in_(new_platform_ids), is_shown())))


def load_service_state(db: Session, platform: Platform) -> ServiceState:
    """Return how fresh a service is."""
    run = db.get(Run, platform.current_run_id) if platform.current_run_id else None
    verdicts = Counter({verdict: count for (_, verdict), count in count_verdicts(db, platform.id).items()})
    return ServiceState(run, _find_later_held_run(db, platform, run), get_run_counts(run) if run else None, verdicts)


def _find_later_held_run(db: Session, platform: Platform, run: Run | None) -> Run | None:
    """Return the last run held, when it is later than a run or there is none."""
    stmt = select(Run).where(col(Run.platform_id) == platform.id, col(Run.state) == RunState.HELD)
    held_run = db.exec(stmt.order_by(col(Run.id).desc()).limit(1)).first()
    if held_run is None or run is None or held_run.started_at > run.started_at:
        return held_run
    return None


def list_successors(db: Session, platform: Platform) -> list[Platform]:
    """Return the services that took over from one, in alphabetical order."""
    return sort_by_name(other for other in db.exec(select(Platform)) if platform.slug in other.replaces)


def list_predecessors(db: Session, platform: Platform) -> list[Platform]:
    """Return the services that one took over, in alphabetical order."""
    return sort_by_name(db.exec(select(Platform).where(col(Platform.slug).in_(platform.replaces))))
