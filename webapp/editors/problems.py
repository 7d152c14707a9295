"""Refusals told to programs: problem details (RFC 9457), in French."""

import json
from http import HTTPStatus
from typing import Any

from flask import Response, current_app, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from domain.common.errors import UserError
from ingest.contract import MAX_BODY, MAX_VALUES
from ingest.results import Fault, Position

REFUSALS = {
    "cle": (401, "Clé refusée"),
    "service": (403, "Service fermé ou suspendu"),
    "adresse": (404, "Adresse inconnue"),
    "occupe": (409, "Livraison déjà en cours"),
    "delta": (409, "Delta impossible"),
    "taille": (413, "Envoi trop volumineux"),
    "format": (415, "Format inconnu"),
    "illisible": (400, "Envoi illisible"),
    "parametre": (400, "Paramètre refusé"),
    "contenu": (422, "Livraison refusée en entier"),
    "totaux": (422, "Livraison tronquée"),
    "idempotence": (422, "Clé d’idempotence déjà utilisée"),
    "charge": (503, "Trop de livraisons à la fois"),
    "panne": (503, "Service momentanément indisponible"),
}
SIZE_LIMIT_TEXT = f"{MAX_BODY // 2**20} Mio au plus, une fois décompressé"


class DeliveryRefusedError(Exception):
    """A request refused whole: nothing was changed. `kind` is a word of the guide; `detail` one French sentence."""

    def __init__(self, kind: str, detail: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.faults = kind, detail, faults
        self.status, self.title = REFUSALS[kind]

    def to_response(self) -> Response:
        """The problem details, with each fault under `errors`."""
        facts: dict[str, Any] = {"type": url_for("editors.show_form", _anchor=f"refus-{self.kind}", _external=True)}
        facts |= {"title": self.title, "status": self.status, "detail": self.detail}
        if self.faults:
            facts["errors"] = [fault.to_dict(Position()) for fault in self.faults]
        made = Response(json.dumps(facts, ensure_ascii=False), self.status, mimetype="application/problem+json")
        if self.status == HTTPStatus.UNAUTHORIZED:
            made.headers["WWW-Authenticate"] = 'Bearer realm="ouvoir"'
        if self.status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.CONFLICT):
            made.headers["Retry-After"] = "30"
        made.headers["Cache-Control"] = "no-store"
        return made


def handle_refusal(refusal: DeliveryRefusedError) -> Response:
    """What a refusal is answered."""
    return refusal.to_response()


def handle_storage_error(problem: UserError) -> Response:
    """The line itself names the server's paths: it goes to the log, not to the editor."""
    current_app.logger.error("%s", problem)
    return DeliveryRefusedError(
        "panne", "La base de données ne répond pas, rien n’a été changé. Réessayez dans un instant."
    ).to_response()


def handle_http_error(error: HTTPException) -> AnyResponse:
    """Refusals that the framework raises itself."""
    if error.code == HTTPStatus.NOT_FOUND:
        return DeliveryRefusedError("adresse", "Il n’y a rien à cette adresse.").to_response()
    if error.code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return make_too_large_error(SIZE_LIMIT_TEXT).to_response()
    if error.code == HTTPStatus.BAD_REQUEST:
        return DeliveryRefusedError("illisible", "La demande n’a pas pu être lue.").to_response()
    return error.get_response()


def make_too_large_error(limit: str) -> DeliveryRefusedError:
    """What is refused for its size, and what to do about it; `most` is the limit, in words."""
    return DeliveryRefusedError("taille", f"{limit}. Livrez en delta ce qui change ; pour un premier catalogue, écrivez-nous.")


def make_too_many_values_error() -> DeliveryRefusedError:
    """What is refused for the number of its values, whatever its bytes."""
    return make_too_large_error(f"{MAX_VALUES // 10**6} millions de valeurs au plus")
