"""The page that takes a list, and answers with a table; nothing of it is kept or counted."""

from datetime import UTC, datetime
from threading import BoundedSemaphore

from flask import Blueprint, Response, make_response, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from search.index_holder import titles
from search.requested_film import MAX_BYTES, MOST_LINES, Asked
from search.resolve import resolve
from webapp.core.context import Refusal, page, session
from webapp.core.i18n import gettext
from webapp.core.my_services import PARAMETER, MyServices, read_services
from webapp.public.lists.carried_list import brought_back, carried
from webapp.public.lists.parser import read_file, too_heavy
from webapp.public.lists.table import Table, as_csv, lay_out

pages = Blueprint("lists", __name__)
_MOST_BODY = 3 * MAX_BYTES  # the list that a table carries says for each line what was read of it
_AT_ONCE, _WAIT = BoundedSemaphore(2), 3.0  # seconds: lists of nothing but faults must not hold every thread of the server
_FILE_NAME = "ou-voir-ma-liste.csv"


@pages.get("/liste")
def form() -> Response:
    """A field for titles, one for a file; « services » chooses beforehand."""
    with session() as db:
        mine = read_services(db, request.args.getlist(PARAMETER))
    return page("public/lists/form.html", datetime.now(UTC), mine=mine, typed="", problem="", **_limits())


@pages.post("/liste")
def answer() -> Response:
    """The table of a list, or its CSV; a list that cannot be read is told in one sentence."""
    request.max_content_length = request.max_form_memory_size = _MOST_BODY
    at = datetime.now(UTC)
    with session() as db:
        try:
            chosen = request.form.getlist(PARAMETER)
        except RequestEntityTooLarge:
            return _refused(read_services(db, []), str(too_heavy().description), 413)
        mine = read_services(db, chosen)
        try:
            asked = _sent()
        except Refusal as refusal:
            return _refused(mine, str(refusal.description), 400)
        if not _AT_ONCE.acquire(timeout=_WAIT):
            return _refused(mine, gettext("Plusieurs listes sont en cours : envoyez la vôtre dans un instant."), 503)
        try:
            told = lay_out(db, resolve(db, titles().index(db), asked), at, mine.platform_ids)
        finally:
            _AT_ONCE.release()
    return _unkept(_file(told) if request.form.get("forme") == "csv" else _shown(told, asked, mine, at))


def _sent() -> list[Asked]:
    """The lines sent: those that a table carries, typed, or of a file. Raises Refusal."""
    if kept := request.form.get("liste"):
        return brought_back(kept)
    typed, file = request.form.get("titres", ""), request.files.get("fichier")
    data = file.read() if file else b""
    if typed.strip() and data.strip():
        raise Refusal(gettext("Envoyez des titres ou un fichier, pas les deux à la fois."))
    found = read_file(data) if data.strip() else read_file(typed.encode())
    if not found:
        raise Refusal(gettext("La liste est vide : écrivez un titre par ligne, ou choisissez un fichier qui en contient."))
    return found


def _shown(table: Table, asked: list[Asked], mine: MyServices, at: datetime) -> Response:
    size = len(as_csv(table, _addresses(table)).encode())
    facts = {"table": table, "kept": carried(asked), "mine": mine, "size": size, "at": at}
    return make_response(render_template("public/lists/table.html", **facts))


def _file(table: Table) -> Response:
    found = Response(as_csv(table, _addresses(table)), mimetype="text/csv")
    found.headers["Content-Disposition"] = f"attachment; filename={_FILE_NAME}"
    return found


def _addresses(table: Table) -> dict[int, str]:
    films = (line.film for line in table.lines if line.film)
    return {film.id: url_for("films.film", film_id=film.id, slug=film.slug, _external=True) for film in films}


def _refused(mine: MyServices, problem: str, status: int) -> Response:
    typed = request.form.get("titres", "") if status != RequestEntityTooLarge.code else ""
    facts = {"mine": mine, "typed": typed, "problem": problem, "at": datetime.now(UTC), **_limits()}
    return _unkept(make_response(render_template("public/lists/form.html", **facts), status))


def _limits() -> dict[str, int]:
    return {"most_lines": MOST_LINES, "most_megabytes": MAX_BYTES // 1_000_000}


def _unkept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
