"""Shapes of the protocol, written from the specification (Reconciliation Service API 0.2) and stricter than it where it is loose.

The specification's own schemas are tried by `python -m bench.reconcile --specs DIR`, on a copy of its public repository.
"""

from typing import Any

from jsonschema import Draft202012Validator

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string", "minLength": 1}
_ADDRESS: Schema = {"type": "string", "pattern": r"^https?://[^/]+/"}
_TEMPLATE: Schema = {"type": "string", "pattern": r"^https?://[^{]+\{\{id\}\}$"}
_PATH: Schema = {"type": "string", "pattern": "^/"}


def _make_object(optional: Schema | None = None, **fields: Schema) -> Schema:
    """An object with these fields and no other."""
    known = fields | (optional or {})
    return {"type": "object", "properties": known, "required": sorted(fields), "additionalProperties": False}


def _array_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _map_of(values: Schema) -> Schema:
    return {"type": "object", "additionalProperties": values}


_NAMED = _make_object(id=_TEXT, name=_TEXT)
_TYPES = {**_array_of(_NAMED), "minItems": 1, "uniqueItems": True}
_ENDPOINT = _make_object(service_url=_ADDRESS, service_path=_PATH)

MANIFEST = _make_object(
    versions={"type": "array", "items": {"enum": ["0.1", "0.2"]}, "contains": {"const": "0.2"}},
    name=_TEXT,
    identifierSpace=_ADDRESS,
    schemaSpace=_ADDRESS,
    documentation=_ADDRESS,
    serviceVersion=_TEXT,
    logo=_ADDRESS,
    defaultTypes=_TYPES,
    view=_make_object(url=_TEMPLATE),
    feature_view=_make_object(url=_TEMPLATE),
    preview=_make_object(url=_TEMPLATE, width={"type": "integer", "minimum": 1}, height={"type": "integer", "minimum": 1}),
    suggest=_make_object(entity=_ENDPOINT, property=_ENDPOINT, type=_ENDPOINT),
    extend=_make_object(propose_properties=_ENDPOINT, property_settings={"type": "array", "maxItems": 0}),
    batchSize={"type": "integer", "minimum": 1},
)
_FEATURE = _make_object(id=_TEXT, name=_TEXT, value={"type": ["number", "boolean"]})
_CANDIDATE = _make_object(
    {"reason": _TEXT},
    id=_TEXT,
    name=_TEXT,
    description={"type": "string"},
    type=_TYPES,
    score={"type": "number", "minimum": 0, "maximum": 100},
    match={"type": "boolean"},
    features=_array_of(_FEATURE),
)
RESULTS = _map_of(_make_object(result=_array_of(_CANDIDATE)))
FILMS = _make_object(result=_array_of(_make_object(id=_TEXT, name=_TEXT, description={"type": "string"}, notable=_TYPES)))
PROPERTIES = _make_object(result=_array_of(_make_object(id=_TEXT, name=_TEXT, description=_TEXT)))
TYPES = _make_object(result=_array_of(_NAMED))
PROPOSALS = _make_object({"type": _TEXT, "limit": {"type": "integer"}}, properties=_array_of(_NAMED))
_MOMENT: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
_VALUE: Schema = {
    "oneOf": [_make_object(str={"type": "string"}), _make_object(int={"type": "integer"}), _make_object(date=_MOMENT)]
}
EXTENSION = _make_object(meta=_array_of(_NAMED), rows=_map_of(_map_of(_array_of(_VALUE))))


def list_faults(schema: Schema, told: object) -> list[str]:
    """Where an answer leaves its shape."""
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(told)]
