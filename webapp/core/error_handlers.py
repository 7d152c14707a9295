"""Answer errors in words: a page for readers, problem details (RFC 9457) for programs."""

import json
from collections.abc import Callable
from http import HTTPStatus

from flask import Flask, Response, current_app, render_template, request
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from domain.common.errors import UserError
from webapp.core.context import RequestError, UnavailableError
from webapp.core.i18n import gettext

_PROBLEM_PATHS = ("/api/", "/editeurs/v1", "/widget/v1/")
_PROBLEM_TYPES_KEY = "ouvoir.problem_types"
_UNKNOWN_PROBLEM_TYPE = "about:blank"
_BUSY_RETRY_SECONDS = 10
_STORAGE_RETRY_SECONDS = 30

ProblemTypes = dict[str, Callable[[int], str]]


def init_app(app: Flask) -> None:
    """Answer every error of the application."""
    app.extensions[_PROBLEM_TYPES_KEY] = ProblemTypes()
    app.register_error_handler(HTTPException, _handle_http_error)
    app.register_error_handler(UserError, _handle_storage_error)


def set_problem_types(app: Flask, path: str, get_problem_type: Callable[[int], str]) -> None:
    """Give the problems of the addresses under a path a type of their own: an address that explains a status."""
    problem_types: ProblemTypes = app.extensions[_PROBLEM_TYPES_KEY]
    problem_types[path] = get_problem_type


def _handle_http_error(error: HTTPException) -> AnyResponse:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    response = _render_error(error.code, str(error.description) if isinstance(error, RequestError) else None)
    headers = dict(error.get_headers())
    if "Allow" in headers:
        response.headers["Allow"] = headers["Allow"]
    if isinstance(error, UnavailableError):
        response.headers["Retry-After"] = str(_BUSY_RETRY_SECONDS)
    return response


def _handle_storage_error(error: UserError) -> Response:
    """Log the error, whose text names the server's paths, and tell the visitor only that the database is unavailable."""
    current_app.logger.error("%s", error)
    response = _render_error(HTTPStatus.SERVICE_UNAVAILABLE, None)
    response.headers["Retry-After"] = str(_STORAGE_RETRY_SECONDS)
    return response


def _get_error_texts() -> dict[int, tuple[str, str]]:
    """Return the title and the sentence of each status, in the language of the page."""
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
    texts = _get_error_texts()
    default_code = 400 if code < HTTPStatus.INTERNAL_SERVER_ERROR else 500
    title, default_detail = texts.get(code, texts[default_code])
    detail = detail or default_detail
    if request.path.startswith(_PROBLEM_PATHS):
        problem = {"type": _get_problem_type(code), "title": title, "status": int(code), "detail": detail}
        return Response(json.dumps(problem, ensure_ascii=False), code, mimetype="application/problem+json")
    if request_ctx.url_adapter is None:  # asked under a name that is not ours: no address can be printed
        return Response(f"{title}. {detail}\n", code, mimetype="text/plain")
    return Response(render_template("error.html", code=int(code), title=title, detail=detail), code)


def _get_problem_type(code: int) -> str:
    problem_types: ProblemTypes = current_app.extensions[_PROBLEM_TYPES_KEY]
    if request_ctx.url_adapter is not None:
        for path, get_problem_type in problem_types.items():
            if request.path.startswith(path):
                return get_problem_type(code)
    return _UNKNOWN_PROBLEM_TYPE
