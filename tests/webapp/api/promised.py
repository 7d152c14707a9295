"""The names of the OpenAPI document that were promised, and types: `python -m tests.webapp.api.promised` adds new ones."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from webapp.api.document import build_openapi_document

FIELDS_FILE = Path(__file__).with_name("fields.json")


def list_fields(document_json: Mapping[str, Any]) -> dict[str, str]:
    """Every address, parameter and name of an answer, with its type in a few words."""
    found = {}
    for path, ways in document_json["paths"].items():
        for method, operation in ways.items():
            answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
            found[f"{method} {path}"] = _describe_type(answer)
            found |= {f"{method} {path} {one['name']}": _describe_type(one["schema"]) for one in operation.get("parameters", [])}
    for name, schema in document_json["components"]["schemas"].items():
        found |= {f"schemas {name} {word}": "word" for word in schema.get("enum", [])}
        found |= {f"schemas {name} {key}": _describe_type(one) for key, one in schema.get("properties", {}).items()}
    return found


def _describe_type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(map(_describe_type, schema["anyOf"]))
    if schema.get("type") == "array":
        return f"[{_describe_type(schema['items'])}]"
    if schema.get("type") == "object":
        return f"{{{_describe_type(schema['additionalProperties'])}}}"
    return " ".join(filter(None, (schema["type"], schema.get("format"))))


if __name__ == "__main__":
    FIELDS_FILE.write_text(json.dumps(list_fields(build_openapi_document()), indent=1, ensure_ascii=False) + "\n", "utf-8")
