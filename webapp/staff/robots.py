"""Show agents the copies of services' robots.txt, and what changed from one to the next."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, abort

from domain.common.enums import TaskKind
from domain.models.agent import Agent
from domain.models.platform import Platform
from domain.models.robots import RobotsCopy
from domain.monitoring.robots_history import (
    MAX_COMPARED_LINES,
    diff_robots,
    get_previous_robots_copy,
    list_changed_robots,
    list_robots_copies,
)
from webapp.core.context import FILM_ID_CONVERTER as ID_CONVERTER
from webapp.core.context import open_db_session
from webapp.staff.auth import STAFF_PREFIX, require_reader
from webapp.staff.lookups import list_open_tasks_of
from webapp.staff.pages import render_staff_page

bp = Blueprint("staff_robots", __name__, url_prefix=STAFF_PREFIX)
_RECENT_DAYS = 30


@bp.get("/robots")
@require_reader
def list_hosts(agent: Agent) -> Response:
    """List every host with its copies: first those that wait for an agent, then those that changed in the month."""
    now = datetime.now(UTC)
    platforms: dict[int, Platform] = {}
    copies_by_host: defaultdict[tuple[int, str], list[RobotsCopy]] = defaultdict(list)
    with open_db_session() as db:
        for platform, copy in list_robots_copies(db):
            platforms[copy.platform_id] = platform
            copies_by_host[copy.platform_id, copy.host].append(copy)
        changes = list_changed_robots(db, now - timedelta(days=_RECENT_DAYS))
        tasks = {task.platform_id: task for task in list_open_tasks_of(db, TaskKind.ROBOTS)}
    recent_ids = {after.id for _, after in changes}

    def get_urgency(row: tuple[tuple[int, str], list[RobotsCopy]]) -> tuple[bool, bool]:
        (platform_id, _), copies = row
        return platform_id not in tasks, copies[0].id not in recent_ids

    rows = sorted(copies_by_host.items(), key=get_urgency)
    context = {"rows": rows, "platforms": platforms, "recent_ids": recent_ids, "tasks": tasks, "days": _RECENT_DAYS}
    return render_staff_page("staff/robots.html", agent, context, at=now)


@bp.get(f"/robots/<{ID_CONVERTER}:copy_id>")
@require_reader
def show_copy(agent: Agent, copy_id: int) -> Response:
    """Show one copy, and what it changed from the one before."""
    with open_db_session() as db:
        copy = db.get(RobotsCopy, copy_id) or abort(404)
        previous = get_previous_robots_copy(db, copy)
        platform = db.get_one(Platform, copy.platform_id)
        tasks = [task for task in list_open_tasks_of(db, TaskKind.ROBOTS) if task.platform_id == copy.platform_id]
    context = {
        "copy": copy,
        "previous": previous,
        "platform": platform,
        "tasks": tasks,
        "lines": _list_shown_lines(copy, previous),
        "is_cut": _is_too_long(copy) or (previous is not None and _is_too_long(previous)),
        "max_lines": MAX_COMPARED_LINES,
    }
    return render_staff_page("staff/robots_copy.html", agent, context)


def _list_shown_lines(copy: RobotsCopy, previous: RobotsCopy | None) -> list[str]:
    """Return what differs from the previous copy, or the whole of the first one."""
    if previous is None:
        return copy.body.splitlines()[:MAX_COMPARED_LINES]
    return diff_robots(previous.body, copy.body)


def _is_too_long(copy: RobotsCopy) -> bool:
    return copy.body.count("\n") > MAX_COMPARED_LINES
