"""Take a list and answer with a table; nothing of it is kept or counted."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Flask, Response, current_app, make_response, render_template, request, url_for
from sqlmodel import Session
from werkzeug.exceptions import RequestEntityTooLarge

from search.filters import SERVICES_PARAM, ServiceSelection
from search.requested_film import MAX_BYTES, MAX_LINES, InputLine
from search.resolve import resolve_lines
from webapp.core.context import RequestError, open_db_session, render_page
from webapp.core.i18n import gettext
from webapp.core.my_services import parse_services
from webapp.core.title_index import get_title_index
from webapp.core.work_slots import BusyError, WorkSlots
from webapp.public.lists.carried_list import dump_lines, load_lines
from webapp.public.lists.parser import build_too_large_error, read_file
from webapp.public.lists.table import Table, build_table, render_csv

bp = Blueprint("lists", __name__)
_MAX_BODY_SIZE = 3 * MAX_BYTES  # the list that a table carries says for each line what was read of it
# Lists of nothing but faults must not hold every thread of the server.
SLOTS_KEY = "ouvoir.list_slots"
_MAX_LISTS_AT_ONCE = 2
_SLOT_TIMEOUT = 3.0  # seconds
_FILE_NAME = "ou-voir-ma-liste.csv"


def init_app(app: Flask) -> None:
    """Give the application the slots in which lists are resolved."""
    app.extensions[SLOTS_KEY] = WorkSlots(_MAX_LISTS_AT_ONCE, timeout=_SLOT_TIMEOUT)


@bp.get("/liste")
def show_list_form() -> Response:
    """Show a field for titles and one for a file; `services` selects services beforehand."""
    with open_db_session() as db:
        selection = parse_services(db, request.args.getlist(SERVICES_PARAM))
    return render_page("public/lists/form.html", datetime.now(UTC), **_build_form_context(selection))


@bp.post("/liste")
def submit_list() -> Response:
    """Show the table of a list, or send it as a CSV; a list that cannot be read is refused in one sentence."""
    request.max_content_length = request.max_form_memory_size = _MAX_BODY_SIZE
    at = datetime.now(UTC)
    with open_db_session() as db:
        try:
            slugs = request.form.getlist(SERVICES_PARAM)
        except RequestEntityTooLarge:
            return _render_form_error(parse_services(db, []), build_too_large_error(), 413)
        selection = parse_services(db, slugs)
        try:
            lines = _read_lines()
        except RequestError as error:
            return _render_form_error(selection, error, 400)
        try:
            table = _resolve_table(db, lines, selection, at)
        except BusyError as error:
            return _render_form_error(selection, error, 503)
    if request.form.get("forme") == "csv":
        return _disable_caching(_build_csv_response(table))
    return _disable_caching(_render_table(table, lines, selection, at))


def _resolve_table(db: Session, lines: list[InputLine], selection: ServiceSelection, at: datetime) -> Table:
    """Return the table of a list. Raises BusyError when too many lists are being resolved."""
    slots: WorkSlots = current_app.extensions[SLOTS_KEY]
    with slots.reserve(gettext("Plusieurs listes sont en cours : envoyez la vôtre dans un instant.")):
        resolved = resolve_lines(db, get_title_index(db), lines)
        return build_table(db, resolved, at, selection.platform_ids)


def _read_lines() -> list[InputLine]:
    """Return the lines sent: those that a table carries, typed, or of a file. Raises RequestError."""
    carried_list = request.form.get("liste")
    if carried_list:
        return load_lines(carried_list)
    typed = request.form.get("titres", "")
    file = request.files.get("fichier")
    data = file.read() if file else b""
    if typed.strip() and data.strip():
        raise RequestError(gettext("Envoyez des titres ou un fichier, pas les deux à la fois."))
    lines = read_file(data if data.strip() else typed.encode())
    if not lines:
        raise RequestError(gettext("La liste est vide : écrivez un titre par ligne, ou choisissez un fichier qui en contient."))
    return lines


def _render_table(table: Table, lines: list[InputLine], selection: ServiceSelection, at: datetime) -> Response:
    size = len(render_csv(table, _get_film_urls(table)).encode())
    page = render_template(
        "public/lists/table.html", table=table, carried_list=dump_lines(lines), selection=selection, size=size, at=at
    )
    return make_response(page)


def _build_csv_response(table: Table) -> Response:
    response = Response(render_csv(table, _get_film_urls(table)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename={_FILE_NAME}"
    return response


def _get_film_urls(table: Table) -> dict[int, str]:
    films = [line.film for line in table.lines if line.film]
    return {film.id: url_for("films.show_film", film_id=film.id, slug=film.slug, _external=True) for film in films}


def _render_form_error(selection: ServiceSelection, error: RequestError, status: int) -> Response:
    typed = request.form.get("titres", "") if status != RequestEntityTooLarge.code else ""
    context = _build_form_context(selection, typed, str(error.description))
    page = render_template("public/lists/form.html", at=datetime.now(UTC), **context)
    return _disable_caching(make_response(page, status))


def _build_form_context(selection: ServiceSelection, typed: str = "", problem: str = "") -> dict[str, Any]:
    return {
        "selection": selection,
        "typed": typed,
        "problem": problem,
        "max_lines": MAX_LINES,
        "max_megabytes": MAX_BYTES // 1_000_000,
    }


def _disable_caching(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
