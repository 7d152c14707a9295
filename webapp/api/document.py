"""The OpenAPI document, written from the declarations of the addresses and from the models they read and answer with."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from domain.common.identifiers import EVERY_SCHEME
from domain.common.settings import VERSION
from webapp.api.enum_labels import told as words_told
from webapp.api.operations import OPERATIONS, Operation
from webapp.api.parameters import SLUG
from webapp.api.problems import KINDS, Problem
from webapp.api.request_parser import is_list

Facts = dict[str, Any]
_ABOUT = (
    "Où voir un film légalement en France : films, offres, services, délais, changements. Lecture seule, sans clé, depuis "
    "n’importe quel site (CORS). Les noms donnés ici ne changent pas : d’autres s’ajouteront, à ignorer s’ils sont inconnus."
)
_PATHS: dict[str, tuple[str, Facts]] = {
    "film_id": ("Numéro du film", {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}),
    "scheme": ("La base", {"type": "string", "enum": list(EVERY_SCHEME)}),
    "value": ("Le numéro dans cette base", {"type": "string", "minLength": 1, "maxLength": 100}),
    "slug": ("Nom du service dans les adresses", {"type": "string", "pattern": SLUG, "maxLength": 64}),
}
_PLACE = re.compile(r"<(?:[^<:]+:)?([a-z_]+)>")
_HEADERS = {
    "ETag": "Marque de la réponse, à rendre dans If-None-Match",
    "Last-Modified": "Début de la période que dit la réponse",
    "Cache-Control": "Combien de temps la garder",
    "Link": "Les autres pages de la liste (RFC 8288)",
    "RateLimit-Policy": "Ce à quoi une adresse a droit",
    "RateLimit": "Ce qu’il en reste ; absent d’une réponse qui n’a rien coûté",
    "Retry-After": "Secondes à attendre",
}
_ALWAYS = (400, 429, 500, 503)
_POSTED = ("Batch", "ByNumber", "ByIdentifier", "ByTitle")


@cache
def document() -> Facts:
    """The document, but for the address of the site."""
    paths: dict[str, Facts] = {}
    for operation in OPERATIONS:
        paths.setdefault(_PLACE.sub(r"{\1}", operation.rule), {})[operation.method] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "API d’OùVoir", "version": f"1 ({VERSION})", "description": _ABOUT},
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "headers": {name: {"description": told, "schema": {"type": "string"}} for name, told in _HEADERS.items()},
        },
    }


def _described(operation: Operation) -> Facts:
    told: Facts = {"operationId": operation.name, "summary": operation.summary, "description": operation.told}
    if operation.method == "post":
        told["requestBody"] = {"required": True, "content": _content("application/json", operation.asked)}
    else:
        told["parameters"] = [*_of_path(operation), *_of_query(operation.asked)]
    return told | {"responses": _responses(operation)}


def _content(kind: str, model: type[BaseModel]) -> Facts:
    return {kind: {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}


def _of_path(operation: Operation) -> Iterator[Facts]:
    for name in _PLACE.findall(operation.rule):
        told, schema = _PATHS[name]
        yield {"name": name, "in": "path", "required": True, "description": told, "schema": schema}


def _of_query(asked: type[BaseModel]) -> Iterator[Facts]:
    schema = asked.model_json_schema()
    for name, field in asked.model_fields.items():
        told = _plain(schema["properties"][name])
        described = told.pop("description", "")
        if field.default is None:
            told = _given(told)
        way: Facts = {"style": "form", "explode": False} if is_list(field) else {}
        yield {"name": name, "in": "query", "required": field.is_required(), "description": described, **way, "schema": told}


def _given(schema: Facts) -> Facts:
    """A parameter that may be left out is never null."""
    ways = [way for way in schema["anyOf"] if way.get("type") != "null"]
    return ways[0] if len(ways) == 1 else {"anyOf": ways}


def _plain(schema: Any) -> Any:
    """A schema without the titles and the nulls by default that pydantic adds."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    added: dict[str, type] = {"title": str, "default": type(None)}
    return {name: _plain(part) for name, part in schema.items() if not (name in added and isinstance(part, added[name]))}


def _responses(operation: Operation) -> Facts:
    answer = {"description": "La réponse", "content": _content("application/json", operation.answer)}
    told = {"200": answer} | ({"304": {"description": "Rien n’a changé"}} if operation.method == "get" else {})
    refusals = [*_ALWAYS, *([413, 415] if operation.method == "post" else []), *([404] if "<" in operation.rule else [])]
    problem = _content("application/problem+json", Problem)
    told |= {str(code): {"description": KINDS[code].told, "content": problem} for code in sorted(refusals)}
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS}
    return {code: response | {"headers": headers} for code, response in told.items()}


def _schemas() -> Facts:
    """The models by name. Answers may hold more names one day: nothing is said to forbid them."""
    answers: list[type[BaseModel]] = [*dict.fromkeys(operation.answer for operation in OPERATIONS), Problem]
    posted = [operation.asked for operation in OPERATIONS if operation.method == "post"]
    modes: Any = [(model, "serialization") for model in answers] + [(model, "validation") for model in posted]
    _, told = models_json_schema(modes, ref_template="#/components/schemas/{model}")
    found: Facts = {}
    for name, schema in _plain(told["$defs"]).items():
        opened = schema if name in _POSTED else {key: value for key, value in schema.items() if key != "additionalProperties"}
        found[name] = opened | ({"description": words_told(name)} if "enum" in schema else {})
    return found
