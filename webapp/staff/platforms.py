"""Show agents the register of services, and one service with its evidence, its runs, and when the next one is due."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, redirect, url_for
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
from webapp.core.service_register import get_service_or_404, list_predecessors, list_successors, load_service_state, sort_by_name
from webapp.staff.auth import STAFF_PREFIX, require_manager, require_reader
from webapp.staff.labels import LEGAL_BASES, STATUSES, TASK_KINDS
from webapp.staff.lookups import find_row
from webapp.staff.pages import render_staff_page

bp = Blueprint("staff_platforms", __name__, url_prefix=STAFF_PREFIX)
_MAX_RUNS = 10
_MAX_DELIVERIES = 5
PlatformAction = Callable[[Session, Platform, Agent, datetime], None]


@bp.get("/services")
@require_reader
def list_platforms(agent: Agent) -> Response:
    """List every service of the register, by name."""
    with open_db_session() as db:
        platforms = sort_by_name(list(db.exec(select(Platform))))
        current_ids = [platform.current_run_id for platform in platforms if platform.current_run_id]
        current_runs = {run.id: run for run in db.exec(select(Run).where(col(Run.id).in_(current_ids)))}
        rows = []
        for platform in platforms:
            run = current_runs.get(platform.current_run_id)
            rows.append((platform, run, get_collection_blocker(db, platform)))
    context = {"rows": rows, "statuses": STATUSES, "bases": LEGAL_BASES}
    return render_staff_page("staff/platforms.html", agent, context)


@bp.get("/services/<slug>")
@require_reader
def show_platform(agent: Agent, slug: str) -> Response:
    """Show one service."""
    return _render_platform(agent, slug)


def _render_platform(agent: Agent, slug: str, problem: str = "") -> Response:
    now = datetime.now(UTC)
    with open_db_session() as db:
        platform = get_service_or_404(db, slug)
        context = _load_platform_context(db, platform) | _load_next_run(db, platform, now)
    context |= {"states": STATE_LABELS, "statuses": STATUSES, "bases": LEGAL_BASES, "kinds": TASK_KINDS, "problem": problem}
    return render_staff_page("staff/platform.html", agent, context, at=now)


def _load_platform_context(db: Session, platform: Platform) -> dict[str, Any]:
    """Return a service with its neighbours in the register, and what came in from it lately."""
    assert platform.id is not None
    runs = [run for run, _ in list_runs(db, 0, _MAX_RUNS, platform.id)]
    return {
        "platform": platform,
        "state": load_service_state(db, platform),
        "predecessors": list_predecessors(db, platform),
        "successors": list_successors(db, platform),
        "runs": [(run, get_run_counts(run)) for run in runs],
        "deliveries": list_last_deliveries(db, platform.id, _MAX_DELIVERIES),
        "tasks": [task for task in list_open_tasks(db) if task.platform_id == platform.id],
        "broken_links": count_broken_links(db).get(platform.id),
    }


def _load_next_run(db: Session, platform: Platform, now: datetime) -> dict[str, Any]:
    """Return when the next run is due, what prevents it, and who asked for it."""
    last_start = get_last_run_start(db, platform)
    return {
        "blocker": get_collection_blocker(db, platform),
        "next_start": get_next_run_start(platform, last_start, now),
        "is_requested": is_run_requested(platform, last_start),
        "requester": find_row(db, Agent, platform.requested_by),
    }


@bp.post("/services/<slug>/collecter")
@require_manager
def create_run_request(agent: Agent, slug: str) -> AnyResponse:
    """Ask the scheduler for a run as soon as it may start."""
    return _apply_action(agent, slug, request_run)


@bp.post("/services/<slug>/renoncer")
@require_manager
def delete_run_request(agent: Agent, slug: str) -> AnyResponse:
    """Cancel the request for a run."""
    return _apply_action(agent, slug, cancel_run_request)


def _apply_action(agent: Agent, slug: str, action: PlatformAction) -> AnyResponse:
    with open_db_session() as db:
        get_service_or_404(db, slug)
    try:
        with write_session(get_engine()) as db:
            action(db, get_platform(db, slug), agent, datetime.now(UTC))
    except UserError as error:
        return _render_platform(agent, slug, format_problem(error))
    return redirect(url_for(".show_platform", slug=slug), 303)
