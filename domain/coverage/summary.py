"""Coverage counted at a moment: what agents can defend in public."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from domain.common.enums import Access, CaseCause, Verdict
from domain.linking.judgements import live_judgement
from domain.linking.redirects import count_canonical_films
from domain.models.entry import Entry
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run
from domain.offers.availability import count_available, count_available_by
from domain.review.sampling import ErrorRate, get_error_rates
from domain.runs.runs import get_run_counts, is_in_current_run


@dataclass(frozen=True)
class PlatformCoverage:
    """One platform: lines of its last accepted run, what became of them, films it shows now, and checks of its links."""

    platform: Platform
    run: Run | None
    received_rows: int
    accepted_rows: int
    linked: int
    doubtful: int
    unlinked: int
    films: int
    checks: ErrorRate


@dataclass(frozen=True)
class Coverage:
    """Films of the base, films available, by access and by platform, at a moment (UTC)."""

    as_of: datetime
    film_count: int
    available: int
    by_access: dict[Access, int]
    platforms: list[PlatformCoverage]

    @property
    def checks(self) -> ErrorRate:
        """The checks of all platforms together."""
        return sum((row.checks for row in self.platforms), ErrorRate())


def count_verdicts(session: Session, platform_id: int | None = None) -> Counter[tuple[int, Verdict | None]]:
    """Entries of each platform's current run, or of one's, by their live verdict (None: not matched yet)."""
    live = (col(Judgement.entry_id) == col(Entry.id)) & live_judgement()
    asked = (
        select(col(Entry.platform_id), col(Judgement.verdict), func.count())
        .join(Platform, is_in_current_run())
        .join(Judgement, live, isouter=True)
        .group_by(col(Entry.platform_id), col(Judgement.verdict))
    )
    if platform_id is not None:
        asked = asked.where(col(Platform.id) == platform_id)
    return Counter({(platform, verdict): count for platform, verdict, count in session.exec(asked)})


def count_coverage(session: Session, at: datetime) -> Coverage:
    """Counts everything afresh; a film counts once whatever its offers."""
    verdicts = count_verdicts(session)
    shown = count_available_by(session, at, col(Platform.id))
    checks = get_error_rates(session, CaseCause.AUDIT, at)
    rows = []
    for platform in session.exec(select(Platform).order_by(col(Platform.name))):
        assert platform.id is not None
        run = session.get(Run, platform.current_run_id) if platform.current_run_id else None
        counts = get_run_counts(run) if run else None
        by = {verdict: verdicts[platform.id, verdict] for verdict in (*Verdict, None)}
        rows.append(
            PlatformCoverage(
                platform,
                run,
                received_rows=counts.rows if counts else 0,
                accepted_rows=counts.kept if counts else 0,
                linked=by[Verdict.SAME],
                doubtful=by[Verdict.UNSURE],
                unlinked=by[Verdict.NONE] + by[None],
                films=shown.get(platform.id, 0),
                checks=checks.get(platform.id, ErrorRate()),
            )
        )
    by_access = count_available_by(session, at, col(Offer.access))
    film_count = count_canonical_films(session)
    ordered = {access: by_access.get(access, 0) for access in Access}
    return Coverage(at, film_count, count_available(session, at), ordered, rows)
