"""Coverage: how many films, and what became of each service's lines."""

from datetime import UTC, datetime

from flask import Response

from domain.common.isoformat import format_iso
from domain.coverage import summary as counted
from webapp.api.film_schemas import PlatformName
from webapp.api.operations import declare_get
from webapp.api.parameters import NoParams
from webapp.api.responses import build_cacheable_response, build_common_fields
from webapp.api.schemas import CoverageAnswer, PlatformCoverage
from webapp.core.context import open_db_session
from webapp.core.memo import get_cached


@declare_get(
    "/coverage", NoParams, CoverageAnswer, "La couverture", "Les mêmes chiffres que la page « Couverture », faits de même."
)
def coverage(params: NoParams) -> Response:
    """The counts of the moment."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        found = get_cached(db, "coverage", at, counted.count_coverage)
    told = CoverageAnswer(
        **build_common_fields(at),
        films=found.film_count,
        films_available=found.available,
        films_by_access=found.by_access,
        platforms=[_build_platform_coverage(row) for row in found.platforms if row.run],
    )
    return build_cacheable_response(told, at)


def _build_platform_coverage(row: counted.PlatformCoverage) -> PlatformCoverage:
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
