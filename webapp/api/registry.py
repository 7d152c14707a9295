"""List the operations of the API in the order they are documented, and serve them."""

from flask import Blueprint, Response, request

from webapp.api import changes, coverage, films, identifiers, lookup, offers, services, windows
from webapp.api.rate_limit import apply_rate_limit

OPERATIONS = (
    films.search_films,
    films.show_film,
    films.find_film_by_identifier,
    offers.list_offers,
    windows.show_film_windows,
    windows.list_rules,
    lookup.look_up_films,
    changes.list_changes,
    changes.list_updated_films,
    services.list_platforms,
    services.show_platform,
    services.list_runs,
    coverage.show_coverage,
    identifiers.list_identifiers,
)
_EXPOSED_HEADERS = "ETag, Link, RateLimit, RateLimit-Policy, Retry-After"


def create_blueprint() -> Blueprint:
    """Build the blueprint that serves every operation, under the rate limit."""
    bp = Blueprint("api", __name__, url_prefix="/api/v1")
    apply_rate_limit(bp)
    bp.record_once(changes.init_extension)
    bp.record_once(lookup.init_extension)
    bp.after_request(_add_cors_headers)
    for operation in OPERATIONS:
        bp.add_url_rule(operation.rule, operation.name, operation.view, methods=[operation.method.upper()])
    return bp


def _add_cors_headers(response: Response) -> Response:
    """Tell browsers what the scripts of other sites may send and read."""
    response.headers["Access-Control-Expose-Headers"] = _EXPOSED_HEADERS
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST"
        response.headers["Access-Control-Allow-Headers"] = "Content-Type, If-None-Match, If-Modified-Since"
        response.headers["Access-Control-Max-Age"] = "86400"
    return response
