"""Services as agents see them: the whole register, and one with its evidence, its collections, and when the next comes."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from domain.common.errors import UserError
from domain.db.engine import write_session
from domain.models.agent import Agent
from domain.models.platform import Platform
from domain.models.run import Run
from domain.monitoring.link_lists import count_broken_links
from domain.runs.crawl_requests import (
    cancel_run_request,
    get_collection_blocker,
    get_last_run_start,
    get_next_run_start,
    is_run_requested,
    request_run,
)
from domain.runs.deliveries import list_last_deliveries
from domain.runs.platforms import get_platform
from domain.runs.runs import STATE_LABELS, get_run_counts, list_runs
from domain.tasks import list_open_tasks
from webapp.core.context import format_problem, get_engine, open_db_session
from webapp.core.service_register import list_predecessors, list_successors, load_service_state, sort_by_name
from webapp.public.browse.services import get_service_or_404
from webapp.staff.auth import STAFF_PREFIX, require_manager, require_reader
from webapp.staff.labels import LEGAL_BASES, STATUSES, TASK_KINDS

bp = Blueprint("staff_platforms", __name__, url_prefix=STAFF_PREFIX)
_MAX_RUNS, _MAX_DELIVERIES = 10, 5


@bp.get("/services")
@require_reader
def list_platforms(agent: Agent) -> Response:
    """Every service of the register, by name."""
    with open_db_session() as db:
        platforms = sort_by_name(list(db.exec(select(Platform))))
        current = [platform.current_run_id for platform in platforms if platform.current_run_id]
        shown = {run.platform_id: run for run in db.exec(select(Run).where(col(Run.id).in_(current)))}
        rows = [(platform, shown.get(platform.id or 0), get_collection_blocker(db, platform)) for platform in platforms]
    told = {"at": datetime.now(UTC), "agent": agent, "rows": rows, "statuses": STATUSES, "bases": LEGAL_BASES}
    return make_response(render_template("staff/platforms.html", **told))


def _render_platform(agent: Agent, slug: str, problem: str = "", status: int = 200) -> Response:
    now = datetime.now(UTC)
    with open_db_session() as db:
        platform = get_service_or_404(db, slug)
        last, number = get_last_run_start(db, platform), platform.id or 0
        facts: dict[str, Any] = {
            "platform": platform,
            "state": load_service_state(db, platform),
            "before": list_predecessors(db, platform),
            "after": list_successors(db, platform),
            "runs": [(run, get_run_counts(run)) for run, _ in list_runs(db, 0, _MAX_RUNS, number)],
            "deliveries": list_last_deliveries(db, number, _MAX_DELIVERIES),
            "tasks": [task for task in list_open_tasks(db) if task.platform_id == number],
            "broken": count_broken_links(db).get(number),
            "obstacle": get_collection_blocker(db, platform),
            "next": get_next_run_start(platform, last, now),
            "wanted": is_run_requested(platform, last),
            "asker": db.get(Agent, platform.requested_by) if platform.requested_by else None,
        }
    words = {"states": STATE_LABELS, "statuses": STATUSES, "bases": LEGAL_BASES, "kinds": TASK_KINDS}
    return make_response(render_template("staff/platform.html", at=now, agent=agent, problem=problem, **facts, **words), status)


@bp.get("/services/<slug>")
@require_reader
def show_platform(agent: Agent, slug: str) -> Response:
    """One service."""
    return _render_platform(agent, slug)


def _apply_action(agent: Agent, slug: str, act: Callable[[Session, Platform, Agent, datetime], None]) -> AnyResponse:
    with open_db_session() as db:
        get_service_or_404(db, slug)
    try:
        with write_session(get_engine()) as db:
            act(db, get_platform(db, slug), agent, datetime.now(UTC))
    except UserError as problem:
        return _render_platform(agent, slug, format_problem(problem), 409)
    return redirect(url_for(".show_platform", slug=slug), 303)


@bp.post("/services/<slug>/collecter")
@require_manager
def create_run_request(agent: Agent, slug: str) -> AnyResponse:
    """Asks the clock for a collection as soon as it may."""
    return _apply_action(agent, slug, request_run)


@bp.post("/services/<slug>/renoncer")
@require_manager
def delete_run_request(agent: Agent, slug: str) -> AnyResponse:
    """Takes it back."""
    return _apply_action(agent, slug, cancel_run_request)
