"""Films as agents see them: found, read whole, corrected."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from domain.common.errors import Problem
from domain.db.engine import writing
from domain.films.edit_form import read_facts
from domain.films.edits import NUMBERED, add_number, add_title, edit_facts, give_back, remove_number, remove_title
from domain.films.overrides import EDITABLE
from domain.films.snapshot import Held, facts_mark, read_sheet
from domain.films.undo import undo_act
from domain.linking.redirects import standing_film
from domain.models.agent import Agent
from domain.models.film import Film
from domain.reports.replies import doubt_link
from search.query import read_query
from search.results import search_films
from webapp.core import report_labels
from webapp.core.context import FILM_ID, engine, read_number, session, tell_problem
from webapp.staff import film_labels
from webapp.staff.auth import PATH, for_managers, for_readers
from webapp.staff.film_detail import gather
from webapp.staff.labels import ACTIONS, CAUSES, OUTCOMES

pages = Blueprint("staff_films", __name__, url_prefix=PATH)
_FOUND = 30
Sent = Mapping[str, str]


def search(db: Session, query: str) -> list[Film]:
    """The films of a number, or of a title."""
    found = [film] if (film := standing_film(db, read_number(query))) else []
    hits = search_films(db, query, 1, datetime.now(UTC)).hits[:_FOUND] if query else []
    return [*found, *(hit.film for hit in hits if hit.film not in found)]


def known(db: Session, film_id: int) -> Film:
    """The film of a number, merged or not; 404 when there is none."""
    film = db.get(Film, film_id)
    return film if film else abort(404)


def shown(template: str, agent: Agent, status: int = 200, **facts: Any) -> Response:
    """A page about a film."""
    told = {"at": datetime.now(UTC), "agent": agent, "words": film_labels}
    return make_response(render_template(template, **told, **facts), status)


@pages.get("/films")
@for_readers
def listed(agent: Agent) -> Response:
    """Films by title or by number (`q`)."""
    query = read_query(request.args.get("q", ""))
    with session() as db:
        films = search(db, query)
    return shown("staff/films.html", agent, query=query, films=films)


def _sheet(agent: Agent, film_id: int, problem: str = "", status: int = 200) -> Response:
    with session() as db:
        film = known(db, film_id)
        told = gather(db, film)
        standing = standing_film(db, film_id)
    facts = {"told": told, "film": film, "standing": standing, "problem": problem, "actions": ACTIONS, "causes": CAUSES}
    words = {"outcomes": OUTCOMES, "complaints": report_labels.complaints(), "states": report_labels.states()}
    return shown("staff/film.html", agent, status, **facts, **words)


@pages.get(f"/films/<{FILM_ID}:film_id>")
@for_readers
def one(agent: Agent, film_id: int) -> Response:
    """A film and all that is tied to it, under its own number even where it was merged."""
    return _sheet(agent, film_id)


@pages.post(f"/films/<{FILM_ID}:film_id>/annuler")
@for_managers
def undo(agent: Agent, film_id: int) -> AnyResponse:
    """Takes back the last act on the film (`acte`)."""
    try:
        with writing(engine()) as db:
            undo_act(db, film_id, agent, read_number(request.form.get("acte", "")), datetime.now(UTC))
    except Problem as problem:
        return _sheet(agent, film_id, tell_problem(problem), 409)
    return redirect(url_for(".one", film_id=film_id), 303)


@pages.post(f"/films/<{FILM_ID}:film_id>/verifier")
@for_managers
def check(agent: Agent, film_id: int) -> AnyResponse:
    """Puts a link that an agent doubts (`ligne`) on the desk, and leads there."""
    try:
        with writing(engine()) as db:
            case_id = doubt_link(db, read_number(request.form.get("ligne", "")), agent, datetime.now(UTC))
    except Problem as problem:
        return _sheet(agent, film_id, tell_problem(problem), 409)
    return redirect(url_for("review.desk", cas=case_id), 303)


def _form(agent: Agent, film_id: int, problem: Problem | None = None, typed: Sent | None = None) -> Response:
    with session() as db:
        film = known(db, film_id)
        if film.merged_into is not None:
            abort(404)
        told, mark = gather(db, film), facts_mark(read_sheet(db, film))
    values = {fact: _written(getattr(film, fact)) for fact in EDITABLE} | dict(typed or {})
    facts: dict[str, Any] = {"film": film, "told": told, "mark": mark, "values": values, "schemes": NUMBERED}
    facts |= {"problem": str(problem or ""), "held": problem.film_id if isinstance(problem, Held) else None}
    return shown("staff/film_edit.html", agent, 409 if problem else 200, **facts)


def _written(value: Any) -> str:
    """A fact as the form holds it: lists have one line an item."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return "\n".join(value) if isinstance(value, list) else "" if value is None else str(value)


@pages.get(f"/films/<{FILM_ID}:film_id>/corriger")
@for_managers
def edit(agent: Agent, film_id: int) -> Response:
    """What may be corrected of a film."""
    return _form(agent, film_id)


@pages.post(f"/films/<{FILM_ID}:film_id>/corriger/<any({', '.join(('faits', 'base', 'titre', 'numero', 'retirer'))}):verb>")
@for_managers
def correct(agent: Agent, film_id: int, verb: str) -> AnyResponse:
    """Corrects a film; the form says why when it cannot be, with what was typed."""
    try:
        with writing(engine()) as db:
            _VERBS[verb](db, film_id, agent, request.form, datetime.now(UTC))
    except Problem as problem:
        return _form(agent, film_id, problem, request.form.to_dict() if verb == "faits" else None)
    return redirect(url_for(".one", film_id=film_id), 303)


def _set(db: Session, film_id: int, agent: Agent, sent: Sent, now: datetime) -> None:
    facts = read_facts(sent, known(db, film_id).countries)
    edit_facts(db, film_id, agent, sent.get("vu", ""), facts, sent.get("motif", ""), now)


def _to_base(db: Session, film_id: int, agent: Agent, sent: Sent, now: datetime) -> None:
    give_back(db, film_id, agent, sent.get("fait", ""), sent.get("motif", ""), now)


def _title(db: Session, film_id: int, agent: Agent, sent: Sent, now: datetime) -> None:
    language = sent.get("langue", "").strip().lower()
    if language and not (len(language) == 2 and language.isascii() and language.isalpha()):
        raise Problem("langue : deux lettres attendues, comme fr ou it, ou rien")
    add_title(db, film_id, agent, sent.get("titre", ""), language or None, sent.get("motif", ""), now)


def _number(db: Session, film_id: int, agent: Agent, sent: Sent, now: datetime) -> None:
    add_number(db, film_id, agent, sent.get("base", ""), sent.get("numero", ""), sent.get("motif", ""), now)


def _remove(db: Session, film_id: int, agent: Agent, sent: Sent, now: datetime) -> None:
    kind, _, number = sent.get("quoi", "").partition("-")
    if kind not in ("titre", "numero"):
        raise Problem("choisissez ce qui est à retirer")
    remove = remove_title if kind == "titre" else remove_number
    remove(db, film_id, agent, read_number(number), sent.get("motif", ""), now)


_VERBS: dict[str, Callable[[Session, int, Agent, Sent, datetime], None]] = {
    "faits": _set,
    "base": _to_base,
    "titre": _title,
    "numero": _number,
    "retirer": _remove,
}
