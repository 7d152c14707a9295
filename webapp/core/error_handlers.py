"""Errors as visitors see them: a page, or problem details (RFC 9457) under /api/."""

import json
from http import HTTPStatus

from flask import Flask, Response, current_app, render_template, request
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from domain.common.errors import UserError
from webapp.api.problems import get_problem_type
from webapp.core.context import RequestError, UnavailableError
from webapp.core.i18n import gettext


def init_app(app: Flask) -> None:
    """Answers every error of the application in words."""
    app.register_error_handler(HTTPException, _handle_http_error)
    app.register_error_handler(UserError, _handle_storage_error)


def _handle_http_error(error: HTTPException) -> AnyResponse:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    answer = _render_error(error.code, str(error.description) if isinstance(error, RequestError) else None)
    if "Allow" in (headers := dict(error.get_headers())):
        answer.headers["Allow"] = headers["Allow"]
    if isinstance(error, UnavailableError):
        answer.headers["Retry-After"] = "10"
    return answer


def _handle_storage_error(problem: UserError) -> Response:
    """The line itself names the server's paths: it goes to the log, not to the visitor."""
    current_app.logger.error("%s", problem)
    answer = _render_error(HTTPStatus.SERVICE_UNAVAILABLE, None)
    answer.headers["Retry-After"] = "30"
    return answer


def _get_error_texts() -> dict[int, tuple[str, str]]:
    """The title and the sentence of each error, in the language of the page."""
    return {
        400: (gettext("Demande incomprise"), gettext("L’adresse demandée contient une valeur que ce site n’attend pas.")),
        403: (gettext("Demande refusée"), gettext("Cette demande ne peut pas être acceptée.")),
        404: (gettext("Page introuvable"), gettext("Il n’y a ni page ni film à cette adresse.")),
        405: (gettext("Méthode refusée"), gettext("Cette adresse se consulte seulement : elle n’accepte aucun envoi.")),
        413: (gettext("Envoi trop volumineux"), gettext("Ce site n’accepte pas d’envoi de cette taille.")),
        415: ("Format refusé", "Cette adresse attend du JSON, annoncé par « Content-Type: application/json »."),
        429: ("Trop de demandes", "Cette adresse réseau a demandé plus que sa part : attendez la fin de la minute."),
        500: (
            gettext("Erreur du site"),
            gettext("Une erreur est survenue de notre côté. Elle a été notée, votre demande n’y est pour rien."),
        ),
        503: (
            gettext("Service momentanément indisponible"),
            gettext("La base de données ne répond pas. Réessayez dans quelques instants."),
        ),
    }


def _render_error(code: int, detail: str | None) -> Response:
    words = _get_error_texts()
    title, usual = words.get(code, words[400 if code < HTTPStatus.INTERNAL_SERVER_ERROR else 500])
    told = detail or usual
    if request.path.startswith(("/api/", "/editeurs/v1", "/widget/v1/")):
        kind = get_problem_type(code) if request.path.startswith("/api/") and request_ctx.url_adapter else "about:blank"
        problem = {"type": kind, "title": title, "status": int(code), "detail": told}
        return Response(json.dumps(problem, ensure_ascii=False), code, mimetype="application/problem+json")
    if request_ctx.url_adapter is None:  # asked under a name that is not ours: no address can be printed
        return Response(f"{title}. {told}\n", code, mimetype="text/plain")
    return Response(render_template("error.html", code=int(code), title=title, detail=told), code)
