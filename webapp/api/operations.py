"""The addresses of the API: each is declared once, answered and described by the same declaration."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from flask import Blueprint, Response, request

from webapp.api.film_schemas import Answer
from webapp.api.parameters import NoParams, RequestModel
from webapp.api.rate_limit import apply_rate_limit
from webapp.api.request_parser import read_body, read_parameters

bp = Blueprint("api", __name__, url_prefix="/api/v1")
apply_rate_limit(bp)
_EXPOSED_HEADERS = "ETag, Link, RateLimit, RateLimit-Policy, Retry-After"
_MAX_BODY_BYTES = 300_000
A = TypeVar("A", bound=RequestModel)
P = ParamSpec("P")
View = Callable[Concatenate[A, P], Response]


@dataclass(frozen=True)
class Operation:
    """An address: its rule, what it takes, what it answers, and what is said of it in French."""

    name: str
    method: str
    rule: str
    request_model: type[RequestModel]
    response_model: type[Answer]
    summary: str
    description: str


OPERATIONS: list[Operation] = []
"""All of them, in the order they are documented."""


@bp.after_request
def _add_cors_headers(response: Response) -> Response:
    """Says to browsers what the scripts of other sites may send and read."""
    response.headers["Access-Control-Expose-Headers"] = _EXPOSED_HEADERS
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST"
        response.headers["Access-Control-Allow-Headers"] = "Content-Type, If-None-Match, If-Modified-Since"
        response.headers["Access-Control-Max-Age"] = "86400"
    return response


def declare_get(
    rule: str, request_model: type[A], response_model: type[Answer], summary: str, description: str = ""
) -> Callable[[View[A, P]], View[A, P]]:
    """Declares a view that is given its parameters, then what its rule holds."""

    def declare(view: View[A, P]) -> View[A, P]:
        @wraps(view)
        def answered(*args: P.args, **where: P.kwargs) -> Response:
            return view(read_parameters(request_model, request.args), *args, **where)

        bp.add_url_rule(rule, view.__name__, answered, methods=["GET"])
        OPERATIONS.append(Operation(view.__name__, "get", rule, request_model, response_model, summary, description))
        return view

    return declare


def declare_post(
    rule: str, request_model: type[A], response_model: type[Answer], summary: str, description: str = ""
) -> Callable[[View[A, []]], View[A, []]]:
    """Declares a view that is given the JSON posted."""

    def declare(view: View[A, []]) -> View[A, []]:
        @wraps(view)
        def answered() -> Response:
            read_parameters(NoParams, request.args)
            return view(read_body(request_model, _MAX_BODY_BYTES))

        bp.add_url_rule(rule, view.__name__, answered, methods=["POST"])
        OPERATIONS.append(Operation(view.__name__, "post", rule, request_model, response_model, summary, description))
        return view

    return declare
