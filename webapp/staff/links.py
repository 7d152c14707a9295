"""Links that lead nowhere, as agents see them: what the service last answered, since when, of which films; put back by hand."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlmodel import col, select
from werkzeug.wrappers import Response as AnyResponse

from domain.accounts.audit_trail import MAX_REASON_LENGTH
from domain.common.enums import LinkFinding, TaskKind
from domain.common.errors import UserError
from domain.db.engine import write_session
from domain.models.agent import Agent
from domain.models.link_check import LinkCheck
from domain.models.platform import Platform
from domain.monitoring.link_checks import DAYS_BEFORE_HIDING, restore_link
from domain.monitoring.link_lists import count_broken_links, list_broken_links, map_films_by_check
from domain.tasks import list_open_tasks
from webapp.core.context import FILM_ID_CONVERTER, format_problem, get_engine, open_db_session
from webapp.core.pagination import parse_page
from webapp.staff.auth import STAFF_PREFIX, require_manager, require_reader

bp = Blueprint("staff_links", __name__, url_prefix=STAFF_PREFIX)
_PAGE_SIZE, _MAX_FILMS = 50, 5
_FINDING_LABELS = {
    LinkFinding.FINE: "page trouvée",
    LinkFinding.GONE: "page absente",
    LinkFinding.FAULT: "panne ou pas de réponse",
    LinkFinding.REFUSED: "refus",
}


def describe_check(check: LinkCheck) -> str:
    """« page absente (404) », « page absente (renvoi à l’accueil, 302) »."""
    sent = "renvoi à l’accueil, " if check.finding is LinkFinding.GONE and 300 <= (check.status or 0) < 400 else ""
    return _FINDING_LABELS[check.finding] + (f" ({sent}{check.status})" if check.status else "")


def _render_links(agent: Agent, problem: str = "", refused: int | None = None, status: int = 200) -> Response:
    number, slug = parse_page(request.args.get("page", "1")), request.args.get("service", "")
    with open_db_session() as db:
        counts = count_broken_links(db)
        platforms = db.exec(select(Platform).where(col(Platform.id).in_(counts)).order_by(col(Platform.name))).all()
        chosen = next((one for one in platforms if one.slug == slug), None)
        found = list_broken_links(db, chosen.slug if chosen else "", (number - 1) * _PAGE_SIZE, _PAGE_SIZE + 1)
        films = map_films_by_check(db, [check for check, _ in found[:_PAGE_SIZE]])
        waiting = {task.platform_id: task for task in list_open_tasks(db) if task.kind is TaskKind.LINKS}
        names = {one.id: one.name for one in db.exec(select(Platform).where(col(Platform.id).in_(waiting)))}
    told: dict[str, Any] = {"at": datetime.now(UTC), "agent": agent, "problem": problem, "refused": refused}
    told |= {
        "typed": request.form.get("raison", ""),
        "longest": MAX_REASON_LENGTH,
        "days": DAYS_BEFORE_HIDING,
        "shown": _MAX_FILMS,
    }
    told |= {"rows": found[:_PAGE_SIZE], "more": len(found) > _PAGE_SIZE, "page": number, "films": films, "counts": counts}
    told |= {
        "platforms": platforms,
        "chosen": chosen,
        "tasks": list(waiting.values()),
        "names": names,
        "answered": describe_check,
    }
    args = {"service": chosen.slug if chosen else None}
    return make_response(render_template("staff/links.html", **told, args=args), status)


@bp.get("/liens")
@require_reader
def show_broken_links(agent: Agent) -> Response:
    """The links of a service (`service`), or of all, that led nowhere when they last answered; those hidden first."""
    return _render_links(agent)


@bp.post(f"/liens/<{FILM_ID_CONVERTER}:check_id>/retablir")
@require_manager
def confirm_restore(agent: Agent, check_id: int) -> AnyResponse:
    """Says that a hidden link is good; the same list says why when it cannot be."""
    try:
        with write_session(get_engine()) as db:
            restore_link(db, check_id, agent, request.form.get("raison", ""), datetime.now(UTC))
    except UserError as problem:
        return _render_links(agent, format_problem(problem), check_id, 409)
    return redirect(url_for(".show_broken_links", service=request.args.get("service") or None), 303)
