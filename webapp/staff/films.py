"""Films as agents see them: found, read whole, corrected."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
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
from search.results import search_films
from webapp.core import report_labels
from webapp.core.context import FILM_ID_CONVERTER, format_problem, get_engine, open_db_session, parse_id
from webapp.core.search_params import parse_query
from webapp.core.title_index import get_title_index
from webapp.staff import film_labels
from webapp.staff.auth import STAFF_PREFIX, require_manager, require_reader
from webapp.staff.film_detail import load_film_sheet
from webapp.staff.labels import ACTIONS, CAUSES, OUTCOMES

bp = Blueprint("staff_films", __name__, url_prefix=STAFF_PREFIX)
_MAX_RESULTS = 30
FormData = Mapping[str, str]


def find_films(db: Session, query: str) -> list[Film]:
    """The films of a number, or of a title."""
    found = [film] if (film := get_canonical_film(db, parse_id(query))) else []
    hits = search_films(db, get_title_index, query, 1, datetime.now(UTC)).hits[:_MAX_RESULTS] if query else []
    return [*found, *(hit.film for hit in hits if hit.film not in found)]


def get_film_or_404(db: Session, film_id: int) -> Film:
    """The film of a number, merged or not; 404 when there is none."""
    film = db.get(Film, film_id)
    return film if film else abort(404)


def render_film_page(template: str, agent: Agent, status: int = 200, **facts: Any) -> Response:
    """A page about a film."""
    told = {"at": datetime.now(UTC), "agent": agent, "words": film_labels}
    return make_response(render_template(template, **told, **facts), status)


@bp.get("/films")
@require_reader
def list_films(agent: Agent) -> Response:
    """Films by title or by number (`q`)."""
    query = parse_query(request.args.get("q", ""))
    with open_db_session() as db:
        films = find_films(db, query)
    return render_film_page("staff/films.html", agent, query=query, films=films)


def _render_film(agent: Agent, film_id: int, problem: str = "", status: int = 200) -> Response:
    with open_db_session() as db:
        film = get_film_or_404(db, film_id)
        told = load_film_sheet(db, film)
        standing = get_canonical_film(db, film_id)
    facts = {"told": told, "film": film, "standing": standing, "problem": problem, "actions": ACTIONS, "causes": CAUSES}
    words = {"outcomes": OUTCOMES, "complaints": report_labels.get_complaint_labels(), "states": report_labels.get_state_labels()}
    return render_film_page("staff/film.html", agent, status, **facts, **words)


@bp.get(f"/films/<{FILM_ID_CONVERTER}:film_id>")
@require_reader
def show_film(agent: Agent, film_id: int) -> Response:
    """A film and all that is tied to it, under its own number even where it was merged."""
    return _render_film(agent, film_id)


@bp.post(f"/films/<{FILM_ID_CONVERTER}:film_id>/annuler")
@require_manager
def undo_film_act(agent: Agent, film_id: int) -> AnyResponse:
    """Takes back the last act on the film (`acte`)."""
    try:
        with write_session(get_engine()) as db:
            undo_correction(db, film_id, agent, parse_id(request.form.get("acte", "")), datetime.now(UTC))
    except UserError as problem:
        return _render_film(agent, film_id, format_problem(problem), 409)
    return redirect(url_for(".show_film", film_id=film_id), 303)


@bp.post(f"/films/<{FILM_ID_CONVERTER}:film_id>/verifier")
@require_manager
def review_link(agent: Agent, film_id: int) -> AnyResponse:
    """Puts a link that an agent doubts (`ligne`) on the desk, and leads there."""
    try:
        with write_session(get_engine()) as db:
            case_id = send_link_to_review(db, parse_id(request.form.get("ligne", "")), agent, datetime.now(UTC))
    except UserError as problem:
        return _render_film(agent, film_id, format_problem(problem), 409)
    return redirect(url_for("review.show_review", cas=case_id), 303)


def _render_edit_form(agent: Agent, film_id: int, problem: UserError | None = None, typed: FormData | None = None) -> Response:
    with open_db_session() as db:
        film = get_film_or_404(db, film_id)
        if film.merged_into is not None:
            abort(404)
        told, mark = load_film_sheet(db, film), compute_facts_etag(take_film_snapshot(db, film))
    values = {fact: _format_form_value(getattr(film, fact)) for fact in EDITABLE_FACTS} | dict(typed or {})
    facts: dict[str, Any] = {"film": film, "told": told, "mark": mark, "values": values, "schemes": EDITABLE_SCHEMES}
    facts |= {"problem": str(problem or ""), "held": problem.film_id if isinstance(problem, IdentifierTakenError) else None}
    return render_film_page("staff/film_edit.html", agent, 409 if problem else 200, **facts)


def _format_form_value(value: Any) -> str:
    """A fact as the form holds it: lists have one line an item."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return "\n".join(value) if isinstance(value, list) else "" if value is None else str(value)


