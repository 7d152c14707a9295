"""Describe an operation of the API once: the same declaration answers requests and writes the OpenAPI document."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from flask import Response, request

from webapp.api.film_schemas import Answer
from webapp.api.parameters import NoParams, RequestModel
from webapp.api.request_parser import read_body, read_parameters

_MAX_BODY_BYTES = 300_000
RequestModelT = TypeVar("RequestModelT", bound=RequestModel)
P = ParamSpec("P")
View = Callable[Concatenate[RequestModelT, P], Response]


@dataclass(frozen=True)
class Operation:
    """Represent an operation: its promised name, its address, what it takes and answers, and its description in French."""

    name: str
    method: str
    rule: str
    request_model: type[RequestModel]
    response_model: type[Answer]
    summary: str
    description: str
    view: Callable[..., Response]
    """The Flask view, which takes what the rule holds."""


def get_operation(
    name: str, rule: str, request_model: type[RequestModelT], response_model: type[Answer], summary: str, description: str = ""
) -> Callable[[View[RequestModelT, P]], Operation]:
    """Make an operation of a function that takes the parameters of the address, checked, then what its rule holds."""

    def declare(view: View[RequestModelT, P]) -> Operation:
        @wraps(view)
        def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
            return view(read_parameters(request_model, request.args), *args, **kwargs)

        return Operation(name, "get", rule, request_model, response_model, summary, description, answer)

    return declare


def post_operation(
    name: str, rule: str, request_model: type[RequestModelT], response_model: type[Answer], summary: str, description: str = ""
) -> Callable[[Callable[[RequestModelT], Response]], Operation]:
    """Make an operation of a function that takes the JSON posted, checked."""

    def declare(view: Callable[[RequestModelT], Response]) -> Operation:
        @wraps(view)
        def answer(**kwargs: Any) -> Response:
            read_parameters(NoParams, request.args)
            return view(read_body(request_model, _MAX_BODY_BYTES))

        return Operation(name, "post", rule, request_model, response_model, summary, description, answer)

    return declare
