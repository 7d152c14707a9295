"""What services' robots.txt said, copy after copy, and what changed from one to the next."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, abort, make_response, render_template

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
from domain.tasks import list_open_tasks
from webapp.core.context import FILM_ID_CONVERTER, open_db_session
from webapp.staff.auth import STAFF_PREFIX, require_reader

bp = Blueprint("staff_robots", __name__, url_prefix=STAFF_PREFIX)
_DAYS = 30


@bp.get("/robots")
@require_reader
def list_hosts(agent: Agent) -> Response:
    """Every host with its copies, the services whose new robots.txt waits for an agent first, and what changed in the month."""
    now = datetime.now(UTC)
    found = defaultdict[tuple[int, str], list[RobotsCopy]](list)
    with open_db_session() as db:
        platforms = {}
        for platform, copy in list_robots_copies(db):
            platforms[copy.platform_id] = platform
            found[copy.platform_id, copy.host].append(copy)
        recent = {later.id for _, later in list_changed_robots(db, now - timedelta(days=_DAYS))}
        waiting = {task.platform_id: task for task in list_open_tasks(db) if task.kind is TaskKind.ROBOTS}
    rows = sorted(found.items(), key=lambda row: (row[0][0] not in waiting, row[1][0].id not in recent))
    told = {"at": now, "agent": agent, "rows": rows, "platforms": platforms, "recent": recent, "waiting": waiting, "days": _DAYS}
    return make_response(render_template("staff/robots.html", **told))


@bp.get(f"/robots/<{FILM_ID_CONVERTER}:copy_id>")
@require_reader
def show_copy(agent: Agent, copy_id: int) -> Response:
    """One copy, and what it changed from the one before."""
    with open_db_session() as db:
        copy = db.get(RobotsCopy, copy_id)
        if copy is None:
            abort(404)
        before = get_previous_robots_copy(db, copy)
        platform = db.get_one(Platform, copy.platform_id)
        tasks = [task for task in list_open_tasks(db) if task.kind is TaskKind.ROBOTS and task.platform_id == copy.platform_id]
    lines = diff_robots(before.body, copy.body) if before else copy.body.splitlines()[:MAX_COMPARED_LINES]
    cut = max(text.count("\n") for text in (copy.body, before.body if before else "")) > MAX_COMPARED_LINES
    told = {"at": datetime.now(UTC), "agent": agent, "copy": copy, "before": before, "platform": platform, "tasks": tasks}
    return make_response(render_template("staff/robots_copy.html", **told, lines=lines, cut=cut, longest=MAX_COMPARED_LINES))
