"""Coverage: how many films, and what became of each service's lines."""

from datetime import UTC, datetime

from flask import Response

from domain.common.isoformat import iso
from domain.coverage import summary as counted
from webapp.api.film_schemas import PlatformName
from webapp.api.operations import reads
from webapp.api.parameters import Nothing
from webapp.api.responses import common, send_kept
from webapp.api.schemas import CoverageAnswer, PlatformCoverage
from webapp.core.context import session
from webapp.core.memo import kept


@reads("/coverage", Nothing, CoverageAnswer, "La couverture", "Les mêmes chiffres que la page « Couverture », faits de même.")
def coverage(asked: Nothing) -> Response:
    """The counts of the moment."""
    at = datetime.now(UTC)
    with session() as db:
        found = kept(db, "coverage", at, counted.count_coverage)
    told = CoverageAnswer(
        **common(at),
        films=found.base,
        films_available=found.available,
        films_by_access=found.by_access,
        platforms=[_platform(row) for row in found.platforms if row.run],
    )
    return send_kept(told, at)


def _platform(row: counted.PlatformCoverage) -> PlatformCoverage:
    checks = row.checks
    low, high = checks.interval if checks.checked else (None, None)
    return PlatformCoverage(
        platform=PlatformName(slug=row.platform.slug, name=row.platform.name),
        run=row.run.id if row.run else None,
        collected_at=iso(row.run.started) if row.run else None,
        rows_received=row.received,
        rows_kept=row.kept,
        rows_linked=row.linked,
        rows_doubtful=row.doubtful,
        rows_unlinked=row.unlinked,
        films_available=row.films,
        links_checked=checks.checked,
        links_wrong=checks.wrong,
        error_rate=checks.rate,
        error_low=low,
        error_high=high,
    )
