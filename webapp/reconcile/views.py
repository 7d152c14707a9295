"""Serve the reconciliation service (W3C Entity Reconciliation API 0.2), its guide, and the preview that clients frame."""

import json
from datetime import UTC, datetime

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from domain.models.film import Film
from domain.offers.availability import available_offers
from webapp.core import french
from webapp.core.context import FILM_ID_CONVERTER, RequestError, cache_for_period, open_db_session, render_page
from webapp.core.film_redirect import get_film_or_404
from webapp.core.matcher_figures import load_matcher_report
from webapp.core.offer_labels import group_by_access
from webapp.reconcile import suggest
from webapp.reconcile.extension import extend_films, read_extension
from webapp.reconcile.manifest import build_manifest
from webapp.reconcile.matcher_holder import get_matcher
from webapp.reconcile.properties import PROPERTIES
from webapp.reconcile.queries import MAX_QUERIES, PayloadTooLargeError, read_batch
from webapp.reconcile.results import JsonObject, reconcile_batch

bp = Blueprint("reconcile", __name__)
_URL_PREFIX = "/api/rapprochement"
_MAX_BODY_BYTES = 2**19  # bytes
_RETRY_AFTER = "5"  # seconds
_CACHE_CONTROL = "public, max-age=300"
_DEFAULT_PROPOSED = 50


@bp.after_request
def add_response_headers(response: Response) -> Response:
    """Let any site read the answers, and say when to try again."""
    if request.endpoint != "reconcile.show_guide":
        response.headers["Access-Control-Allow-Origin"] = "*"
    if response.status_code == 503:
        response.headers["Retry-After"] = _RETRY_AFTER
    return response


@bp.route(_URL_PREFIX, methods=["GET", "POST"])
def handle_request() -> Response:
    """Return the manifest, or answer a batch of `queries` or an `extend`, in the address or as a form."""
    request.max_content_length = request.max_form_memory_size = _MAX_BODY_BYTES
    try:
        sent = request.form if request.method == "POST" else request.args
    except RequestEntityTooLarge:
        raise PayloadTooLargeError(f"Un envoi fait {_MAX_BODY_BYTES // 1000} ko au plus.") from None
    if "callback" in sent:  # it would run our answer as a script of the client's
        raise RequestError(
            "JSONP n’est pas servi : toute page peut lire ces réponses (CORS). OpenRefine : version 3.5 ou suivante."
        )
    if request.method == "GET" and not sent:
        get_matcher().start_loading()
        return _build_cacheable_response(build_manifest())
    if len(sent) != 1 or not sent.keys() <= {"queries", "extend"}:
        raise RequestError("Un paramètre est attendu, et un seul : « queries » ou « extend ».")
    with open_db_session() as db:
        if "queries" in sent:
            return _build_private_response(reconcile_batch(db, get_matcher(), read_batch(sent["queries"])))
        return _build_private_response(extend_films(db, read_extension(sent["extend"]), datetime.now(UTC), _build_page_url))


def _build_page_url(film: Film) -> str:
    return url_for("films.show_film", film_id=film.id, slug=film.slug, _external=True)


def _build_private_response(facts: JsonObject) -> Response:
    """Return an answer about somebody's own list, which no cache may store."""
    response = Response(json.dumps(facts), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _build_cacheable_response(facts: JsonObject) -> Response:
    response = Response(json.dumps(facts), mimetype="application/json")
    response.headers["Cache-Control"] = _CACHE_CONTROL
    return response


# OpenRefine adds parameters of its own to what follows (spell, exact, scoring…): they are let be.


@bp.get(f"{_URL_PREFIX}/suggestions/films")
def suggest_films() -> Response:
    """Suggest films for `prefix`, from `cursor` on."""
    at = datetime.now(UTC)
    prefix, cursor = _read_prefix_and_cursor()
    with open_db_session() as db:
        return cache_for_period(_build_private_response(suggest.suggest_films(db, prefix, cursor)), at)


@bp.get(f"{_URL_PREFIX}/suggestions/proprietes")
def suggest_properties() -> Response:
    """Suggest properties for `prefix`, from `cursor` on."""
    return _build_cacheable_response(suggest.suggest_properties(*_read_prefix_and_cursor()))


@bp.get(f"{_URL_PREFIX}/suggestions/types")
def suggest_types() -> Response:
    """Suggest types for `prefix`, from `cursor` on."""
    return _build_cacheable_response(suggest.suggest_types(*_read_prefix_and_cursor()))


def _read_prefix_and_cursor() -> tuple[str, int]:
    return request.args.get("prefix", ""), suggest.read_number(request.args.get("cursor"), "cursor", 0)


@bp.get(f"{_URL_PREFIX}/proprietes")
def propose_properties() -> Response:
    """Propose the properties that films of a `type` may be extended with, `limit` at most."""
    limit = suggest.read_number(request.args.get("limit"), "limit", _DEFAULT_PROPOSED)
    return _build_cacheable_response(suggest.propose_properties(request.args.get("type"), limit))


@bp.get(f"/rapprocher/apercu/<{FILM_ID_CONVERTER}:film_id>")
def show_preview(film_id: int) -> Response:
    """Show a film in a few lines, for a frame on any site."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        film = get_film_or_404(db, film_id)
        groups = group_by_access(available_offers(db, film_id, at))
    return render_page("reconcile/preview.html", at, film=film, groups=groups)


@bp.get("/rapprocher")
def show_guide() -> Response:
    """Explain how to link a column of titles to films with OpenRefine, and what « match » is worth."""
    known = {"properties": PROPERTIES.values(), "most": MAX_QUERIES, "measured": load_matcher_report()}
    return render_page(
        "reconcile/guide.html", datetime.now(UTC), french=french, service=url_for(".handle_request", _external=True), **known
    )
