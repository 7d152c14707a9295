"""The OpenAPI document, written from the declarations of the addresses and from the models they read and answer with."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from domain.common.identifiers import ALL_SCHEMES
from domain.common.settings import VERSION
from webapp.api.enum_labels import describe_enum as words_told
from webapp.api.operations import OPERATIONS, Operation
from webapp.api.parameters import SLUG_PATTERN
from webapp.api.problems import PROBLEM_KINDS, Problem
from webapp.api.request_parser import is_list

JsonObject = dict[str, Any]
_DESCRIPTION = (
    "Où voir un film légalement en France : films, offres, services, délais, changements. Lecture seule, sans clé, depuis "
    "n’importe quel site (CORS). Les noms donnés ici ne changent pas : d’autres s’ajouteront, à ignorer s’ils sont inconnus."
)
_PATH_PARAMETERS: dict[str, tuple[str, JsonObject]] = {
    "film_id": ("Numéro du film", {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}),
    "scheme": ("La base", {"type": "string", "enum": list(ALL_SCHEMES)}),
    "value": ("Le numéro dans cette base", {"type": "string", "minLength": 1, "maxLength": 100}),
    "slug": ("Nom du service dans les adresses", {"type": "string", "pattern": SLUG_PATTERN, "maxLength": 64}),
}
_PARAMETER_PATTERN = re.compile(r"<(?:[^<:]+:)?([a-z_]+)>")
_RESPONSE_HEADERS = {
    "ETag": "Marque de la réponse, à rendre dans If-None-Match",
    "Last-Modified": "Début de la période que dit la réponse",
    "Cache-Control": "Combien de temps la garder",
    "Link": "Les autres pages de la liste (RFC 8288)",
    "RateLimit-Policy": "Ce à quoi une adresse a droit",
    "RateLimit": "Ce qu’il en reste ; absent d’une réponse qui n’a rien coûté",
    "Retry-After": "Secondes à attendre",
}
_COMMON_STATUSES = (400, 429, 500, 503)
_REQUEST_SCHEMAS = ("Batch", "ByNumber", "ByIdentifier", "ByTitle")


@cache
def build_openapi_document() -> JsonObject:
    """The document, but for the address of the site."""
    paths: dict[str, JsonObject] = {}
    for operation in OPERATIONS:
        paths.setdefault(_PARAMETER_PATTERN.sub(r"{\1}", operation.rule), {})[operation.method] = _describe_operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "API d’OùVoir", "version": f"1 ({VERSION})", "description": _DESCRIPTION},
        "paths": paths,
        "components": {
            "schemas": _build_schemas(),
            "headers": {name: {"description": told, "schema": {"type": "string"}} for name, told in _RESPONSE_HEADERS.items()},
        },
    }


def _describe_operation(operation: Operation) -> JsonObject:
    told: JsonObject = {"operationId": operation.name, "summary": operation.summary, "description": operation.description}
    if operation.method == "post":
        told["requestBody"] = {"required": True, "content": _describe_content("application/json", operation.request_model)}
    else:
        told["parameters"] = [*_list_path_parameters(operation), *_list_query_parameters(operation.request_model)]
    return told | {"responses": _describe_responses(operation)}


def _describe_content(media_type: str, model: type[BaseModel]) -> JsonObject:
    return {media_type: {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}


def _list_path_parameters(operation: Operation) -> Iterator[JsonObject]:
    for name in _PARAMETER_PATTERN.findall(operation.rule):
        told, schema = _PATH_PARAMETERS[name]
        yield {"name": name, "in": "path", "required": True, "description": told, "schema": schema}


def _list_query_parameters(model: type[BaseModel]) -> Iterator[JsonObject]:
    schema = model.model_json_schema()
    for name, field in model.model_fields.items():
        told = _strip_schema(schema["properties"][name])
        described = told.pop("description", "")
        if field.default is None:
            told = _drop_null(told)
        way: JsonObject = {"style": "form", "explode": False} if is_list(field) else {}
        yield {"name": name, "in": "query", "required": field.is_required(), "description": described, **way, "schema": told}


def _drop_null(schema: JsonObject) -> JsonObject:
    """A parameter that may be left out is never null."""
    ways = [way for way in schema["anyOf"] if way.get("type") != "null"]
    return ways[0] if len(ways) == 1 else {"anyOf": ways}


def _strip_schema(schema: Any) -> Any:
    """A schema without the titles and the nulls by default that pydantic adds."""
    if isinstance(schema, list):
        return [_strip_schema(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    added: dict[str, type] = {"title": str, "default": type(None)}
    return {name: _strip_schema(part) for name, part in schema.items() if not (name in added and isinstance(part, added[name]))}


def _describe_responses(operation: Operation) -> JsonObject:
    answer = {"description": "La réponse", "content": _describe_content("application/json", operation.response_model)}
    told = {"200": answer} | ({"304": {"description": "Rien n’a changé"}} if operation.method == "get" else {})
    refusals = [*_COMMON_STATUSES, *([413, 415] if operation.method == "post" else []), *([404] if "<" in operation.rule else [])]
    problem = _describe_content("application/problem+json", Problem)
    told |= {str(code): {"description": PROBLEM_KINDS[code].description, "content": problem} for code in sorted(refusals)}
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in _RESPONSE_HEADERS}
    return {code: response | {"headers": headers} for code, response in told.items()}


def _build_schemas() -> JsonObject:
    """The models by name. Answers may hold more names one day: nothing is said to forbid them."""
    answers: list[type[BaseModel]] = [*dict.fromkeys(operation.response_model for operation in OPERATIONS), Problem]
    posted = [operation.request_model for operation in OPERATIONS if operation.method == "post"]
    modes: Any = [(model, "serialization") for model in answers] + [(model, "validation") for model in posted]
    _, told = models_json_schema(modes, ref_template="#/components/schemas/{model}")
    found: JsonObject = {}
    for name, schema in _strip_schema(told["$defs"]).items():
        opened = (
            schema if name in _REQUEST_SCHEMAS else {key: value for key, value in schema.items() if key != "additionalProperties"}
        )
        found[name] = opened | ({"description": words_told(name)} if "enum" in schema else {})
    return found
