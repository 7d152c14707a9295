"""Links that lead nowhere, as agents see them: what the service last answered, since when, of which films; put back by hand."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlmodel import col, select
from werkzeug.wrappers import Response as AnyResponse

from domain.accounts.audit_trail import LONGEST_REASON
from domain.common.enums import LinkFinding, TaskKind
from domain.common.errors import Problem
from domain.db.engine import writing
from domain.models.agent import Agent
from domain.models.link_check import LinkCheck
from domain.models.platform import Platform
from domain.monitoring.link_checks import DAYS_BEFORE_HIDING, restore
from domain.monitoring.link_lists import count_broken, films_behind, list_broken
from domain.tasks import open_tasks
from webapp.core.context import FILM_ID, engine, session, tell_problem
from webapp.core.pagination import read_page
from webapp.staff.auth import PATH, for_managers, for_readers

pages = Blueprint("staff_links", __name__, url_prefix=PATH)
_LISTED, _FILMS = 50, 5
_FINDINGS = {
    LinkFinding.FINE: "page trouvée",
    LinkFinding.GONE: "page absente",
    LinkFinding.FAULT: "panne ou pas de réponse",
    LinkFinding.REFUSED: "refus",
}


def told_answer(check: LinkCheck) -> str:
    """« page absente (404) », « page absente (renvoi à l’accueil, 302) »."""
    sent = "renvoi à l’accueil, " if check.finding is LinkFinding.GONE and 300 <= (check.status or 0) < 400 else ""
    return _FINDINGS[check.finding] + (f" ({sent}{check.status})" if check.status else "")


def _page(agent: Agent, problem: str = "", refused: int | None = None, status: int = 200) -> Response:
    number, slug = read_page(request.args.get("page", "1")), request.args.get("service", "")
    with session() as db:
        counts = count_broken(db)
        platforms = db.exec(select(Platform).where(col(Platform.id).in_(counts)).order_by(col(Platform.name))).all()
        chosen = next((one for one in platforms if one.slug == slug), None)
        found = list_broken(db, chosen.slug if chosen else "", (number - 1) * _LISTED, _LISTED + 1)
        films = films_behind(db, [check for check, _ in found[:_LISTED]])
        waiting = {task.platform_id: task for task in open_tasks(db) if task.kind is TaskKind.LINKS}
        names = {one.id: one.name for one in db.exec(select(Platform).where(col(Platform.id).in_(waiting)))}
    told: dict[str, Any] = {"at": datetime.now(UTC), "agent": agent, "problem": problem, "refused": refused}
    told |= {"typed": request.form.get("raison", ""), "longest": LONGEST_REASON, "days": DAYS_BEFORE_HIDING, "shown": _FILMS}
    told |= {"rows": found[:_LISTED], "more": len(found) > _LISTED, "page": number, "films": films, "counts": counts}
    told |= {"platforms": platforms, "chosen": chosen, "tasks": list(waiting.values()), "names": names, "answered": told_answer}
    args = {"service": chosen.slug if chosen else None}
    return make_response(render_template("staff/links.html", **told, args=args), status)


@pages.get("/liens")
@for_readers
def broken(agent: Agent) -> Response:
    """The links of a service (`service`), or of all, that led nowhere when they last answered; those hidden first."""
    return _page(agent)


@pages.post(f"/liens/<{FILM_ID}:check_id>/retablir")
@for_managers
def put_back(agent: Agent, check_id: int) -> AnyResponse:
    """Says that a hidden link is good; the same list says why when it cannot be."""
    try:
        with writing(engine()) as db:
            restore(db, check_id, agent, request.form.get("raison", ""), datetime.now(UTC))
    except Problem as problem:
        return _page(agent, tell_problem(problem), check_id, 409)
    return redirect(url_for(".broken", service=request.args.get("service") or None), 303)
