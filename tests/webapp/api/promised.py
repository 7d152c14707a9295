"""The names of the OpenAPI document that were promised, and types: `python -m tests.webapp.api.promised` adds new ones."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from webapp.api.document import document

PROMISED = Path(__file__).with_name("fields.json")


def fields(told: Mapping[str, Any]) -> dict[str, str]:
    """Every address, parameter and name of an answer, with its type in a few words."""
    found = {}
    for path, ways in told["paths"].items():
        for method, operation in ways.items():
            answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
            found[f"{method} {path}"] = _kind(answer)
            found |= {f"{method} {path} {one['name']}": _kind(one["schema"]) for one in operation.get("parameters", [])}
    for name, schema in told["components"]["schemas"].items():
        found |= {f"schemas {name} {word}": "word" for word in schema.get("enum", [])}
        found |= {f"schemas {name} {key}": _kind(one) for key, one in schema.get("properties", {}).items()}
    return found


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(map(_kind, schema["anyOf"]))
    if schema.get("type") == "array":
        return f"[{_kind(schema['items'])}]"
    if schema.get("type") == "object":
        return f"{{{_kind(schema['additionalProperties'])}}}"
    return " ".join(filter(None, (schema["type"], schema.get("format"))))


if __name__ == "__main__":
    PROMISED.write_text(json.dumps(fields(document()), indent=1, ensure_ascii=False) + "\n", "utf-8")
