"""The document, for programs, and the page that tells people the same, with examples that the tests run."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, request

from domain.common.settings import RESOURCES
from webapp.api.document import JsonObject, build_openapi_document
from webapp.api.enum_labels import ENUM_DESCRIPTIONS
from webapp.api.film_schemas import Answer
from webapp.api.parameters import MAX_PAGE_SIZE, NoParams
from webapp.api.problems import PROBLEM_KINDS
from webapp.api.rate_limit import BATCH_COST, QUOTA, WINDOW_SECONDS
from webapp.api.request_parser import describe_expected, read_parameters
from webapp.core.context import render_page

bp = Blueprint("api_guide", __name__)
EXAMPLES_PATH = RESOURCES / "docs" / "api.md"
EXAMPLE_ORIGIN = "https://ouvoir.example"
"""What stands for the address of the site in examples."""
LANGUAGES = {"sh": "curl", "python": "Python", "js": "JavaScript"}
_CACHE_CONTROL = "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=86400"
_EXAMPLE_PATTERN = re.compile(r"^### ([^\n]+)\n|^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_TYPE_LABELS = {"string": "texte", "integer": "entier", "number": "nombre", "boolean": "vrai ou faux", "null": "nul"}
_FORMAT_LABELS = {"date": "jour", "date-time": "moment", "uri": "adresse"}


@dataclass(frozen=True)
class Example:
    """The same thing done in one language."""

    title: str
    language: str
    code: str


@dataclass(frozen=True)
class Field:
    """A name, what it holds and what it means, in French."""

    name: str
    kind: str
    description: str
    required: bool = True


@dataclass(frozen=True)
class Section:
    """An address, or what an answer is made of, as the page shows it."""

    name: str
    title: str
    description: str
    fields: list[Field]
    body: str = ""
    answer: str = ""


@bp.get("/api/v1/openapi.json")
def show_openapi() -> Response:
    """The OpenAPI document of this site."""
    read_parameters(NoParams, request.args)
    told = build_openapi_document() | {"servers": [{"url": f"{request.url_root}api/v1"}]}
    sent = Response(json.dumps(told, ensure_ascii=False), mimetype="application/json")
    sent.headers["Cache-Control"] = _CACHE_CONTROL
    sent.add_etag()
    sent.make_conditional(request)
    return sent


@bp.get("/api")
def show_guide() -> Response:
    """The page of the API."""
    facts = {"operations": list_operations(), "schemas": list_schemas(), "problems": PROBLEM_KINDS, "languages": LANGUAGES}
    limits = {"quota": QUOTA, "batch": BATCH_COST, "window": WINDOW_SECONDS, "most": MAX_PAGE_SIZE}
    here = request.url_root.rstrip("/")
    told = [Example(one.title, one.language, one.code.replace(EXAMPLE_ORIGIN, here)) for one in load_examples()]
    by_title = [(title, list(some)) for title, some in groupby(told, key=lambda one: one.title)]
    return render_page("api/guide.html", datetime.now(UTC), **facts, **limits, examples=by_title)


@cache
def load_examples() -> list[Example]:
    """The examples of `docs/api.md`, in its order."""
    found, title = list[Example](), ""
    for heading, language, code in _EXAMPLE_PATTERN.findall(EXAMPLES_PATH.read_text("utf-8")):
        title = heading or title
        found += [Example(title, language, code)] if code else []
    return found


def list_operations() -> list[Section]:
    """The addresses of the document."""
    return [
        Section(
            f"{method.upper()} /api/v1{path}",
            told["summary"],
            told["description"],
            _list_parameters(told),
            *_get_body_and_answer(told),
        )
        for path, ways in build_openapi_document()["paths"].items()
        for method, told in ways.items()
    ]


def _list_parameters(operation: JsonObject) -> list[Field]:
    return [
        Field(one["name"], describe_expected(one["schema"]), one["description"], one["required"])
        for one in operation.get("parameters", [])
    ]


def _get_body_and_answer(operation: JsonObject) -> tuple[str, str]:
    """What is posted, if anything, and what is answered."""
    contents = (operation.get("requestBody"), operation["responses"]["200"])
    body, answer = (_get_schema_name(one["content"]["application/json"]["schema"]["$ref"]) if one else "" for one in contents)
    return body, answer


def list_schemas() -> list[Section]:
    """What answers are made of, but for what every answer carries."""
    return [_build_section(name, schema) for name, schema in build_openapi_document()["components"]["schemas"].items()]


def _build_section(name: str, schema: JsonObject) -> Section:
    if "enum" in schema:
        what, words = ENUM_DESCRIPTIONS[name]
        return Section(name, name, f"{what}.", [Field(word, words[word], "") for word in schema["enum"]])
    own = {key: told for key, told in schema.get("properties", {}).items() if key not in Answer.model_fields}
    return Section(
        name,
        name,
        schema["description"],
        [Field(key, describe_type(told), told.get("description", "")) for key, told in own.items()],
    )


def describe_type(schema: Mapping[str, Any]) -> str:
    """What a name of an answer holds, in French words: « entier ou nul »."""
    if "$ref" in schema:
        return _get_schema_name(schema["$ref"])
    if "anyOf" in schema:
        return " ou ".join(map(describe_type, schema["anyOf"]))
    if schema.get("type") == "array":
        return f"liste : {describe_type(schema['items'])}"
    if schema.get("type") == "object":
        return f"par nom : {describe_type(schema['additionalProperties'])}"
    return _FORMAT_LABELS.get(schema.get("format", "")) or _TYPE_LABELS.get(schema.get("type", ""), "texte")


def _get_schema_name(reference: str) -> str:
    return reference.rpartition("/")[2]
