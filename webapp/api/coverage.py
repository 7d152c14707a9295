"""Return coverage figures: how many films, and what became of the rows of each service."""

from datetime import UTC, datetime

from flask import Response

from domain.common.isoformat import format_iso
from domain.coverage import summary
from webapp.api.film_schemas import PlatformName
from webapp.api.operations import get_operation
from webapp.api.parameters import NoParams
from webapp.api.responses import build_cacheable_response, build_common_fields
from webapp.api.schemas import CoverageAnswer, PlatformCoverage
from webapp.core.context import open_db_session
from webapp.core.memo import get_cached


@get_operation(
    "coverage",
    "/coverage",
    NoParams,
    CoverageAnswer,
    "La couverture",
    "Les mêmes chiffres que la page « Couverture », faits de même.",
)
def show_coverage(params: NoParams) -> Response:
    """Return the counts of the moment."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        counts = get_cached(db, "coverage", at, summary.count_coverage)
    answer = CoverageAnswer(
        **build_common_fields(at),
        films=counts.film_count,
        films_available=counts.available,
        films_by_access=counts.by_access,
        platforms=[_build_platform_coverage(row) for row in counts.platforms if row.run],
    )
    return build_cacheable_response(answer, at)


def _build_platform_coverage(row: summary.PlatformCoverage) -> PlatformCoverage:
    checks = row.checks
    low, high = checks.interval if checks.checked else (None, None)
    return PlatformCoverage(
        platform=PlatformName(slug=row.platform.slug, name=row.platform.name),
        run=row.run.id if row.run else None,
        collected_at=format_iso(row.run.started_at) if row.run else None,
        rows_received=row.received_rows,
        rows_kept=row.accepted_rows,
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
