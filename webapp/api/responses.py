"""How an answer of the API leaves: its marks, how long it may be kept, where the other pages are."""

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
    """What every answer carries: `Model(**common(at), …)`."""
    return {"generated_at": format_iso(at), "source": request.url_root}


def build_response(answer: Answer, at: datetime) -> Response:
    """An answer with its marks; the moment when it was made does not make it another one.

    Its date is the start of the period: what changed within it is told by the other mark, as caches keep it no longer.
    """
    mark = hashlib.sha256(answer.model_dump_json(exclude={"generated_at"}).encode()).hexdigest()[:32]
    sent = Response(answer.model_dump_json(), mimetype="application/json")
    sent.set_etag(mark, weak=True)
    sent.last_modified = get_period_start(at)
    return sent


def build_period_response(answer: Answer, at: datetime) -> Response:
    """An answer with services in the neutral order: it may be kept until the next draw, and never after it."""
    return _make_conditional(cache_for_period(build_response(answer, at), at))


def build_cacheable_response(answer: Answer, at: datetime, seconds: int = PERIOD_SECONDS) -> Response:
    """An answer without an order: a cache may give it late while it asks for another, and a day if we do not answer."""
    sent = build_response(answer, at)
    sent.headers["Cache-Control"] = f"public, max-age={seconds}, {_STALE_DIRECTIVES}"
    return _make_conditional(sent)


def _make_conditional(response: Response) -> Response:
    response.make_conditional(request)
    return response


def add_link_header(response: Response, relation: str, **parameters: Any) -> None:
    """Says where another page of the same list is (RFC 8288)."""
    here = dict(request.view_args or {}) | {name: ",".join(request.args.getlist(name)) for name in request.args}
    told = {name: value for name, value in (here | parameters).items() if value is not None}
    response.headers.add("Link", f'<{url_for(str(request.endpoint), _external=True, **told)}>; rel="{relation}"')
