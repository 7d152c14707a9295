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

from domain.common.settings import ROOT
from webapp.api.document import Facts, document
from webapp.api.enum_labels import WORDS
from webapp.api.film_schemas import Answer
from webapp.api.parameters import MOST, Nothing
from webapp.api.problems import KINDS
from webapp.api.rate_limit import BATCH, QUOTA, WINDOW
from webapp.api.request_parser import expected, read_parameters
from webapp.core.context import page

pages = Blueprint("api_guide", __name__)
EXAMPLES = ROOT / "docs" / "api.md"
ORIGIN = "https://ouvoir.example"
"""What stands for the address of the site in examples."""
LANGUAGES = {"sh": "curl", "python": "Python", "js": "JavaScript"}
_A_DAY = "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=86400"
_EXAMPLE = re.compile(r"^### ([^\n]+)\n|^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_TYPES = {"string": "texte", "integer": "entier", "number": "nombre", "boolean": "vrai ou faux", "null": "nul"}
_FORMATS = {"date": "jour", "date-time": "moment", "uri": "adresse"}


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
    told: str
    required: bool = True


@dataclass(frozen=True)
class Shown:
    """An address, or what an answer is made of, as the page shows it."""

    name: str
    title: str
    told: str
    fields: list[Field]
    body: str = ""
    answer: str = ""


@pages.get("/api/v1/openapi.json")
def openapi() -> Response:
    """The OpenAPI document of this site."""
    read_parameters(Nothing, request.args)
    told = document() | {"servers": [{"url": f"{request.url_root}api/v1"}]}
    sent = Response(json.dumps(told, ensure_ascii=False), mimetype="application/json")
    sent.headers["Cache-Control"] = _A_DAY
    sent.add_etag()
    sent.make_conditional(request)
    return sent


@pages.get("/api")
def guide() -> Response:
    """The page of the API."""
    facts = {"operations": operations(), "schemas": schemas(), "problems": KINDS, "languages": LANGUAGES}
    limits = {"quota": QUOTA, "batch": BATCH, "window": WINDOW, "most": MOST}
    here = request.url_root.rstrip("/")
    told = [Example(one.title, one.language, one.code.replace(ORIGIN, here)) for one in examples()]
    by_title = [(title, list(some)) for title, some in groupby(told, key=lambda one: one.title)]
    return page("api/guide.html", datetime.now(UTC), **facts, **limits, examples=by_title)


@cache
def examples() -> list[Example]:
    """The examples of `docs/api.md`, in its order."""
    found, title = list[Example](), ""
    for heading, language, code in _EXAMPLE.findall(EXAMPLES.read_text("utf-8")):
        title = heading or title
        found += [Example(title, language, code)] if code else []
    return found


def operations() -> list[Shown]:
    """The addresses of the document."""
    return [
        Shown(f"{method.upper()} /api/v1{path}", told["summary"], told["description"], _parameters(told), *_ends(told))
        for path, ways in document()["paths"].items()
        for method, told in ways.items()
    ]


def _parameters(told: Facts) -> list[Field]:
    return [
        Field(one["name"], expected(one["schema"]), one["description"], one["required"]) for one in told.get("parameters", [])
    ]


def _ends(told: Facts) -> tuple[str, str]:
    """What is posted, if anything, and what is answered."""
    contents = (told.get("requestBody"), told["responses"]["200"])
    body, answer = (_name(one["content"]["application/json"]["schema"]["$ref"]) if one else "" for one in contents)
    return body, answer


def schemas() -> list[Shown]:
    """What answers are made of, but for what every answer carries."""
    return [_shown(name, schema) for name, schema in document()["components"]["schemas"].items()]


def _shown(name: str, schema: Facts) -> Shown:
    if "enum" in schema:
        what, words = WORDS[name]
        return Shown(name, name, f"{what}.", [Field(word, words[word], "") for word in schema["enum"]])
    own = {key: told for key, told in schema.get("properties", {}).items() if key not in Answer.model_fields}
    return Shown(
        name, name, schema["description"], [Field(key, kind(told), told.get("description", "")) for key, told in own.items()]
    )


def kind(schema: Mapping[str, Any]) -> str:
    """What a name of an answer holds, in French words: « entier ou nul »."""
    if "$ref" in schema:
        return _name(schema["$ref"])
    if "anyOf" in schema:
        return " ou ".join(map(kind, schema["anyOf"]))
    if schema.get("type") == "array":
        return f"liste : {kind(schema['items'])}"
    if schema.get("type") == "object":
        return f"par nom : {kind(schema['additionalProperties'])}"
    return _FORMATS.get(schema.get("format", "")) or _TYPES.get(schema.get("type", ""), "texte")


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]
