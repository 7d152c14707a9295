"""Serve editors' programs under /editeurs/v1: a key in the Authorization header, JSON both ways, refusals as problem details."""

import json
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import HTTPException

from domain.common.errors import UserError
from domain.db.engine import read_session
from domain.models.delivery import Delivery, EditorKey
from domain.models.platform import Platform
from domain.runs.deliveries import find_deliveries, refresh_report_state
from ingest.receive import PostedDelivery, receive_delivery
from ingest.refusals import IngestRefusedError
from ingest.schema import build_delivery_schema
from webapp.core.context import FILM_ID_CONVERTER as ID_CONVERTER
from webapp.core.context import format_iso, get_engine
from webapp.editors import entry_states, problems
from webapp.editors.auth import authenticate_key, get_bearer_token
from webapp.editors.bodies import get_body_slot, read_bytes
from webapp.editors.posted import get_idempotency_key, read_csv_delivery, read_json_delivery
from webapp.editors.problems import DeliveryRefusedError

bp = Blueprint("editors_api", __name__, url_prefix="/editeurs/v1")
bp.register_error_handler(DeliveryRefusedError, problems.handle_refusal)
bp.register_error_handler(IngestRefusedError, problems.handle_ingest_refusal)
bp.register_error_handler(UserError, problems.handle_storage_error)
bp.register_error_handler(HTTPException, problems.handle_http_error)
_DEFAULT_LIMIT = 100
_MAX_LIMIT = 500
_MAX_TOTAL = 10**9
_MAX_NUMBER_LENGTH = 11


@bp.get("/ping")
def ping() -> Response:
    """Tell whose key it is, and whether what it posts is published."""
    _check_parameters()
    now = datetime.now(UTC)
    key, platform = _authenticate(now)
    service = {"slug": platform.slug, "name": platform.name, "operator": platform.operator, "hosts": platform.hosts}
    environment = "recette" if key.recette else "production"
    return _build_response({"platform": service, "environment": environment, "key": key.label, "time": format_iso(now)})


@bp.post("/catalogue")
def create_delivery() -> Response:
    """Receive a delivery: 200 when it is accepted, 202 when it waits for an agent."""
    now = datetime.now(UTC)
    key, _ = _authenticate(now)
    result = receive_delivery(get_engine(), key, get_body_slot(), _read_posted, now)
    status = HTTPStatus.OK if result.report["state"] == "accepted" else HTTPStatus.ACCEPTED
    response = _build_response(_add_url(result.report) | {"titles": result.lines}, status)
    if result.repeated:
        response.headers["Idempotent-Replayed"] = "true"
    return response


@bp.get("/catalogue")
def list_titles() -> Response:
    """List what became of each of the editor's titles: `after` one of them, in one `state`, `limit` at most."""
    _check_parameters("after", "state", "limit")
    now = datetime.now(UTC)
    _, platform = _authenticate(now)
    state = request.args.get("state")
    if state is not None and state not in entry_states.STATES:
        raise DeliveryRefusedError("parametre", f"« state » : {', '.join(entry_states.STATES)} attendu.")
    limit = _read_positive_integer("limit", _DEFAULT_LIMIT, _MAX_LIMIT)
    page_request = entry_states.PageRequest(request.args.get("after"), state, limit)
    with read_session(get_engine()) as session:
        titles, after = entry_states.read_page(session, platform, page_request, now)
    next_url = None
    if after:
        next_url = url_for(".list_titles", after=after, state=state, limit=limit, _external=True)
    return _build_response({"titles": titles, "next": next_url, "generated_at": format_iso(now)})


@bp.get("/deliveries")
def list_editor_deliveries() -> Response:
    """List the last deliveries, without their titles."""
    _check_parameters()
    key, _ = _authenticate(datetime.now(UTC))
    with read_session(get_engine()) as session:
        deliveries = find_deliveries(session, key)
    reports = [_add_url(refresh_report_state(report, run)) for _, report, run in deliveries]
    return _build_response({"deliveries": reports})


@bp.get(f"/deliveries/<{ID_CONVERTER}:delivery_id>")
def show_delivery(delivery_id: int) -> Response:
    """Show the report of a delivery, with its titles while they are stored."""
    _check_parameters()
    key, _ = _authenticate(datetime.now(UTC))
    with read_session(get_engine()) as session:
        deliveries = find_deliveries(session, key, delivery_id)
        if not deliveries:
            raise DeliveryRefusedError("adresse", "Aucune de vos livraisons n’a ce numéro.")
        _, report, run = deliveries[0]
        titles = session.get_one(Delivery, delivery_id).lines
    return _build_response(_add_url(refresh_report_state(report, run)) | {"titles": titles})


@bp.get("/schema.json")
def show_schema() -> Response:
    """Serve the JSON Schema of a delivery, to anybody."""
    schema = build_delivery_schema(url_for(".show_schema", _external=True))
    response = Response(json.dumps(schema, ensure_ascii=False, indent=1), mimetype="application/schema+json")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _authenticate(now: datetime) -> tuple[EditorKey, Platform]:
    return authenticate_key(get_engine(), get_bearer_token(request), now)


def _read_posted() -> PostedDelivery:
    if request.mimetype == "text/csv":
        return _read_posted_csv()
    if request.mimetype != "application/json":
        raise DeliveryRefusedError("format", "Content-Type : application/json ou text/csv attendu.")
    _check_parameters()
    return read_json_delivery(read_bytes(request), get_idempotency_key(request))


def _read_posted_csv() -> PostedDelivery:
    _check_parameters("delivery", "totalProducts")
    kind = request.args.get("delivery", "full")
    if kind not in ("full", "delta"):
        raise DeliveryRefusedError("parametre", "« delivery » : full ou delta attendu.")
    total = None
    if "totalProducts" in request.args:
        total = _read_positive_integer("totalProducts", 0, _MAX_TOTAL)
    return read_csv_delivery(read_bytes(request), kind == "delta", total, get_idempotency_key(request))


def _check_parameters(*names: str) -> None:
    """Refuse unknown parameters. Raises DeliveryRefusedError.

    A key put in the address by mistake is thus said at once: it would stay in the logs of every server.
    """
    if set(request.args) <= set(names):
        return
    expected = f"attendus : {', '.join(names)}" if names else "aucun n’est attendu"
    message = f"Paramètre inconnu dans l’adresse ({expected}). La clé va dans l’en-tête Authorization."
    raise DeliveryRefusedError("parametre", message)


def _read_positive_integer(name: str, default: int, maximum: int) -> int:
    """Return a number of the address, from 1 to the maximum. Raises DeliveryRefusedError."""
    text = request.args.get(name, str(default))
    is_number = text.isascii() and text.isdigit() and len(text) <= _MAX_NUMBER_LENGTH
    if not (is_number and 0 < int(text) <= maximum):
        raise DeliveryRefusedError("parametre", f"« {name} » : un nombre de 1 à {maximum} est attendu.")
    return int(text)


def _add_url(report: dict[str, Any]) -> dict[str, Any]:
    return report | {"address": url_for(".show_delivery", delivery_id=report["delivery"], _external=True)}


def _build_response(payload: dict[str, Any], status: int = HTTPStatus.OK) -> Response:
    response = Response(json.dumps(payload, ensure_ascii=False), status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
