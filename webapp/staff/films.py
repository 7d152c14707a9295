"""Let agents find films, read everything about one, and correct it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from domain.common.errors import UserError
from domain.db.engine import write_session
from domain.films.edit_form import parse_facts
from domain.films.edits import (
    EDITABLE_SCHEMES,
    add_identifier,
    add_title,
    edit_facts,
    remove_identifier,
    remove_title,
    restore_fact,
)
from domain.films.overrides import EDITABLE_FACTS
from domain.films.snapshot import IdentifierTakenError, compute_facts_etag, take_film_snapshot
from domain.films.undo import undo_correction
from domain.linking.redirects import get_canonical_film
from domain.models.agent import Agent
from domain.models.film import Film
from domain.reports.replies import send_link_to_review
from webapp.core import report_labels
from webapp.core.context import FILM_ID_CONVERTER, format_problem, get_engine, open_db_session, parse_id
from webapp.core.search_params import parse_query
from webapp.staff import film_labels
from webapp.staff.auth import STAFF_PREFIX, require_manager, require_reader
from webapp.staff.film_detail import load_film_sheet
from webapp.staff.labels import ACTIONS, CAUSES, OUTCOMES
from webapp.staff.lookups import search_films_by_title
from webapp.staff.pages import render_staff_page

bp = Blueprint("staff_films", __name__, url_prefix=STAFF_PREFIX)
_MAX_RESULTS = 30
FormData = Mapping[str, str]
FormAction = Callable[[Session, int, Agent, FormData, datetime], None]


def find_films(db: Session, query: str) -> list[Film]:
    """Return the film of an id, then those that a search by title gives."""
    if not query:
        return []
    films = []
    film = get_canonical_film(db, parse_id(query))
    if film:
        films.append(film)
    matches = search_films_by_title(db, query, _MAX_RESULTS)
    return films + [match for match in matches if match not in films]


def get_film_or_404(db: Session, film_id: int) -> Film:
    """Return a film, merged or not; answer 404 when there is none."""
    return db.get(Film, film_id) or abort(404)


def render_film_page(template: str, agent: Agent, context: Mapping[str, Any]) -> Response:
    """Render a page about a film, with the labels of its facts."""
    return render_staff_page(template, agent, {"labels": film_labels, **context})


@bp.get("/films")
@require_reader
def list_films(agent: Agent) -> Response:
    """List films by title or by id (`q`)."""
    query = parse_query(request.args.get("q", ""))
    with open_db_session() as db:
        films = find_films(db, query)
    return render_film_page("staff/films.html", agent, {"query": query, "films": films})


@bp.get(f"/films/<{FILM_ID_CONVERTER}:film_id>")
@require_reader
def show_film(agent: Agent, film_id: int) -> Response:
    """Show a film and all that is tied to it, under its own id even where it was merged."""
    return _render_film(agent, film_id)


def _render_film(agent: Agent, film_id: int, problem: str = "") -> Response:
    with open_db_session() as db:
        film = get_film_or_404(db, film_id)
        sheet = load_film_sheet(db, film)
        canonical = get_canonical_film(db, film_id)
    context = {
        "film": film,
        "sheet": sheet,
        "canonical": canonical,
        "problem": problem,
        "actions": ACTIONS,
        "causes": CAUSES,
        "outcomes": OUTCOMES,
        "complaints": report_labels.get_complaint_labels(),
        "states": report_labels.get_state_labels(),
    }
    return render_film_page("staff/film.html", agent, context)


@bp.post(f"/films/<{FILM_ID_CONVERTER}:film_id>/annuler")
@require_manager
def undo_film_act(agent: Agent, film_id: int) -> AnyResponse:
    """Undo the last act on a film (`acte`)."""
    act_id = parse_id(request.form.get("acte", ""))
    try:
        with write_session(get_engine()) as db:
            undo_correction(db, film_id, agent, act_id, datetime.now(UTC))
    except UserError as error:
        return _render_film(agent, film_id, format_problem(error))
    return redirect(url_for(".show_film", film_id=film_id), 303)


@bp.post(f"/films/<{FILM_ID_CONVERTER}:film_id>/verifier")
@require_manager
def review_link(agent: Agent, film_id: int) -> AnyResponse:
    """Send a link that an agent doubts (`ligne`) to the review queue, and show its case."""
    entry_id = parse_id(request.form.get("ligne", ""))
    try:
        with write_session(get_engine()) as db:
            case_id = send_link_to_review(db, entry_id, agent, datetime.now(UTC))
    except UserError as error:
        return _render_film(agent, film_id, format_problem(error))
    return redirect(url_for("review.show_review", cas=case_id), 303)


@bp.get(f"/films/<{FILM_ID_CONVERTER}:film_id>/corriger")
@require_manager
def edit_film(agent: Agent, film_id: int) -> Response:
    """Show the forms that correct a film."""
    return _render_edit_form(agent, film_id)


def _render_edit_form(agent: Agent, film_id: int, problem: UserError | None = None, typed: FormData | None = None) -> Response:
    with open_db_session() as db:
        film = get_film_or_404(db, film_id)
        if film.merged_into is not None:
            abort(404)
        sheet = load_film_sheet(db, film)
        etag = compute_facts_etag(take_film_snapshot(db, film))
    values = {fact: _format_form_value(getattr(film, fact)) for fact in EDITABLE_FACTS}
    context = {
        "film": film,
        "sheet": sheet,
        "etag": etag,
        "values": values | dict(typed or {}),
        "schemes": EDITABLE_SCHEMES,
        "problem": str(problem or ""),
        "identifier_holder_id": problem.film_id if isinstance(problem, IdentifierTakenError) else None,
    }
    return render_film_page("staff/film_edit.html", agent, context)


def _format_form_value(value: Any) -> str:
    """Return a fact as the form holds it: a list has one item a line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return film_labels.format_boolean(value)
    if isinstance(value, list):
        return "\n".join(value)
    return str(value)