@bp.get(f"/films/<{FILM_ID_CONVERTER}:film_id>/corriger")
@require_manager
def edit_film(agent: Agent, film_id: int) -> Response:
    """What may be corrected of a film."""
    return _render_edit_form(agent, film_id)


@bp.post(
    f"/films/<{FILM_ID_CONVERTER}:film_id>/corriger/<any({', '.join(('faits', 'base', 'titre', 'numero', 'retirer'))}):verb>"
)
@require_manager
def update_film(agent: Agent, film_id: int, verb: str) -> AnyResponse:
    """Corrects a film; the form says why when it cannot be, with what was typed."""
    try:
        with write_session(get_engine()) as db:
            _FORM_ACTIONS[verb](db, film_id, agent, request.form, datetime.now(UTC))
    except UserError as problem:
        return _render_edit_form(agent, film_id, problem, request.form.to_dict() if verb == "faits" else None)
    return redirect(url_for(".show_film", film_id=film_id), 303)


def _set_facts(db: Session, film_id: int, agent: Agent, sent: FormData, now: datetime) -> None:
    facts = parse_facts(sent, get_film_or_404(db, film_id).countries)
    edit_facts(db, film_id, agent, sent.get("vu", ""), facts, sent.get("motif", ""), now)


def _restore_fact(db: Session, film_id: int, agent: Agent, sent: FormData, now: datetime) -> None:
    restore_fact(db, film_id, agent, sent.get("fait", ""), sent.get("motif", ""), now)


def _add_title(db: Session, film_id: int, agent: Agent, sent: FormData, now: datetime) -> None:
    language = sent.get("langue", "").strip().lower()
    if language and not (len(language) == 2 and language.isascii() and language.isalpha()):
        raise UserError("langue : deux lettres attendues, comme fr ou it, ou rien")
    add_title(db, film_id, agent, sent.get("titre", ""), language or None, sent.get("motif", ""), now)


def _add_identifier(db: Session, film_id: int, agent: Agent, sent: FormData, now: datetime) -> None:
    add_identifier(db, film_id, agent, sent.get("base", ""), sent.get("numero", ""), sent.get("motif", ""), now)


def _remove_value(db: Session, film_id: int, agent: Agent, sent: FormData, now: datetime) -> None:
    kind, _, number = sent.get("quoi", "").partition("-")
    if kind not in ("titre", "numero"):
        raise UserError("choisissez ce qui est à retirer")
    remove = remove_title if kind == "titre" else remove_identifier
    remove(db, film_id, agent, parse_id(number), sent.get("motif", ""), now)


_FORM_ACTIONS: dict[str, Callable[[Session, int, Agent, FormData, datetime], None]] = {
    "faits": _set_facts,
    "base": _restore_fact,
    "titre": _add_title,
    "numero": _add_identifier,
    "retirer": _remove_value,
}
