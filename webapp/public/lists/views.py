"""The page that takes a list, and answers with a table; nothing of it is kept or counted."""

from datetime import UTC, datetime

from flask import Blueprint, Flask, Response, current_app, make_response, render_template, request, url_for
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


@bp.get("/liste")
def show_list_form() -> Response:
    """A field for titles, one for a file; « services » chooses beforehand."""
    with open_db_session() as db:
        mine = parse_services(db, request.args.getlist(SERVICES_PARAM))
    return render_page("public/lists/form.html", datetime.now(UTC), mine=mine, typed="", problem="", **_get_limits())


@bp.post("/liste")
def submit_list() -> Response:
    """The table of a list, or its CSV; a list that cannot be read is told in one sentence."""
    request.max_content_length = request.max_form_memory_size = _MAX_BODY_SIZE
    at = datetime.now(UTC)
    with open_db_session() as db:
        try:
            chosen = request.form.getlist(SERVICES_PARAM)
        except RequestEntityTooLarge:
            return _render_form_error(parse_services(db, []), str(build_too_large_error().description), 413)
        mine = parse_services(db, chosen)
        try:
            asked = _read_lines()
        except RequestError as refusal:
            return _render_form_error(mine, str(refusal.description), 400)
        try:
            with _get_slots().reserve(gettext("Plusieurs listes sont en cours : envoyez la vôtre dans un instant.")):
                resolved = resolve_lines(db, get_title_index(db), asked)
                told = build_table(db, resolved, at, mine.platform_ids)
        except BusyError as busy:
            return _render_form_error(mine, str(busy.description), 503)
    return _disable_caching(
        _build_csv_response(told) if request.form.get("forme") == "csv" else _render_table(told, asked, mine, at)
    )


def _get_slots() -> WorkSlots:
    slots: WorkSlots = current_app.extensions[SLOTS_KEY]
    return slots


def init_app(app: Flask) -> None:
    """Give the application the slots in which lists are resolved."""
    app.extensions[SLOTS_KEY] = WorkSlots(_MAX_LISTS_AT_ONCE, timeout=_SLOT_TIMEOUT)


def _read_lines() -> list[InputLine]:
    """The lines sent: those that a table carries, typed, or of a file. Raises Refusal."""
    if kept := request.form.get("liste"):
        return load_lines(kept)
    typed, file = request.form.get("titres", ""), request.files.get("fichier")
    data = file.read() if file else b""
    if typed.strip() and data.strip():
        raise RequestError(gettext("Envoyez des titres ou un fichier, pas les deux à la fois."))
    found = read_file(data) if data.strip() else read_file(typed.encode())
    if not found:
        raise RequestError(gettext("La liste est vide : écrivez un titre par ligne, ou choisissez un fichier qui en contient."))
    return found


def _render_table(table: Table, lines: list[InputLine], selection: ServiceSelection, at: datetime) -> Response:
    size = len(render_csv(table, _get_film_urls(table)).encode())
    facts = {"table": table, "kept": dump_lines(lines), "mine": selection, "size": size, "at": at}
    return make_response(render_template("public/lists/table.html", **facts))


def _build_csv_response(table: Table) -> Response:
    found = Response(render_csv(table, _get_film_urls(table)), mimetype="text/csv")
    found.headers["Content-Disposition"] = f"attachment; filename={_FILE_NAME}"
    return found


def _get_film_urls(table: Table) -> dict[int, str]:
    films = (line.film for line in table.lines if line.film)
    return {film.id: url_for("films.show_film", film_id=film.id, slug=film.slug, _external=True) for film in films}


def _render_form_error(selection: ServiceSelection, problem: str, status: int) -> Response:
    typed = request.form.get("titres", "") if status != RequestEntityTooLarge.code else ""
    facts = {"mine": selection, "typed": typed, "problem": problem, "at": datetime.now(UTC), **_get_limits()}
    return _disable_caching(make_response(render_template("public/lists/form.html", **facts), status))


def _get_limits() -> dict[str, int]:
    return {"most_lines": MAX_LINES, "most_megabytes": MAX_BYTES // 1_000_000}


def _disable_caching(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
