"""Show editors without a program what to deliver, and take a file in by a form."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from domain.common.text import clean_text
from domain.models.platform import Platform
from ingest import codes
from ingest.contract import MAX_BODY
from ingest.receive import DeliveryResult, PostedDelivery, receive_delivery
from ingest.refusals import IngestRefusedError
from ingest.spreadsheet import PRODUCT_COLUMNS, TITLE_COLUMNS
from webapp.core.context import get_engine, render_page
from webapp.editors.auth import authenticate_key
from webapp.editors.bodies import decompress_body, get_body_slot
from webapp.editors.posted import read_csv_delivery, read_json_delivery
from webapp.editors.problems import REFUSALS, DeliveryRefusedError, build_refusal

bp = Blueprint("editors", __name__)
_FORM_MARGIN = 65_536  # bytes of the form around the file
_MAX_ENTRIES = 200
_UTF8_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class ReportEntry:
    """Represent a title or a product of the report: where it is, which, whether it was accepted, what is wrong with it."""

    location: str
    name: str
    accepted: bool
    faults: list[dict[str, Any]]
    warnings: list[dict[str, Any]]


@bp.get("/editeurs/")
def show_form() -> Response:
    """Explain what to send and how to get a key, with the form."""
    return render_page("editors/form.html", datetime.now(UTC), refusal=None, **_build_context())


@bp.post("/editeurs/")
def create_delivery() -> Response:
    """Receive a file and show its report. The key is neither stored nor sent back."""
    request.max_content_length = MAX_BODY + _FORM_MARGIN
    now = datetime.now(UTC)
    try:
        key, platform = authenticate_key(get_engine(), clean_text(request.form.get("cle", "")), now)
        result = receive_delivery(get_engine(), key, get_body_slot(), _read_posted, now)
    except IngestRefusedError as error:
        return _render_refusal(build_refusal(error), now)
    except DeliveryRefusedError as refusal:
        return _render_refusal(refusal, now)
    return _render_report(result, platform, now)


def _render_report(result: DeliveryResult, platform: Platform, now: datetime) -> Response:
    entries = _list_report_entries(result)
    page = render_template(
        "editors/report.html",
        at=now,
        platform=platform,
        report=result.report,
        is_repeated=result.repeated,
        received_at=datetime.fromisoformat(result.report["received_at"]),
        entries=entries[:_MAX_ENTRIES],
        hidden_count=max(0, len(entries) - _MAX_ENTRIES),
    )
    return _disable_caching(make_response(page))


def _render_refusal(refusal: DeliveryRefusedError, now: datetime) -> Response:
    page = render_template("editors/form.html", at=now, refusal=refusal, **_build_context())
    return _disable_caching(make_response(page, refusal.status))


def _read_posted() -> PostedDelivery:
    file = request.files.get("fichier")
    data = b""
    if file is not None:
        data = decompress_body(file.read())
    if not data.strip():
        raise DeliveryRefusedError("contenu", "Choisissez un fichier : il est vide, ou il manque.")
    is_json = data.removeprefix(_UTF8_BOM).lstrip().startswith((b"{", b"["))
    if is_json:
        return read_json_delivery(data, None)
    return read_csv_delivery(data, request.form.get("livraison") == "delta", None, None)


def _build_context() -> dict[str, Any]:
    return {
        "title_columns": TITLE_COLUMNS,
        "product_columns": PRODUCT_COLUMNS,
        "modes": [name for name, meaning in codes.MODES.items() if meaning is not None],
        "qualities": list(codes.QUALITIES),
        "versions": [version for version in codes.VERSIONS if version != codes.Version.MAC],
        "refusals": REFUSALS,
        "required_columns": ("id_titre", "id_produit", "mode"),
        "max_megabytes": MAX_BODY // 2**20,
    }


def _disable_caching(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _list_report_entries(result: DeliveryResult) -> list[ReportEntry]:
    """Return the titles and products that call for a look, in the order of the file."""
    entries = []
    for title in [*result.lines, *result.report["removed"]]:
        title_id = title["idTitleEditor"]
        if _has_remarks(title):
            entries.append(_build_report_entry(title, _join_ids(title_id)))
        for product in title.get("products", []):
            if _has_remarks(product):
                entries.append(_build_report_entry(product, _join_ids(title_id, product["idProductEditor"])))
    return entries


def _has_remarks(outcome: dict[str, Any]) -> bool:
    return bool(outcome.get("errors") or outcome.get("warnings"))


def _join_ids(*ids: str | None) -> str:
    return " / ".join(filter(None, ids))


def _build_report_entry(outcome: dict[str, Any], name: str) -> ReportEntry:
    return ReportEntry(
        location=f"ligne {outcome['line']}" if "line" in outcome else outcome["pointer"],
        name=name,
        accepted=outcome["result"] == "accepted",
        faults=outcome.get("errors", []),
        warnings=outcome.get("warnings", []),
    )
