"""Answer refusals as problem details (RFC 9457), in French."""

import json
from http import HTTPStatus
from typing import Any

from flask import Response, current_app, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from domain.common.errors import UserError
from ingest.contract import MAX_BODY, MAX_VALUES
from ingest.refusals import IngestRefusedError, RefusalCode
from ingest.results import Fault, Position
from ingest.spreadsheet import MAX_ROWS
from webapp.core.french import format_number

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
_INGEST_REFUSALS = {
    RefusalCode.SERVICE_CLOSED: ("service", "Ce service est fermé ou suspendu : son catalogue n’est pas reçu. Écrivez-nous."),
    RefusalCode.ALREADY_RECEIVING: (
        "occupe",
        "Une livraison ou une collecte de ce service est déjà en cours. Réessayez dans un instant.",
    ),
    RefusalCode.BODY_SLOT_BUSY: ("charge", "Une autre livraison est en cours de lecture. Réessayez dans trente secondes."),
    RefusalCode.IDEMPOTENCY_KEY_REUSED: ("idempotence", "{problem}."),
    RefusalCode.NO_FULL_LIST: (
        "delta",
        "Aucune liste complète n’a encore été acceptée : un delta n’a rien à modifier.",
    ),
    RefusalCode.DELIVERY_ON_HOLD: (
        "delta",
        "La dernière livraison attend un agent, ou a été refusée : envoyez une liste complète.",
    ),
    RefusalCode.NOT_AN_OBJECT: (
        "contenu",
        "Un objet JSON est attendu, avec editorTitles, totalTitles et totalProducts.",
    ),
    RefusalCode.INVALID_ENVELOPE: ("contenu", "L’en-tête de la livraison est refusé."),
    RefusalCode.COUNT_MISMATCH: ("totaux", "{field} : {reason}. Rien n’a été changé."),
    RefusalCode.REMOVAL_IN_FULL_LIST: ("contenu", "{field} {reason}."),
    RefusalCode.NO_TITLE: ("contenu", "La livraison ne contient aucun titre."),
    RefusalCode.MISSING_COLUMN: ("contenu", "Colonne absente : {columns}."),
    RefusalCode.UNREADABLE_TABLE: ("contenu", "{problem}."),
}
"""The kind of each refusal of `ingest`, and its sentence, which may name the first faulty field and its reason."""
SIZE_LIMIT_TEXT = f"{MAX_BODY // 2**20} Mio au plus, une fois décompressé"


class DeliveryRefusedError(Exception):
    """Refuse a request whole: nothing was changed. `kind` is a key of `REFUSALS`, `detail` one French sentence."""

    def __init__(self, kind: str, detail: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.faults = faults
        self.status, self.title = REFUSALS[kind]

    def to_response(self) -> Response:
        """Build the problem details, with each fault under `errors`."""
        payload: dict[str, Any] = {
            "type": url_for("editors.show_form", _anchor=f"refus-{self.kind}", _external=True),
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.faults:
            payload["errors"] = [fault.to_dict(Position()) for fault in self.faults]
        body = json.dumps(payload, ensure_ascii=False)
        response = Response(body, self.status, mimetype="application/problem+json")
        if self.status == HTTPStatus.UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = 'Bearer realm="ouvoir"'
        if self.status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.CONFLICT):
            response.headers["Retry-After"] = "30"
        response.headers["Cache-Control"] = "no-store"
        return response


def build_refusal(error: IngestRefusedError) -> DeliveryRefusedError:
    """Return the refusal that an editor reads, for one that `ingest` raised."""
    if error.code is RefusalCode.TOO_MANY_ROWS:
        return make_too_large_error(f"{format_number(MAX_ROWS)} lignes au plus")
    if error.code is RefusalCode.TOO_MANY_VALUES:
        return make_too_many_values_error()
    kind, sentence = _INGEST_REFUSALS[error.code]
    params = dict(error.params)
    if error.faults:
        params.update(field=error.faults[0].name, reason=error.faults[0].reason)
    return DeliveryRefusedError(kind, sentence.format(**params), error.faults)


def handle_refusal(refusal: DeliveryRefusedError) -> Response:
    """Answer a refusal as problem details."""
    return refusal.to_response()


def handle_ingest_refusal(error: IngestRefusedError) -> Response:
    """Answer a refusal of `ingest` as problem details."""
    return build_refusal(error).to_response()


def handle_storage_error(error: UserError) -> Response:
    """Log a failure of the database, whose message names the server's paths, and answer without it."""
    current_app.logger.error("%s", error)
    message = "La base de données ne répond pas, rien n’a été changé. Réessayez dans un instant."
    return DeliveryRefusedError("panne", message).to_response()


def handle_http_error(error: HTTPException) -> AnyResponse:
    """Answer the errors that the framework raises itself."""
    if error.code == HTTPStatus.NOT_FOUND:
        return DeliveryRefusedError("adresse", "Il n’y a rien à cette adresse.").to_response()
    if error.code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return make_too_large_error(SIZE_LIMIT_TEXT).to_response()
    if error.code == HTTPStatus.BAD_REQUEST:
        return DeliveryRefusedError("illisible", "La demande n’a pas pu être lue.").to_response()
    return error.get_response()


def make_too_large_error(limit: str) -> DeliveryRefusedError:
    """Return the refusal of what is too large, with what to do about it; `limit` is the limit in French."""
    return DeliveryRefusedError("taille", f"{limit}. Livrez en delta ce qui change ; pour un premier catalogue, écrivez-nous.")


def make_too_many_values_error() -> DeliveryRefusedError:
    """Return the refusal of what holds too many values, whatever its bytes."""
    return make_too_large_error(f"{MAX_VALUES // 10**6} millions de valeurs au plus")
