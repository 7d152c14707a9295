"""For editors' programs: « /editeurs/v1 ». A key in the Authorization header, JSON both ways, refusals as problem details."""

import json
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import HTTPException

from domain.common.errors import UserError
from domain.db.engine import read_session
from domain.models.delivery import Delivery
from domain.runs.deliveries import find_deliveries, refresh_report_state
from ingest.receive import PostedDelivery, receive_delivery
from ingest.refusals import IngestRefusedError
from ingest.schema import build_delivery_schema
from webapp.core.context import format_iso, get_engine
from webapp.editors import entry_states, problems
from webapp.editors.auth import authenticate_key, get_bearer_token, get_idempotency_key, read_csv_delivery, read_json_delivery
from webapp.editors.bodies import get_body_slot, read_bytes
from webapp.editors.problems import DeliveryRefusedError

bp = Blueprint("editors_api", __name__, url_prefix="/editeurs/v1")
bp.register_error_handler(DeliveryRefusedError, problems.handle_refusal)
bp.register_error_handler(IngestRefusedError, problems.handle_ingest_refusal)
bp.register_error_handler(UserError, problems.handle_storage_error)
bp.register_error_handler(HTTPException, problems.handle_http_error)
_MAX_LINES = 500


@bp.get("/ping")
def ping() -> Response:
    """Whether the key works, whose it is, and whether what it posts counts."""
    _check_parameters()
    now = datetime.now(UTC)
    key, platform = authenticate_key(get_engine(), get_bearer_token(request), now)
    service = {"slug": platform.slug, "name": platform.name, "operator": platform.operator, "hosts": platform.hosts}
    environment = "recette" if key.recette else "production"
    return _build_response({"platform": service, "environment": environment, "key": key.label, "time": format_iso(now)})


@bp.post("/catalogue")
def create_delivery() -> Response:
    """Takes a delivery in: 200 when it is accepted, 202 when it waits for an agent."""
    now = datetime.now(UTC)
    key, _ = authenticate_key(get_engine(), get_bearer_token(request), now)
    answer = receive_delivery(get_engine(), key, get_body_slot(), _read_posted, now)
    made = _build_response(
        _add_address(answer.report) | {"titles": answer.lines}, 200 if answer.report["state"] == "accepted" else 202
    )
    if answer.repeated:
        made.headers["Idempotent-Replayed"] = "true"
    return made


@bp.get("/catalogue")
def list_titles() -> Response:
    """What became of each of the editor's lines: `after` a title, in one `state`, `limit` at most."""
    _check_parameters("after", "state", "limit")
    now = datetime.now(UTC)
    _, platform = authenticate_key(get_engine(), get_bearer_token(request), now)
    state = request.args.get("state")
    if state is not None and state not in entry_states.STATES:
        raise DeliveryRefusedError("parametre", f"« state » : {', '.join(entry_states.STATES)} attendu.")
    asked = entry_states.PageRequest(request.args.get("after"), state, _read_number("limit", 100, _MAX_LINES))
    with read_session(get_engine()) as session:
        lines, after = entry_states.read_page(session, platform, asked, now)
    following = url_for(".list_titles", after=after, state=state, limit=asked.limit, _external=True) if after else None
    return _build_response({"titles": lines, "next": following, "generated_at": format_iso(now)})


@bp.get("/deliveries")
def list_editor_deliveries() -> Response:
    """The last deliveries, without their lines."""
    _check_parameters()
    key, _ = authenticate_key(get_engine(), get_bearer_token(request), datetime.now(UTC))
    with read_session(get_engine()) as session:
        found = [_add_address(refresh_report_state(report, run)) for _, report, run in find_deliveries(session, key)]
    return _build_response({"deliveries": found})


@bp.get("/deliveries/<int(max=2147483647):number>")
def show_delivery(number: int) -> Response:
    """The report of a delivery, with its lines while they are kept."""
    _check_parameters()
    key, _ = authenticate_key(get_engine(), get_bearer_token(request), datetime.now(UTC))
    with read_session(get_engine()) as session:
        found = find_deliveries(session, key, number)
        if not found:
            raise DeliveryRefusedError("adresse", "Aucune de vos livraisons n’a ce numéro.")
        _, report, run = found[0]
        lines = session.get_one(Delivery, number).lines
    return _build_response(_add_address(refresh_report_state(report, run)) | {"titles": lines})


@bp.get("/schema.json")
def show_schema() -> Response:
    """The JSON Schema of a delivery, for anybody."""
    made = json.dumps(build_delivery_schema(url_for(".show_schema", _external=True)), ensure_ascii=False, indent=1)
    answer = Response(made, mimetype="application/schema+json")
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer


def _read_posted() -> PostedDelivery:
    if request.mimetype == "text/csv":
        _check_parameters("delivery", "totalProducts")
        kind = request.args.get("delivery", "full")
        if kind not in ("full", "delta"):
            raise DeliveryRefusedError("parametre", "« delivery » : full ou delta attendu.")
        total = _read_number("totalProducts", 0, 10**9) if "totalProducts" in request.args else None
        return read_csv_delivery(read_bytes(request), kind == "delta", total, get_idempotency_key(request))
    if request.mimetype != "application/json":
        raise DeliveryRefusedError("format", "Content-Type : application/json ou text/csv attendu.")
    _check_parameters()
    return read_json_delivery(read_bytes(request), get_idempotency_key(request))


def _check_parameters(*names: str) -> None:
    """A key put in the address by mistake must not be asked for twice: it would stay in the logs of every server."""
    if [name for name in request.args if name not in names]:
        known = f"attendus : {', '.join(names)}" if names else "aucun n’est attendu"
        raise DeliveryRefusedError(
            "parametre", f"Paramètre inconnu dans l’adresse ({known}). La clé va dans l’en-tête Authorization."
        )


def _read_number(name: str, default: int, maximum: int) -> int:
    written = request.args.get(name, str(default))
    if not (written.isascii() and written.isdigit() and len(written) < 12 and 0 < int(written) <= maximum):
        raise DeliveryRefusedError("parametre", f"« {name} » : un nombre de 1 à {maximum} est attendu.")
    return int(written)


def _add_address(report: dict[str, Any]) -> dict[str, Any]:
    return report | {"address": url_for(".show_delivery", number=report["delivery"], _external=True)}


def _build_response(facts: dict[str, Any], status: int = 200) -> Response:
    made = Response(json.dumps(facts, ensure_ascii=False), status, mimetype="application/json")
    made.headers["Cache-Control"] = "no-store"
    return made
