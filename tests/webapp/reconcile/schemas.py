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


def _object(optional: Schema | None = None, **fields: Schema) -> Schema:
    """An object with these fields and no other."""
    known = fields | (optional or {})
    return {"type": "object", "properties": known, "required": sorted(fields), "additionalProperties": False}


def _several(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _by_key(values: Schema) -> Schema:
    return {"type": "object", "additionalProperties": values}


_NAMED = _object(id=_TEXT, name=_TEXT)
_TYPES = {**_several(_NAMED), "minItems": 1, "uniqueItems": True}
_PLACE = _object(service_url=_ADDRESS, service_path=_PATH)

MANIFEST = _object(
    versions={"type": "array", "items": {"enum": ["0.1", "0.2"]}, "contains": {"const": "0.2"}},
    name=_TEXT,
    identifierSpace=_ADDRESS,
    schemaSpace=_ADDRESS,
    documentation=_ADDRESS,
    serviceVersion=_TEXT,
    logo=_ADDRESS,
    defaultTypes=_TYPES,
    view=_object(url=_TEMPLATE),
    feature_view=_object(url=_TEMPLATE),
    preview=_object(url=_TEMPLATE, width={"type": "integer", "minimum": 1}, height={"type": "integer", "minimum": 1}),
    suggest=_object(entity=_PLACE, property=_PLACE, type=_PLACE),
    extend=_object(propose_properties=_PLACE, property_settings={"type": "array", "maxItems": 0}),
    batchSize={"type": "integer", "minimum": 1},
)
_FEATURE = _object(id=_TEXT, name=_TEXT, value={"type": ["number", "boolean"]})
_CANDIDATE = _object(
    {"reason": _TEXT},
    id=_TEXT,
    name=_TEXT,
    description={"type": "string"},
    type=_TYPES,
    score={"type": "number", "minimum": 0, "maximum": 100},
    match={"type": "boolean"},
    features=_several(_FEATURE),
)
RESULTS = _by_key(_object(result=_several(_CANDIDATE)))
FILMS = _object(result=_several(_object(id=_TEXT, name=_TEXT, description={"type": "string"}, notable=_TYPES)))
PROPERTIES = _object(result=_several(_object(id=_TEXT, name=_TEXT, description=_TEXT)))
TYPES = _object(result=_several(_NAMED))
PROPOSALS = _object({"type": _TEXT, "limit": {"type": "integer"}}, properties=_several(_NAMED))
_MOMENT: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
_VALUE: Schema = {"oneOf": [_object(str={"type": "string"}), _object(int={"type": "integer"}), _object(date=_MOMENT)]}
EXTENSION = _object(meta=_several(_NAMED), rows=_by_key(_by_key(_several(_VALUE))))


def faults(schema: Schema, told: object) -> list[str]:
    """Where an answer leaves its shape."""
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(told)]
