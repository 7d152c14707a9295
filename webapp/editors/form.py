"""For editors without a program: what the service asks for, and a form that delivers a file."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from domain.common.text import clean_text
from ingest import codes
from ingest.contract import MAX_BODY
from ingest.receive import DeliveryResult, PostedDelivery, receive_delivery
from ingest.refusals import IngestRefusedError
from ingest.spreadsheet import PRODUCT_COLUMNS, TITLE_COLUMNS
from webapp.core.context import get_engine
from webapp.core.context import render_page as kept_page
from webapp.editors.auth import authenticate_key, read_csv_delivery, read_json_delivery
from webapp.editors.bodies import get_body_slot, unpack_body
from webapp.editors.problems import REFUSALS, DeliveryRefusedError, build_refusal

bp = Blueprint("editors", __name__)
_FORM_MARGIN, _MAX_LINES_SHOWN = 65_536, 200


@dataclass(frozen=True)
class ReportLine:
    """A line of the report for a person: where, which, what became of it, and what is wrong."""

    location: str
    name: str
    accepted: bool
    faults: list[dict[str, Any]]
    warnings: list[dict[str, Any]]


@bp.get("/editeurs/")
def show_form() -> Response:
    """What to send, how to get a key, and the form."""
    return kept_page("editors/form.html", datetime.now(UTC), refusal=None, **_build_context())


@bp.post("/editeurs/")
def create_delivery() -> Response:
    """Takes a file in, and shows its report. The key is neither kept nor sent back."""
    request.max_content_length = MAX_BODY + _FORM_MARGIN
    now = datetime.now(UTC)
    try:
        key, platform = authenticate_key(get_engine(), clean_text(request.form.get("cle", "")), now)
        answer = receive_delivery(get_engine(), key, get_body_slot(), _read_posted, now)
    except IngestRefusedError as error:
        return _render_refusal(build_refusal(error), now)
    except DeliveryRefusedError as refusal:
        return _render_refusal(refusal, now)
    lines = list(_list_report_lines(answer))
    received = datetime.fromisoformat(answer.report["received_at"])
    facts = {"report": answer.report, "repeated": answer.repeated, "platform": platform, "received": received}
    shown = render_template(
        "editors/report.html", at=now, lines=lines[:_MAX_LINES_SHOWN], hidden=len(lines[_MAX_LINES_SHOWN:]), **facts
    )
    return _disable_caching(make_response(shown))


def _render_refusal(refusal: DeliveryRefusedError, now: datetime) -> Response:
    page = render_template("editors/form.html", at=now, refusal=refusal, **_build_context())
    return _disable_caching(make_response(page, refusal.status))


def _read_posted() -> PostedDelivery:
    file = request.files.get("fichier")
    data = unpack_body(file.read()) if file is not None else b""
    if not data.strip():
        raise DeliveryRefusedError("contenu", "Choisissez un fichier : il est vide, ou il manque.")
    if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
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
        "required": ("id_titre", "id_produit", "mode"),
        "most": MAX_BODY // 2**20,
    }


def _disable_caching(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _list_report_lines(result: DeliveryResult) -> list[ReportLine]:
    """The lines that call for a look, in the order of the file."""
    found = []
    for title in [*result.lines, *result.report["removed"]]:
        products = [(product, product["idProductEditor"]) for product in title.get("products", [])]
        for line, name in [(title, ""), *products]:
            if line.get("errors") or line.get("warnings"):
                named = " / ".join(filter(None, [title["idTitleEditor"], name]))
                where = f"ligne {line['line']}" if "line" in line else line["pointer"]
                faults, warnings = line.get("errors", []), line.get("warnings", [])
                found.append(ReportLine(where, named, line["result"] == "accepted", faults, warnings))
    return found
