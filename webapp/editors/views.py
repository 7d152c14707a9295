"""For editors' programs: « /editeurs/v1 ». A key in the Authorization header, JSON both ways, refusals as problem details."""

import json
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import HTTPException

from domain.common.errors import Problem
from domain.db.engine import reading
from domain.models.delivery import Delivery
from domain.runs.delivery_log import deliveries_of, told_now
from ingest.receive import Posted, receive
from ingest.schema import delivery_schema
from webapp.core.context import engine, iso
from webapp.editors import entry_states, problems
from webapp.editors.auth import bearer, idempotency_key, open_door, post_csv, post_json
from webapp.editors.bodies import read_bytes
from webapp.editors.problems import DeliveryRefused

pages = Blueprint("editors_api", __name__, url_prefix="/editeurs/v1")
pages.register_error_handler(DeliveryRefused, problems.answer_refused)
pages.register_error_handler(Problem, problems.answer_storage)
pages.register_error_handler(HTTPException, problems.answer_http)
_MOST_LINES = 500


@pages.get("/ping")
def ping() -> Response:
    """Whether the key works, whose it is, and whether what it posts counts."""
    _allow()
    now = datetime.now(UTC)
    key, platform = open_door(engine(), bearer(request), now)
    service = {"slug": platform.slug, "name": platform.name, "operator": platform.operator, "hosts": platform.hosts}
    environment = "recette" if key.recette else "production"
    return _answer({"platform": service, "environment": environment, "key": key.label, "time": iso(now)})


@pages.post("/catalogue")
def deliver() -> Response:
    """Takes a delivery in: 200 when it is accepted, 202 when it waits for an agent."""
    now = datetime.now(UTC)
    key, _ = open_door(engine(), bearer(request), now)
    answer = receive(engine(), key, _posted, now)
    made = _answer(_with_address(answer.report) | {"titles": answer.lines}, 200 if answer.report["state"] == "accepted" else 202)
    if answer.repeated:
        made.headers["Idempotent-Replayed"] = "true"
    return made


@pages.get("/catalogue")
def catalogue() -> Response:
    """What became of each of the editor's lines: `after` a title, in one `state`, `limit` at most."""
    _allow("after", "state", "limit")
    now = datetime.now(UTC)
    _, platform = open_door(engine(), bearer(request), now)
    state = request.args.get("state")
    if state is not None and state not in entry_states.STATES:
        raise DeliveryRefused("parametre", f"« state » : {', '.join(entry_states.STATES)} attendu.")
    asked = entry_states.Asked(request.args.get("after"), state, _number("limit", 100, _MOST_LINES))
    with reading(engine()) as session:
        lines, after = entry_states.read_page(session, platform, asked, now)
    following = url_for(".catalogue", after=after, state=state, limit=asked.limit, _external=True) if after else None
    return _answer({"titles": lines, "next": following, "generated_at": iso(now)})


@pages.get("/deliveries")
def deliveries() -> Response:
    """The last deliveries, without their lines."""
    _allow()
    key, _ = open_door(engine(), bearer(request), datetime.now(UTC))
    with reading(engine()) as session:
        found = [_with_address(told_now(report, run)) for _, report, run in deliveries_of(session, key)]
    return _answer({"deliveries": found})


@pages.get("/deliveries/<int(max=2147483647):number>")
def delivery(number: int) -> Response:
    """The report of a delivery, with its lines while they are kept."""
    _allow()
    key, _ = open_door(engine(), bearer(request), datetime.now(UTC))
    with reading(engine()) as session:
        found = deliveries_of(session, key, number)
        if not found:
            raise DeliveryRefused("adresse", "Aucune de vos livraisons n’a ce numéro.")
        _, report, run = found[0]
        lines = session.get_one(Delivery, number).lines
    return _answer(_with_address(told_now(report, run)) | {"titles": lines})


@pages.get("/schema.json")
def schema() -> Response:
    """The JSON Schema of a delivery, for anybody."""
    made = json.dumps(delivery_schema(url_for(".schema", _external=True)), ensure_ascii=False, indent=1)
    answer = Response(made, mimetype="application/schema+json")
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer


def _posted() -> Posted:
    if request.mimetype == "text/csv":
        _allow("delivery", "totalProducts")
        kind = request.args.get("delivery", "full")
        if kind not in ("full", "delta"):
            raise DeliveryRefused("parametre", "« delivery » : full ou delta attendu.")
        total = _number("totalProducts", 0, 10**9) if "totalProducts" in request.args else None
        return post_csv(read_bytes(request), kind == "delta", total, idempotency_key(request))
    if request.mimetype != "application/json":
        raise DeliveryRefused("format", "Content-Type : application/json ou text/csv attendu.")
    _allow()
    return post_json(read_bytes(request), idempotency_key(request))


def _allow(*names: str) -> None:
    """A key put in the address by mistake must not be asked for twice: it would stay in the logs of every server."""
    if [name for name in request.args if name not in names]:
        known = f"attendus : {', '.join(names)}" if names else "aucun n’est attendu"
        raise DeliveryRefused("parametre", f"Paramètre inconnu dans l’adresse ({known}). La clé va dans l’en-tête Authorization.")


def _number(name: str, usual: int, most: int) -> int:
    written = request.args.get(name, str(usual))
    if not (written.isascii() and written.isdigit() and len(written) < 12 and 0 < int(written) <= most):
        raise DeliveryRefused("parametre", f"« {name} » : un nombre de 1 à {most} est attendu.")
    return int(written)


def _with_address(report: dict[str, Any]) -> dict[str, Any]:
    return report | {"address": url_for(".delivery", number=report["delivery"], _external=True)}


def _answer(facts: dict[str, Any], status: int = 200) -> Response:
    made = Response(json.dumps(facts, ensure_ascii=False), status, mimetype="application/json")
    made.headers["Cache-Control"] = "no-store"
    return made
