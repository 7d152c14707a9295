"""The addresses of the service, its guide for people, and the small page that clients frame."""

import json
from datetime import UTC, datetime

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from domain.models.film import Film
from domain.offers.availability import available_offers
from webapp.core import french
from webapp.core.context import FILM_ID, Refusal, keep_for_period, page, session
from webapp.core.film_redirect import film_here
from webapp.core.offer_labels import grouped
from webapp.public.about.matcher_figures import measured
from webapp.reconcile import suggest
from webapp.reconcile.extension import extend, read_extension
from webapp.reconcile.manifest import manifest
from webapp.reconcile.matcher_holder import standing
from webapp.reconcile.properties import PROPERTIES
from webapp.reconcile.queries import MOST_QUERIES, TooMany, read_batch
from webapp.reconcile.results import Facts, reconcile

pages = Blueprint("reconcile", __name__)
_ROOT = "/api/rapprochement"
_MOST_BODY = 2**19  # bytes
_LATER = "5"  # seconds
_KEPT = "public, max-age=300"
_USUAL_PROPOSED = 50


@pages.after_request
def for_all(response: Response) -> Response:
    """Any site may read what the service answers; who comes too early is told when to come back."""
    if request.endpoint != "reconcile.guide":
        response.headers["Access-Control-Allow-Origin"] = "*"
    if response.status_code == 503:
        response.headers["Retry-After"] = _LATER
    return response


@pages.route(_ROOT, methods=["GET", "POST"])
def service() -> Response:
    """The manifest, or what a batch of `queries` or an `extend` asks, in the address or as a form."""
    request.max_content_length = request.max_form_memory_size = _MOST_BODY
    try:
        sent = request.form if request.method == "POST" else request.args
    except RequestEntityTooLarge:
        raise TooMany(f"Un envoi fait {_MOST_BODY // 1000} ko au plus.") from None
    if "callback" in sent:  # it would run our answer as a script of the client's
        raise Refusal("JSONP n’est pas servi : toute page peut lire ces réponses (CORS). OpenRefine : version 3.5 ou suivante.")
    if request.method == "GET" and not sent:
        standing().prepare()
        return _kept(manifest())
    if len(sent) != 1 or not sent.keys() <= {"queries", "extend"}:
        raise Refusal("Un paramètre est attendu, et un seul : « queries » ou « extend ».")
    with session() as db:
        if "queries" in sent:
            return _told(reconcile(db, standing(), read_batch(sent["queries"])))
        return _told(extend(db, read_extension(sent["extend"]), datetime.now(UTC), _page_of))


def _page_of(film: Film) -> str:
    return url_for("films.film", film_id=film.id, slug=film.slug, _external=True)


def _told(facts: Facts) -> Response:
    """An answer about somebody's own list: nobody keeps it."""
    response = Response(json.dumps(facts), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _kept(facts: Facts) -> Response:
    response = Response(json.dumps(facts), mimetype="application/json")
    response.headers["Cache-Control"] = _KEPT
    return response


# OpenRefine adds parameters of its own to what follows (spell, exact, scoring…): they are let be.


@pages.get(f"{_ROOT}/suggestions/films")
def films() -> Response:
    """Films for the letters typed: `prefix`, and `cursor` to see further."""
    at, (prefix, cursor) = datetime.now(UTC), _typed()
    with session() as db:
        return keep_for_period(_told(suggest.suggest_films(db, prefix, cursor)), at)


@pages.get(f"{_ROOT}/suggestions/proprietes")
def properties() -> Response:
    """Properties for the letters typed."""
    return _kept(suggest.suggest_properties(*_typed()))


@pages.get(f"{_ROOT}/suggestions/types")
def types() -> Response:
    """Types for the letters typed."""
    return _kept(suggest.suggest_types(*_typed()))


def _typed() -> tuple[str, int]:
    return request.args.get("prefix", ""), suggest.read_number(request.args.get("cursor"), "cursor", 0)


@pages.get(f"{_ROOT}/proprietes")
def proposals() -> Response:
    """The properties that films of a `type` may be completed with, `limit` at most."""
    limit = suggest.read_number(request.args.get("limit"), "limit", _USUAL_PROPOSED)
    return _kept(suggest.propose(request.args.get("type"), limit))


@pages.get(f"/rapprocher/apercu/<{FILM_ID}:film_id>")
def preview(film_id: int) -> Response:
    """A film in a few lines, for a frame on any site."""
    at = datetime.now(UTC)
    with session() as db:
        film = film_here(db, film_id)
        groups = grouped(available_offers(db, film_id, at))
    return page("reconcile/preview.html", at, film=film, groups=groups)


@pages.get("/rapprocher")
def guide() -> Response:
    """How to link a column of titles to films with OpenRefine, and what « match » is worth."""
    known = {"properties": PROPERTIES.values(), "most": MOST_QUERIES, "measured": measured()}
    return page("reconcile/guide.html", datetime.now(UTC), french=french, service=url_for(".service", _external=True), **known)
