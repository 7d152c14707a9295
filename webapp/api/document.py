"""Build the OpenAPI document from the operations and from the models that they read and answer with."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from domain.common.identifiers import ALL_SCHEMES
from domain.common.settings import VERSION
from webapp.api.enum_labels import describe_enum
from webapp.api.operations import Operation
from webapp.api.parameters import SLUG_PATTERN
from webapp.api.problems import PROBLEM_KINDS, Problem
from webapp.api.registry import OPERATIONS
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
    """Return the document, without the address of the site."""
    paths: dict[str, JsonObject] = {}
    for operation in OPERATIONS:
        paths.setdefault(_PARAMETER_PATTERN.sub(r"{\1}", operation.rule), {})[operation.method] = _describe_operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "API d’OùVoir", "version": f"1 ({VERSION})", "description": _DESCRIPTION},
        "paths": paths,
        "components": {
            "schemas": _build_schemas(),
            "headers": {
                name: {"description": description, "schema": {"type": "string"}}
                for name, description in _RESPONSE_HEADERS.items()
            },
        },
    }


def _describe_operation(operation: Operation) -> JsonObject:
    described: JsonObject = {"operationId": operation.name, "summary": operation.summary, "description": operation.description}
    if operation.method == "post":
        described["requestBody"] = {"required": True, "content": _describe_content("application/json", operation.request_model)}
    else:
        described["parameters"] = [*_list_path_parameters(operation), *_list_query_parameters(operation.request_model)]
    return described | {"responses": _describe_responses(operation)}


def _describe_content(media_type: str, model: type[BaseModel]) -> JsonObject:
    return {media_type: {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}


def _list_path_parameters(operation: Operation) -> Iterator[JsonObject]:
    for name in _PARAMETER_PATTERN.findall(operation.rule):
        description, schema = _PATH_PARAMETERS[name]
        yield {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def _list_query_parameters(model: type[BaseModel]) -> Iterator[JsonObject]:
    schema = model.model_json_schema()
    for name, field in model.model_fields.items():
        parameter_schema = _strip_schema(schema["properties"][name])
        parameter: JsonObject = {"name": name, "in": "query", "required": field.is_required()}
        parameter["description"] = parameter_schema.pop("description", "")
        if field.default is None:
            parameter_schema = _drop_null(parameter_schema)
        if is_list(field):
            parameter |= {"style": "form", "explode": False}
        yield parameter | {"schema": parameter_schema}


def _drop_null(schema: JsonObject) -> JsonObject:
    """Return the schema of an optional parameter, which may be left out but is never null."""
    choices = [choice for choice in schema["anyOf"] if choice.get("type") != "null"]
    return choices[0] if len(choices) == 1 else {"anyOf": choices}


def _strip_schema(schema: Any) -> Any:
    """Return a schema without the titles and the null defaults that pydantic adds."""
    if isinstance(schema, list):
        return [_strip_schema(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    added: dict[str, type] = {"title": str, "default": type(None)}
    return {name: _strip_schema(part) for name, part in schema.items() if not (name in added and isinstance(part, added[name]))}


def _describe_responses(operation: Operation) -> JsonObject:
    answer = _describe_content("application/json", operation.response_model)
    responses: JsonObject = {"200": {"description": "La réponse", "content": answer}}
    if operation.method == "get":
        responses["304"] = {"description": "Rien n’a changé"}
    problem = _describe_content("application/problem+json", Problem)
    for status in _list_refusal_statuses(operation):
        responses[str(status)] = {"description": PROBLEM_KINDS[status].description, "content": problem}
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in _RESPONSE_HEADERS}
    return {status: response | {"headers": headers} for status, response in responses.items()}


def _list_refusal_statuses(operation: Operation) -> list[int]:
    statuses = list(_COMMON_STATUSES)
    if operation.method == "post":
        statuses += [413, 415]
    if "<" in operation.rule:
        statuses.append(404)
    return sorted(statuses)


def _build_schemas() -> JsonObject:
    """Return the schemas of the models by name. Answers may gain fields, so that additional properties are not forbidden."""
    answers: list[type[BaseModel]] = [*dict.fromkeys(operation.response_model for operation in OPERATIONS), Problem]
    posted = [operation.request_model for operation in OPERATIONS if operation.method == "post"]
    modes: Any = [(model, "serialization") for model in answers] + [(model, "validation") for model in posted]
    _, definitions = models_json_schema(modes, ref_template="#/components/schemas/{model}")
    schemas: JsonObject = {}
    for name, schema in _strip_schema(definitions["$defs"]).items():
        if name not in _REQUEST_SCHEMAS:
            schema.pop("additionalProperties", None)
        if "enum" in schema:
            schema["description"] = describe_enum(name)
        schemas[name] = schema
    return schemas
