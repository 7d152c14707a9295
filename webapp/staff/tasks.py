"""Tasks as agents see them: those that wait, their own first; one, to be put in hands, commented, closed or opened again."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from domain.accounts.agents import list_agents
from domain.common.enums import LegalBasis, TaskKind
from domain.common.errors import Problem
from domain.db.engine import writing
from domain.models.agent import Agent
from domain.models.film import Film
from domain.models.platform import Platform
from domain.models.robots import RobotsCopy
from domain.models.task import Task
from domain.monitoring.robots_history import changed_robots, differences
from domain.tasks import LONGEST, assign_task, close_task, comment_task, comments_of, create_task, list_tasks, reopen_task
from webapp.core.context import FILM_ID, engine, session, tell_problem
from webapp.core.pagination import read_page
from webapp.staff.auth import PATH, for_managers, for_readers
from webapp.staff.labels import KINDS

pages = Blueprint("staff_tasks", __name__, url_prefix=PATH)
_LISTED = 50


def _list(agent: Agent, problem: str = "", status: int = 200) -> Response:
    number, closed = read_page(request.args.get("page", "1")), bool(request.args.get("closes"))
    asked = request.args.get("nature", "")
    kind = TaskKind(asked) if asked in list(TaskKind) else None
    with session() as db:
        found = list_tasks(db, agent, (number - 1) * _LISTED, _LISTED + 1, closed, kind)
        facts: dict[str, Any] = {
            "names": {one.id: one.name for one in list_agents(db)},
            "platforms": db.exec(select(Platform).order_by(col(Platform.name))).all(),
        }
    told = {"at": datetime.now(UTC), "agent": agent, "problem": problem, "page": number, "closed": closed, "kind": kind}
    told |= {"tasks": found[:_LISTED], "more": len(found) > _LISTED, "kinds": KINDS, "longest": LONGEST, "typed": request.values}
    args = {"closes": 1 if closed else None, "nature": kind}
    return make_response(render_template("staff/tasks.html", **told, **facts, args=args), status)


@pages.get("/taches")
@for_readers
def listed(agent: Agent) -> Response:
    """The tasks of a kind (`nature`), or all; those that wait, or those closed (`closes`)."""
    return _list(agent)


@pages.post("/taches")
@for_managers
def create(agent: Agent) -> AnyResponse:
    """A new task, about a service, a film by its number, or nothing."""
    sent, film = request.form, request.form.get("film", "").strip()
    try:
        if film and not (film.isascii() and film.isdecimal() and len(film) < 10):
            raise Problem("film : son numéro est attendu, tel que le donne l'adresse de sa page")
        with writing(engine()) as db:
            about: dict[str, Any] = {"slug": sent.get("service", ""), "film_id": int(film) if film else None}
            task = create_task(db, agent, sent.get("message", ""), datetime.now(UTC), **about)
    except Problem as problem:
        return _list(agent, tell_problem(problem), 409)
    return redirect(url_for(".one", task_id=task.id), 303)


def _page(agent: Agent, task_id: int, problem: str = "", status: int = 200) -> Response:
    with session() as db:
        task = db.get(Task, task_id)
        if task is None:
            abort(404)
        agents = list_agents(db)
        platform = db.get(Platform, task.platform_id) if task.platform_id else None
        facts: dict[str, Any] = {
            "task": task,
            "platform": platform,
            "film": db.get(Film, task.film_id) if task.film_id else None,
            "comments": comments_of(db, task_id),
            "agents": [one for one in agents if one.disabled is None],
            "names": {one.id: one.name for one in agents},
            "robots": _robots(db, task),
        }
    facts["pauses"] = task.kind is TaskKind.ROBOTS and platform is not None and platform.legal_basis is LegalBasis.OPEN
    told = {"at": datetime.now(UTC), "agent": agent, "problem": problem, "kinds": KINDS, "longest": LONGEST}
    return make_response(render_template("staff/task.html", **told, **facts, typed=request.form), status)


def _robots(db: Session, task: Task) -> list[tuple[RobotsCopy, list[str]]]:
    """The copies of robots.txt that changed since the task was opened, each with the lines that differ."""
    if task.kind is not TaskKind.ROBOTS:
        return []
    ours = [pair for pair in changed_robots(db, task.opened) if pair[1].platform_id == task.platform_id]
    return [(after, differences(before.body, after.body)) for before, after in ours]


@pages.get(f"/taches/<{FILM_ID}:task_id>")
@for_readers
def one(agent: Agent, task_id: int) -> Response:
    """One task, what was said of it, and what may be done of it."""
    return _page(agent, task_id)


@pages.post(f"/taches/<{FILM_ID}:task_id>/<verb>")
@for_managers
def act(agent: Agent, task_id: int, verb: str) -> AnyResponse:
    """Puts the task in hands, comments it, closes it or opens it again; the same page says why when it cannot be."""
    now, sent = datetime.now(UTC), request.form
    acts: dict[str, Callable[[Session], object]] = {
        "confier": lambda db: assign_task(db, task_id, agent, sent.get("agent", ""), now),
        "commenter": lambda db: comment_task(db, task_id, agent, sent.get("commentaire", ""), now),
        "clore": lambda db: close_task(db, task_id, sent.get("raison", ""), now, agent),
        "rouvrir": lambda db: reopen_task(db, task_id, agent, now),
    }
    done = acts.get(verb) or abort(404)
    try:
        with writing(engine()) as db:
            done(db)
    except Problem as problem:
        return _page(agent, task_id, tell_problem(problem), 409)
    return redirect(url_for(".one", task_id=task_id), 303)
