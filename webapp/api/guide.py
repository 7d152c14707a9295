"""Serve the OpenAPI document, and a page that tells people the same with examples that the tests run."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any

from flask import Blueprint, Response, request

from domain.common.environment import RESOURCES
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
    """Represent a task done in one language."""

    title: str
    language: str
    code: str


@dataclass(frozen=True)
class Field:
    """Represent a parameter or a property: its type and its meaning, in French."""

    name: str
    kind: str
    description: str
    required: bool = True


@dataclass(frozen=True)
class Section:
    """Represent an operation, or a schema, as the page shows it."""

    name: str
    title: str
    description: str
    fields: list[Field]
    body: str = ""
    answer: str = ""


@bp.get("/api/v1/openapi.json")
def show_openapi() -> Response:
    """Return the OpenAPI document of this site."""
    read_parameters(NoParams, request.args)
    document = build_openapi_document() | {"servers": [{"url": f"{request.url_root}api/v1"}]}
    response = Response(json.dumps(document, ensure_ascii=False), mimetype="application/json")
    response.headers["Cache-Control"] = _CACHE_CONTROL
    response.add_etag()
    response.make_conditional(request)
    return response


@bp.get("/api")
def show_guide() -> Response:
    """Return the page of the API, its examples at the site's own address."""
    origin = request.url_root.rstrip("/")
    examples = [replace(example, code=example.code.replace(EXAMPLE_ORIGIN, origin)) for example in load_examples()]
    return render_page(
        "api/guide.html",
        datetime.now(UTC),
        operations=list_operations(),
        schemas=list_schemas(),
        problems=PROBLEM_KINDS,
        languages=LANGUAGES,
        quota=QUOTA,
        batch=BATCH_COST,
        window=WINDOW_SECONDS,
        page_size=MAX_PAGE_SIZE,
        examples=[(title, list(group)) for title, group in groupby(examples, key=attrgetter("title"))],
    )


@cache
def load_examples() -> list[Example]:
    """Return the examples of `docs/api.md`, in its order."""
    examples: list[Example] = []
    title = ""
    for heading, language, code in _EXAMPLE_PATTERN.findall(EXAMPLES_PATH.read_text("utf-8")):
        title = heading or title
        if code:
            examples.append(Example(title, language, code))
    return examples


def list_operations() -> list[Section]:
    """Return the operations of the document."""
    return [
        _build_operation_section(f"{method.upper()} /api/v1{path}", operation)
        for path, operations in build_openapi_document()["paths"].items()
        for method, operation in operations.items()
    ]


def _build_operation_section(name: str, operation: JsonObject) -> Section:
    body, answer = _get_body_and_answer(operation)
    return Section(name, operation["summary"], operation["description"], _list_parameters(operation), body, answer)


def _list_parameters(operation: JsonObject) -> list[Field]:
    return [
        Field(parameter["name"], describe_expected(parameter["schema"]), parameter["description"], parameter["required"])
        for parameter in operation.get("parameters", [])
    ]


def _get_body_and_answer(operation: JsonObject) -> tuple[str, str]:
    """Return the names of the schemas of what is posted, empty when nothing is, and of what is answered."""
    body = _get_content_schema(operation["requestBody"]) if "requestBody" in operation else ""
    return body, _get_content_schema(operation["responses"]["200"])


def _get_content_schema(description: JsonObject) -> str:
    return _get_schema_name(description["content"]["application/json"]["schema"]["$ref"])


def list_schemas() -> list[Section]:
    """Return the schemas of the document, without the fields that every answer carries."""
    return [_build_section(name, schema) for name, schema in build_openapi_document()["components"]["schemas"].items()]


def _build_section(name: str, schema: JsonObject) -> Section:
    if "enum" in schema:
        description, labels = ENUM_DESCRIPTIONS[name]
        return Section(name, name, f"{description}.", [Field(value, labels[value], "") for value in schema["enum"]])
    fields = [
        Field(key, describe_type(property_schema), property_schema.get("description", ""))
        for key, property_schema in schema.get("properties", {}).items()
        if key not in Answer.model_fields
    ]
    return Section(name, name, schema["description"], fields)


def describe_type(schema: Mapping[str, Any]) -> str:
    """Return the type of a property in French words: « entier ou nul »."""
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
