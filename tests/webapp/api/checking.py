"""The whole OpenAPI document tried by schemathesis, with all its checks.

A schema cannot tell which cursors were given, which services exist, and that a day is past: the document that is tried says it,
for these parameters only, with values of the database at hand.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

_SCHEMA_PATH = "/tried.json"
_PAST_DAYS = ["2026-11-01", "2026-11-20T10:00:00Z", "2020-02-29"]
JsonObject = dict[str, Any]


@dataclass
class FuzzResult:
    """How many times each check was made, and what is wrong: each kind of fault once, with how to see it."""

    checks: Counter[str] = field(default_factory=Counter)
    faults: dict[tuple[str, str], str] = field(default_factory=dict)


def build_document(app: Flask) -> JsonObject:
    """The document, with values that exist for what a schema cannot tell."""
    client = app.test_client()

    def told(address: str) -> JsonObject:
        facts: JsonObject = client.get(f"/api/v1/{address}").get_json()
        return facts

    slugs = [one["slug"] for one in told("platforms")["platforms"]]
    cursors = {path: [told(f"{path[1:]}?limit=1")["cursor"]] for path in ("/changes", "/films/updated", "/identifiers")}
    cursors["/platforms/{slug}/runs"] = [told(f"platforms/{slug}/runs?limit=1")["cursor"] for slug in slugs]
    document = told("openapi.json")
    for path, ways in document["paths"].items():
        for parameter in ways.get("get", {}).get("parameters", []):
            _narrow_parameter(parameter, slugs, cursors.get(path, []))
    return document


def _narrow_parameter(parameter: JsonObject, slugs: list[str], cursors: list[str | None]) -> None:
    match parameter["name"]:
        case "cursor":
            parameter["schema"] = {"enum": [cursor for cursor in cursors if cursor]}
        case "services":
            parameter["schema"]["items"] = {"enum": slugs}
        case "at":
            parameter["schema"] = {"enum": _PAST_DAYS}


def fuzz_document(app: Flask, examples: int, seed: int, document: JsonObject | None = None) -> FuzzResult:
    """What schemathesis finds on every address, in all its phases, with so many examples of each."""
    written = json.dumps(document or build_document(app)).encode()

    def tried(environ: JsonObject, start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == _SCHEMA_PATH:
            start("200 OK", [("Content-Type", "application/json")])
            return [written]
        return app.wsgi_app({**environ, "HTTP_ACCEPT_ENCODING": "identity"}, start)

    config = SchemathesisConfig.from_dict({"seed": seed, "generation": {"max-examples": examples}})
    found = FuzzResult()
    for event in from_schema(schemathesis.openapi.from_wsgi(_SCHEMA_PATH, tried, config=config)).execute():
        for name, fault, told in _iter_checks(event):
            found.checks[name] += 1
            if fault:
                found.faults.setdefault((name, fault), told)
    return found


def _iter_checks(event: events.EngineEvent) -> Iterator[tuple[str, str, str]]:
    """Each check of an event: its name, then nothing, or the address at fault and how to see it."""
    if isinstance(event, events.NonFatalError | events.FatalError):
        yield "error", repr(event), ""
    if not isinstance(event, events.ScenarioFinished):
        return
    for checks in event.recorder.checks.values():
        for check in checks:
            failed = check.failure_info
            yield (
                (check.name, "", "")
                if failed is None
                else (check.name, failed.failure.operation or "", f"{failed.failure}\n{failed.code_sample}")
            )
