"""How an answer of the API leaves: its marks, how long it may be kept, where the other pages are."""

import hashlib
from datetime import datetime
from typing import Any

from flask import Response, request, url_for

from domain.common.isoformat import iso
from domain.offers.neutral_order import PERIOD_SECONDS, period_start
from webapp.api.film_schemas import Answer
from webapp.core.context import keep_for_period

_LATE = "stale-while-revalidate=3600, stale-if-error=86400"


def common(at: datetime) -> dict[str, Any]:
    """What every answer carries: `Model(**common(at), …)`."""
    return {"generated_at": iso(at), "source": request.url_root}


def send(answer: Answer, at: datetime) -> Response:
    """An answer with its marks; the moment when it was made does not make it another one.

    Its date is the start of the period: what changed within it is told by the other mark, as caches keep it no longer.
    """
    mark = hashlib.sha256(answer.model_dump_json(exclude={"generated_at"}).encode()).hexdigest()[:32]
    sent = Response(answer.model_dump_json(), mimetype="application/json")
    sent.set_etag(mark, weak=True)
    sent.last_modified = period_start(at)
    return sent


def send_drawn(answer: Answer, at: datetime) -> Response:
    """An answer with services in the neutral order: it may be kept until the next draw, and never after it."""
    return _conditional(keep_for_period(send(answer, at), at))


def send_kept(answer: Answer, at: datetime, seconds: int = PERIOD_SECONDS) -> Response:
    """An answer without an order: a cache may give it late while it asks for another, and a day if we do not answer."""
    sent = send(answer, at)
    sent.headers["Cache-Control"] = f"public, max-age={seconds}, {_LATE}"
    return _conditional(sent)


def _conditional(sent: Response) -> Response:
    sent.make_conditional(request)
    return sent


def link(response: Response, relation: str, **parameters: Any) -> None:
    """Says where another page of the same list is (RFC 8288)."""
    here = dict(request.view_args or {}) | {name: ",".join(request.args.getlist(name)) for name in request.args}
    told = {name: value for name, value in (here | parameters).items() if value is not None}
    response.headers.add("Link", f'<{url_for(str(request.endpoint), _external=True, **told)}>; rel="{relation}"')
