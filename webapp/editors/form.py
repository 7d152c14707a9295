"""For editors without a program: what the service asks for, and a form that delivers a file."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from domain.common.text import clean
from ingest import codes
from ingest.contract import MAX_BODY
from ingest.receive import Answer, Posted, receive
from ingest.spreadsheet import PRODUCT_COLUMNS, TITLE_COLUMNS
from webapp.core.context import engine
from webapp.core.context import page as kept_page
from webapp.editors.auth import open_door, post_csv, post_json
from webapp.editors.bodies import unpacked
from webapp.editors.problems import REFUSALS, DeliveryRefused

pages = Blueprint("editors", __name__)
_FORM_MARGIN, _SHOWN = 65_536, 200


@dataclass(frozen=True)
class Shown:
    """A line of the report for a person: where, which, what became of it, and what is wrong."""

    where: str
    name: str
    accepted: bool
    faults: list[dict[str, Any]]
    warnings: list[dict[str, Any]]


@pages.get("/editeurs/")
def desk() -> Response:
    """What to send, how to get a key, and the form."""
    return kept_page("editors/form.html", datetime.now(UTC), refusal=None, **_words())


@pages.post("/editeurs/")
def deliver() -> Response:
    """Takes a file in, and shows its report. The key is neither kept nor sent back."""
    request.max_content_length = MAX_BODY + _FORM_MARGIN
    now = datetime.now(UTC)
    try:
        key, platform = open_door(engine(), clean(request.form.get("cle", "")), now)
        answer = receive(engine(), key, _posted, now)
    except DeliveryRefused as refusal:
        told = make_response(render_template("editors/form.html", at=now, refusal=refusal, **_words()), refusal.status)
        return _unkept(told)
    lines = list(_lines(answer))
    received = datetime.fromisoformat(answer.report["received_at"])
    facts = {"report": answer.report, "repeated": answer.repeated, "platform": platform, "received": received}
    shown = render_template("editors/report.html", at=now, lines=lines[:_SHOWN], hidden=len(lines[_SHOWN:]), **facts)
    return _unkept(make_response(shown))


def _posted() -> Posted:
    file = request.files.get("fichier")
    data = unpacked(file.read()) if file is not None else b""
    if not data.strip():
        raise DeliveryRefused("contenu", "Choisissez un fichier : il est vide, ou il manque.")
    if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        return post_json(data, None)
    return post_csv(data, request.form.get("livraison") == "delta", None, None)


def _words() -> dict[str, Any]:
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


def _unkept(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _lines(answer: Answer) -> list[Shown]:
    """The lines that call for a look, in the order of the file."""
    found = []
    for title in [*answer.lines, *answer.report["removed"]]:
        products = [(product, product["idProductEditor"]) for product in title.get("products", [])]
        for line, name in [(title, ""), *products]:
            if line.get("errors") or line.get("warnings"):
                named = " / ".join(filter(None, [title["idTitleEditor"], name]))
                where = f"ligne {line['line']}" if "line" in line else line["pointer"]
                faults, warnings = line.get("errors", []), line.get("warnings", [])
                found.append(Shown(where, named, line["result"] == "accepted", faults, warnings))
    return found
