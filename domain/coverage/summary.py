"""Summarise coverage at a moment: how much of each catalogue is linked, and how exact the links are."""

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
from domain.runs.validation import RunCounts


@dataclass(frozen=True)
class PlatformCoverage:
    """Hold the figures of one platform.

    `received_rows` and `accepted_rows` are those of its last accepted run; `linked`, `doubtful` and `unlinked` what became of
    its entries, `films` the films available on it, `checks` what persons said of links drawn at random.
    """

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
    """Hold the films of the reference base and the available ones, by access and by platform, at a moment (UTC)."""

    as_of: datetime
    film_count: int
    available: int
    by_access: dict[Access, int]
    platforms: list[PlatformCoverage]

    @property
    def checks(self) -> ErrorRate:
        """Return the checks of all platforms together."""
        return sum((row.checks for row in self.platforms), ErrorRate())


def count_verdicts(session: Session, platform_id: int | None = None) -> Counter[tuple[int, Verdict | None]]:
    """Count the entries of each platform's current run, or of one platform's, by (platform id, live verdict).

    The verdict is None for an entry not matched yet.
    """
    is_judged = (col(Judgement.entry_id) == col(Entry.id)) & live_judgement()
    stmt = (
        select(col(Entry.platform_id), col(Judgement.verdict), func.count())
        .join(Platform, is_in_current_run())
        .join(Judgement, is_judged, isouter=True)
        .group_by(col(Entry.platform_id), col(Judgement.verdict))
    )
    if platform_id is not None:
        stmt = stmt.where(col(Platform.id) == platform_id)
    return Counter({(platform, verdict): count for platform, verdict, count in session.exec(stmt)})


def count_coverage(session: Session, at: datetime) -> Coverage:
    """Count the coverage of every platform and of all together; a film counts once whatever its offers."""
    verdicts = count_verdicts(session)
    available_films = count_available_by(session, at, col(Platform.id))
    checks = get_error_rates(session, CaseCause.AUDIT, at)
    rows = []
    for platform in session.exec(select(Platform).order_by(col(Platform.name))):
        assert platform.id is not None
        run = session.get(Run, platform.current_run_id) if platform.current_run_id else None
        counts = get_run_counts(run) if run else RunCounts()
        row = PlatformCoverage(
            platform,
            run,
            received_rows=counts.rows,
            accepted_rows=counts.kept,
            linked=verdicts[platform.id, Verdict.SAME],
            doubtful=verdicts[platform.id, Verdict.UNSURE],
            unlinked=verdicts[platform.id, Verdict.NONE] + verdicts[platform.id, None],
            films=available_films.get(platform.id, 0),
            checks=checks.get(platform.id, ErrorRate()),
        )
        rows.append(row)
    films_by_access = count_available_by(session, at, col(Offer.access))
    by_access = {access: films_by_access.get(access, 0) for access in Access}
    return Coverage(at, count_canonical_films(session), count_available(session, at), by_access, rows)
