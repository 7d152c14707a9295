"""Show agents their tasks: those that wait, their own first; assign, comment, close or reopen one."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
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
from webapp.core.context import FILM_ID_CONVERTER as ID_CONVERTER
from webapp.core.context import format_problem, get_engine, open_db_session
from webapp.staff.auth import STAFF_PREFIX, require_manager, require_reader
from webapp.staff.labels import TASK_KINDS
from webapp.staff.lookups import find_row, map_agent_names
from webapp.staff.pages import LOOKAHEAD_LIMIT, get_offset, make_page, read_choice, read_page_number, render_staff_page

bp = Blueprint("staff_tasks", __name__, url_prefix=STAFF_PREFIX)


@bp.get("/taches")
@require_reader
def show_tasks(agent: Agent) -> Response:
    """List the tasks of a kind (`nature`), or all; those that wait, or those closed (`closes`)."""
    return _render_tasks(agent)


def _render_tasks(agent: Agent, problem: str = "") -> Response:
    page_number = read_page_number()
    is_closed = bool(request.args.get("closes"))
    kind = read_choice("nature", TaskKind)
    with open_db_session() as db:
        tasks = list_tasks(db, agent, get_offset(page_number), LOOKAHEAD_LIMIT, is_closed, kind)
        names = map_agent_names(db)
        platforms = db.exec(select(Platform).order_by(col(Platform.name))).all()
    context = {
        "page": make_page(page_number, tasks),
        "args": {"closes": 1 if is_closed else None, "nature": kind},
        "is_closed": is_closed,
        "kind": kind,
        "names": names,
        "platforms": platforms,
        "kinds": TASK_KINDS,
        "max_length": MAX_TEXT_LENGTH,
        "typed": request.values,
        "problem": problem,
    }
    return render_staff_page("staff/tasks.html", agent, context)


@bp.post("/taches")
@require_manager
def submit_task(agent: Agent) -> AnyResponse:
    """Create a task, about a service, about a film, or about neither."""
    slug = request.form.get("service", "")
    message = request.form.get("message", "")
    try:
        film_id = _read_film_id()
        with write_session(get_engine()) as db:
            task = create_task(db, agent, message, datetime.now(UTC), slug=slug, film_id=film_id)
    except UserError as error:
        return _render_tasks(agent, format_problem(error))
    return redirect(url_for(".show_task", task_id=task.id), 303)


def _read_film_id() -> int | None:
    """Return the film typed in the form, None for an empty field. Raises UserError when it is no id."""
    text = request.form.get("film", "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise UserError("film : son numéro est attendu, tel que le donne l'adresse de sa page")
    return int(text)


@bp.get(f"/taches/<{ID_CONVERTER}:task_id>")
@require_reader
def show_task(agent: Agent, task_id: int) -> Response:
    """Show one task, its comments, and what may be done about it."""
    return _render_task(agent, task_id)


def _render_task(agent: Agent, task_id: int, problem: str = "") -> Response:
    with open_db_session() as db:
        task = db.get(Task, task_id) or abort(404)
        context = _load_task_context(db, task)
    context |= {"kinds": TASK_KINDS, "max_length": MAX_TEXT_LENGTH, "typed": request.form, "problem": problem}
    return render_staff_page("staff/task.html", agent, context)


def _load_task_context(db: Session, task: Task) -> dict[str, Any]:
    assert task.id is not None
    platform = find_row(db, Platform, task.platform_id)
    is_open_to_robots = platform is not None and platform.legal_basis is LegalBasis.OPEN
    return {
        "task": task,
        "platform": platform,
        "film": find_row(db, Film, task.film_id),
        "comments": list_comments(db, task.id),
        "accounts": [account for account in list_agents(db) if account.disabled_at is None],
        "names": map_agent_names(db),
        "robots_changes": _list_robots_changes(db, task),
        "pauses_collection": task.kind is TaskKind.ROBOTS and is_open_to_robots,
    }


def _list_robots_changes(db: Session, task: Task) -> list[tuple[RobotsCopy, list[str]]]:
    """Return the copies of robots.txt that changed since the task was opened, each with the lines that differ."""
    if task.kind is not TaskKind.ROBOTS:
        return []
    changes = []
    for before, after in list_changed_robots(db, task.opened_at):
        if after.platform_id == task.platform_id:
            changes.append((after, diff_robots(before.body, after.body)))
    return changes


@bp.post(f"/taches/<{ID_CONVERTER}:task_id>/<verb>")
@require_manager
def update_task(agent: Agent, task_id: int, verb: str) -> AnyResponse:
    """Assign a task, comment it, close it or reopen it; the same page says why when it cannot be done."""
    now = datetime.now(UTC)
    form = request.form
    actions: dict[str, Callable[[Session], object]] = {
        "confier": lambda db: assign_task(db, task_id, agent, form.get("agent", ""), now),
        "commenter": lambda db: add_comment(db, task_id, agent, form.get("commentaire", ""), now),
        "clore": lambda db: close_task(db, task_id, form.get("raison", ""), now, agent),
        "rouvrir": lambda db: reopen_task(db, task_id, agent, now),
    }
    action = actions.get(verb) or abort(404)
    try:
        with write_session(get_engine()) as db:
            action(db)
    except UserError as error:
        return _render_task(agent, task_id, format_problem(error))
    return redirect(url_for(".show_task", task_id=task_id), 303)
