"""Two records made one, and one made two, by agents."""

from datetime import UTC, datetime

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from domain.common.errors import UserError
from domain.db.engine import write_session
from domain.films.merge import merge_film, preview_merge
from domain.films.split import SplitSelection, split_film
from domain.models.agent import Agent
from webapp.core.context import FILM_ID_CONVERTER, format_problem, get_engine, open_db_session, parse_id
from webapp.core.search_params import parse_query
from webapp.staff.auth import STAFF_PREFIX, require_manager
from webapp.staff.film_detail import load_film_sheet
from webapp.staff.films import find_films, get_film_or_404, render_film_page

bp = Blueprint("staff_film_merges", __name__, url_prefix=STAFF_PREFIX)


def _render_merge(agent: Agent, film_id: int, problem: str = "", typed: str = "") -> Response:
    """The two films side by side once the other (`avec`) is chosen, which one stays (`reste`), and what moves."""
    query, other_id = parse_query(request.args.get("q", "")), parse_id(request.values.get("avec", ""))
    stays = parse_id(request.values.get("reste", ""))
    survivor_id = film_id if stays == film_id else other_id
    found = None
    with open_db_session() as db:
        film = get_film_or_404(db, film_id)
        films = [one for one in find_films(db, query) if one.id != film_id]
        try:
            found = preview_merge(db, film_id + other_id - survivor_id, survivor_id) if other_id else None
        except UserError as refused:
            problem = problem or format_problem(refused)
    told = {"film": film, "films": films, "query": query, "found": found, "typed": typed}
    return render_film_page("staff/merge.html", agent, 409 if problem else 200, problem=problem, **told)


@bp.get(f"/films/<{FILM_ID_CONVERTER}:film_id>/reunir")
@require_manager
def show_merge(agent: Agent, film_id: int) -> Response:
    """Chooses the other record of the same film, and shows what merging them does."""
    return _render_merge(agent, film_id)


@bp.post(f"/films/<{FILM_ID_CONVERTER}:film_id>/reunir")
@require_manager
def confirm_merge(agent: Agent, film_id: int) -> AnyResponse:
    """Merges two records, and leads to the one that stays."""
    sent = request.form
    other_id, survivor_id = parse_id(sent.get("avec", "")), parse_id(sent.get("reste", ""))
    try:
        if survivor_id not in (film_id, other_id):
            raise UserError("choisissez la fiche qui reste")
        merged_id = film_id + other_id - survivor_id
        with write_session(get_engine()) as db:
            merge_film(db, merged_id, survivor_id, agent, sent.get("vu", ""), sent.get("motif", ""), datetime.now(UTC))
    except UserError as problem:
        return _render_merge(agent, film_id, format_problem(problem), sent.get("motif", ""))
    return redirect(url_for("staff_films.show_film", film_id=survivor_id), 303)


def _render_split(agent: Agent, film_id: int, problem: str = "") -> Response:
    with open_db_session() as db:
        film = get_film_or_404(db, film_id)
        told = load_film_sheet(db, film)
    return render_film_page(
        "staff/split.html", agent, 409 if problem else 200, film=film, told=told, problem=problem, typed=request.form
    )


@bp.get(f"/films/<{FILM_ID_CONVERTER}:film_id>/separer")
@require_manager
def show_split(agent: Agent, film_id: int) -> Response:
    """Chooses what leaves a record that is two films."""
    return _render_split(agent, film_id)


@bp.post(f"/films/<{FILM_ID_CONVERTER}:film_id>/separer")
@require_manager
def confirm_split(agent: Agent, film_id: int) -> AnyResponse:
    """Makes the other film, and leads to it."""
    sent, year = request.form, request.form.get("annee", "").strip()
    chosen = {name: [parse_id(text) for text in sent.getlist(name)] for name in ("entree", "titre", "numero")}
    try:
        if year and not (len(year) == 4 and year.isascii() and year.isdecimal() and 1870 <= int(year) <= 2100):
            raise UserError("année : de 1870 à 2100, ou rien")
        leaving = SplitSelection(
            parse_id(sent.get("ligne", "")) or None,
            chosen["entree"],
            chosen["titre"],
            chosen["numero"],
            sent.get("nom", ""),
            int(year) if year else None,
        )
        with write_session(get_engine()) as db:
            act = split_film(db, film_id, agent, leaving, sent.get("motif", ""), datetime.now(UTC))
    except UserError as problem:
        return _render_split(agent, film_id, format_problem(problem))
    return redirect(url_for("staff_films.show_film", film_id=act.detail["film"]), 303)