@bp.post(f"/films/<{FILM_ID_CONVERTER}:film_id>/corriger/<any(faits, base, titre, numero, retirer):verb>")
@require_manager
def update_film(agent: Agent, film_id: int, verb: str) -> AnyResponse:
    """Correct a film; the form says why when it cannot be, with what was typed."""
    try:
        with write_session(get_engine()) as db:
            _FORM_ACTIONS[verb](db, film_id, agent, request.form, datetime.now(UTC))
    except UserError as error:
        typed = request.form.to_dict() if verb == "faits" else None
        return _render_edit_form(agent, film_id, error, typed)
    return redirect(url_for(".show_film", film_id=film_id), 303)


def _set_facts(db: Session, film_id: int, agent: Agent, form: FormData, now: datetime) -> None:
    facts = parse_facts(form, get_film_or_404(db, film_id).countries)
    edit_facts(db, film_id, agent, form.get("vu", ""), facts, form.get("motif", ""), now)


def _restore_fact(db: Session, film_id: int, agent: Agent, form: FormData, now: datetime) -> None:
    restore_fact(db, film_id, agent, form.get("fait", ""), form.get("motif", ""), now)


def _add_title(db: Session, film_id: int, agent: Agent, form: FormData, now: datetime) -> None:
    language = form.get("langue", "").strip().lower()
    if language and not (len(language) == 2 and language.isascii() and language.isalpha()):
        raise UserError("langue : deux lettres attendues, comme fr ou it, ou rien")
    add_title(db, film_id, agent, form.get("titre", ""), language or None, form.get("motif", ""), now)


def _add_identifier(db: Session, film_id: int, agent: Agent, form: FormData, now: datetime) -> None:
    add_identifier(db, film_id, agent, form.get("base", ""), form.get("numero", ""), form.get("motif", ""), now)


def _remove_value(db: Session, film_id: int, agent: Agent, form: FormData, now: datetime) -> None:
    """Remove a title or an identifier, which the form writes « titre-12 » or « numero-12 »."""
    kind, _, value_id = form.get("quoi", "").partition("-")
    if kind not in ("titre", "numero"):
        raise UserError("choisissez ce qui est à retirer")
    remove = remove_title if kind == "titre" else remove_identifier
    remove(db, film_id, agent, parse_id(value_id), form.get("motif", ""), now)


_FORM_ACTIONS: Mapping[str, FormAction] = {
    "faits": _set_facts,
    "base": _restore_fact,
    "titre": _add_title,
    "numero": _add_identifier,
    "retirer": _remove_value,
}
