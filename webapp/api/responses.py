"""Build the responses of the API: entity tags, cache directives, links to the other pages."""

import hashlib
from datetime import datetime
from typing import Any

from flask import Response, request, url_for

from domain.common.isoformat import format_iso
from domain.offers.neutral_order import PERIOD_SECONDS, get_period_start
from webapp.api.film_schemas import Answer
from webapp.core.context import cache_for_period

_STALE_DIRECTIVES = "stale-while-revalidate=3600, stale-if-error=86400"


def build_common_fields(at: datetime) -> dict[str, Any]:
    """Return the fields that every answer carries: `Model(**build_common_fields(at), …)`."""
    return {"generated_at": format_iso(at), "source": request.url_root}


def build_response(answer: Answer, at: datetime) -> Response:
    """Return an answer with its weak ETag, which ignores when it was generated, and the start of the period as Last-Modified.

    What changes within a period changes the ETag.
    """
    etag = hashlib.sha256(answer.model_dump_json(exclude={"generated_at"}).encode()).hexdigest()[:32]
    response = Response(answer.model_dump_json(), mimetype="application/json")
    response.set_etag(etag, weak=True)
    response.last_modified = get_period_start(at)
    return response


def build_period_response(answer: Answer, at: datetime) -> Response:
    """Return an answer whose services stand in the neutral order: cacheable until the next draw, never after it."""
    return _make_conditional(cache_for_period(build_response(answer, at), at))


def build_cacheable_response(answer: Answer, at: datetime, seconds: int = PERIOD_SECONDS) -> Response:
    """Return an answer without an order: a cache may serve it stale while it revalidates, and for a day if we are down."""
    response = build_response(answer, at)
    response.headers["Cache-Control"] = f"public, max-age={seconds}, {_STALE_DIRECTIVES}"
    return _make_conditional(response)


def _make_conditional(response: Response) -> Response:
    response.make_conditional(request)
    return response


def add_link_header(response: Response, relation: str, **parameters: Any) -> None:
    """Add a link to another page of the same list (RFC 8288): the current address with other parameters, None to drop one."""
    current = dict(request.view_args or {})
    current |= {name: ",".join(request.args.getlist(name)) for name in request.args}
    params = {name: value for name, value in (current | parameters).items() if value is not None}
    response.headers.add("Link", f'<{url_for(str(request.endpoint), _external=True, **params)}>; rel="{relation}"')


def add_cursor_links(response: Response, next_cursor: str | None) -> Response:
    """Add the links to the first page of a list and, where there is one, to the next."""
    add_link_header(response, "first", cursor=None)
    if next_cursor:
        add_link_header(response, "next", cursor=next_cursor)
    return response
