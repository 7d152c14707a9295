"""Let agents merge two records of one film, and split a record that is two films."""

from collections.abc import Sequence
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
_MIN_YEAR = 1870
_MAX_YEAR = 2100


@bp.get(f"/films/<{FILM_ID_CONVERTER}:film_id>/reunir")
@require_manager
def show_merge(agent: Agent, film_id: int) -> Response:
    """Search the other record of a film (`q`), and show what merging the two does once it is chosen (`avec`)."""
    return _render_merge(agent, film_id)


def _render_merge(agent: Agent, film_id: int, problem: str = "", typed: str = "") -> Response:
    """Render both records side by side: `avec` is the other one, `reste` the one that survives."""
    query = parse_query(request.args.get("q", ""))
    other_id = parse_id(request.values.get("avec", ""))
    survivor_id = film_id if parse_id(request.values.get("reste", "")) == film_id else other_id
    preview = None
    with open_db_session() as db:
        film = get_film_or_404(db, film_id)
        other_films = [match for match in find_films(db, query) if match.id != film_id]
        if other_id:
            try:
                preview = preview_merge(db, _get_merged_id(film_id, other_id, survivor_id), survivor_id)
            except UserError as error:
                problem = problem or format_problem(error)
    context = {
        "film": film,
        "other_films": other_films,
        "query": query,
        "preview": preview,
        "typed": typed,
        "problem": problem,
    }
    return render_film_page("staff/merge.html", agent, context)


def _get_merged_id(film_id: int, other_id: int, survivor_id: int) -> int:
    """Return which of two films does not survive."""
    return other_id if survivor_id == film_id else film_id


@bp.post(f"/films/<{FILM_ID_CONVERTER}:film_id>/reunir")
@require_manager
def confirm_merge(agent: Agent, film_id: int) -> AnyResponse:
    """Merge two records, and show the one that survives."""
    other_id = parse_id(request.form.get("avec", ""))
    survivor_id = parse_id(request.form.get("reste", ""))
    version = request.form.get("vu", "")
    reason = request.form.get("motif", "")
    try:
        if survivor_id not in (film_id, other_id):
            raise UserError("choisissez la fiche qui reste")
        merged_id = _get_merged_id(film_id, other_id, survivor_id)
        with write_session(get_engine()) as db:
            merge_film(db, merged_id, survivor_id, agent, version, reason, datetime.now(UTC))
    except UserError as error:
        return _render_merge(agent, film_id, format_problem(error), reason)
    return redirect(url_for("staff_films.show_film", film_id=survivor_id), 303)


@bp.get(f"/films/<{FILM_ID_CONVERTER}:film_id>/separer")
@require_manager
def show_split(agent: Agent, film_id: int) -> Response:
    """Show the form that chooses what leaves a record that is two films."""
    return _render_split(agent, film_id)


def _render_split(agent: Agent, film_id: int, problem: str = "") -> Response:
    with open_db_session() as db:
        film = get_film_or_404(db, film_id)
        sheet = load_film_sheet(db, film)
    context = {"film": film, "sheet": sheet, "problem": problem, "typed": request.form}
    return render_film_page("staff/split.html", agent, context)


@bp.post(f"/films/<{FILM_ID_CONVERTER}:film_id>/separer")
@require_manager
def confirm_split(agent: Agent, film_id: int) -> AnyResponse:
    """Make another film of what leaves a record, and show it."""
    try:
        selection = _read_selection()
        with write_session(get_engine()) as db:
            act = split_film(db, film_id, agent, selection, request.form.get("motif", ""), datetime.now(UTC))
    except UserError as error:
        return _render_split(agent, film_id, format_problem(error))
    return redirect(url_for("staff_films.show_film", film_id=act.detail["film"]), 303)


def _read_selection() -> SplitSelection:
    """Return what the form says leaves the record. Raises UserError on an impossible year."""
    return SplitSelection(
        record_id=parse_id(request.form.get("ligne", "")) or None,
        entry_ids=_read_ids("entree"),
        title_ids=_read_ids("titre"),
        identifier_ids=_read_ids("numero"),
        title=request.form.get("nom", ""),
        year=_parse_year(request.form.get("annee", "").strip()),
    )


def _read_ids(field: str) -> Sequence[int]:
    return [parse_id(text) for text in request.form.getlist(field)]


def _parse_year(text: str) -> int | None:
    """Return a year, None for an empty text. Raises UserError for anything else."""
    if not text:
        return None
    is_four_digits = len(text) == 4 and text.isascii() and text.isdecimal()
    if not (is_four_digits and _MIN_YEAR <= int(text) <= _MAX_YEAR):
        raise UserError("année : de 1870 à 2100, ou rien")
    return int(text)
