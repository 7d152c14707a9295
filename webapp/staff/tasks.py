"""Tasks as agents see them: those that wait, their own first; one, to be put in hands, commented, closed or opened again."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from domain.accounts.agents import list_agents
from domain.common.enums import LegalBasis, TaskKind
from domain.common.errors import UserError
from domain.db.engine import write_session
from domain.models.agent import Agent
from domain.models.film import Film
from domain.models.platform import Platform
from domain.models.robots import RobotsCopy
from domain.models.task import Task
from domain.monitoring.robots_history import diff_robots, list_changed_robots
from domain.tasks import (
    MAX_TEXT_LENGTH,
    add_comment,
    assign_task,
    close_task,
    create_task,
    list_comments,
    list_tasks,
    reopen_task,
)
from webapp.core.context import FILM_ID_CONVERTER, format_problem, get_engine, open_db_session
from webapp.core.pagination import parse_page
from webapp.staff.auth import STAFF_PREFIX, require_manager, require_reader
from webapp.staff.labels import TASK_KINDS

bp = Blueprint("staff_tasks", __name__, url_prefix=STAFF_PREFIX)
_PAGE_SIZE = 50


def _render_tasks(agent: Agent, problem: str = "", status: int = 200) -> Response:
    number, closed = parse_page(request.args.get("page", "1")), bool(request.args.get("closes"))
    asked = request.args.get("nature", "")
    kind = TaskKind(asked) if asked in list(TaskKind) else None
    with open_db_session() as db:
        found = list_tasks(db, agent, (number - 1) * _PAGE_SIZE, _PAGE_SIZE + 1, closed, kind)
        facts: dict[str, Any] = {
            "names": {one.id: one.name for one in list_agents(db)},
            "platforms": db.exec(select(Platform).order_by(col(Platform.name))).all(),
        }
    told = {"at": datetime.now(UTC), "agent": agent, "problem": problem, "page": number, "closed": closed, "kind": kind}
    told |= {
        "tasks": found[:_PAGE_SIZE],
        "more": len(found) > _PAGE_SIZE,
        "kinds": TASK_KINDS,
        "longest": MAX_TEXT_LENGTH,
        "typed": request.values,
    }
    args = {"closes": 1 if closed else None, "nature": kind}
    return make_response(render_template("staff/tasks.html", **told, **facts, args=args), status)


@bp.get("/taches")
@require_reader
def show_tasks(agent: Agent) -> Response:
    """The tasks of a kind (`nature`), or all; those that wait, or those closed (`closes`)."""
    return _render_tasks(agent)


@bp.post("/taches")
@require_manager
def submit_task(agent: Agent) -> AnyResponse:
    """A new task, about a service, a film by its number, or nothing."""
    sent, film = request.form, request.form.get("film", "").strip()
    try:
        if film and not (film.isascii() and film.isdecimal() and len(film) < 10):
            raise UserError("film : son numéro est attendu, tel que le donne l'adresse de sa page")
        with write_session(get_engine()) as db:
            about: dict[str, Any] = {"slug": sent.get("service", ""), "film_id": int(film) if film else None}
            task = create_task(db, agent, sent.get("message", ""), datetime.now(UTC), **about)
    except UserError as problem:
        return _render_tasks(agent, format_problem(problem), 409)
    return redirect(url_for(".show_task", task_id=task.id), 303)


def _render_task(agent: Agent, task_id: int, problem: str = "", status: int = 200) -> Response:
    with open_db_session() as db:
        task = db.get(Task, task_id)
        if task is None:
            abort(404)
        agents = list_agents(db)
        platform = db.get(Platform, task.platform_id) if task.platform_id else None
        facts: dict[str, Any] = {
            "task": task,
            "platform": platform,
            "film": db.get(Film, task.film_id) if task.film_id else None,
            "comments": list_comments(db, task_id),
            "agents": [one for one in agents if one.disabled_at is None],
            "names": {one.id: one.name for one in agents},
            "robots": _list_robots_changes(db, task),
        }
    facts["pauses"] = task.kind is TaskKind.ROBOTS and platform is not None and platform.legal_basis is LegalBasis.OPEN
    told = {"at": datetime.now(UTC), "agent": agent, "problem": problem, "kinds": TASK_KINDS, "longest": MAX_TEXT_LENGTH}
    return make_response(render_template("staff/task.html", **told, **facts, typed=request.form), status)


def _list_robots_changes(db: Session, task: Task) -> list[tuple[RobotsCopy, list[str]]]:
    """The copies of robots.txt that changed since the task was opened, each with the lines that differ."""
    if task.kind is not TaskKind.ROBOTS:
        return []
    ours = [pair for pair in list_changed_robots(db, task.opened_at) if pair[1].platform_id == task.platform_id]
    return [(after, diff_robots(before.body, after.body)) for before, after in ours]


@bp.get(f"/taches/<{FILM_ID_CONVERTER}:task_id>")
@require_reader
def show_task(agent: Agent, task_id: int) -> Response:
    """One task, what was said of it, and what may be done of it."""
    return _render_task(agent, task_id)


@bp.post(f"/taches/<{FILM_ID_CONVERTER}:task_id>/<verb>")
@require_manager
def update_task(agent: Agent, task_id: int, verb: str) -> AnyResponse:
    """Puts the task in hands, comments it, closes it or opens it again; the same page says why when it cannot be."""
    now, sent = datetime.now(UTC), request.form
    acts: dict[str, Callable[[Session], object]] = {
        "confier": lambda db: assign_task(db, task_id, agent, sent.get("agent", ""), now),
        "commenter": lambda db: add_comment(db, task_id, agent, sent.get("commentaire", ""), now),
        "clore": lambda db: close_task(db, task_id, sent.get("raison", ""), now, agent),
        "rouvrir": lambda db: reopen_task(db, task_id, agent, now),
    }
    done = acts.get(verb) or abort(404)
    try:
        with write_session(get_engine()) as db:
            done(db)
    except UserError as problem:
        return _render_task(agent, task_id, format_problem(problem), 409)
    return redirect(url_for(".show_task", task_id=task_id), 303)
