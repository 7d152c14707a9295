"""Services as agents see them: the whole register, and one with its evidence, its collections, and when the next comes."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from domain.common.errors import Problem
from domain.db.engine import writing
from domain.models.agent import Agent
from domain.models.platform import Platform
from domain.models.run import Run
from domain.monitoring.link_lists import count_broken
from domain.runs.crawl_requests import ask_for_run, is_wanted, last_start, next_start, why_not_collected, withdraw_wish
from domain.runs.delivery_log import last_deliveries
from domain.runs.platforms import find_platform
from domain.runs.runs import STATES, counts_of, list_runs
from domain.tasks import open_tasks
from webapp.core.context import engine, session, tell_problem
from webapp.core.service_register import by_name, predecessors, read_state, successors
from webapp.public.browse.services import find_service
from webapp.staff.auth import PATH, for_managers, for_readers
from webapp.staff.labels import BASES, KINDS, STATUSES

pages = Blueprint("staff_platforms", __name__, url_prefix=PATH)
_RUNS, _DELIVERIES = 10, 5


@pages.get("/services")
@for_readers
def listed(agent: Agent) -> Response:
    """Every service of the register, by name."""
    with session() as db:
        platforms = by_name(list(db.exec(select(Platform))))
        current = [platform.current_run_id for platform in platforms if platform.current_run_id]
        shown = {run.platform_id: run for run in db.exec(select(Run).where(col(Run.id).in_(current)))}
        rows = [(platform, shown.get(platform.id or 0), why_not_collected(db, platform)) for platform in platforms]
    told = {"at": datetime.now(UTC), "agent": agent, "rows": rows, "statuses": STATUSES, "bases": BASES}
    return make_response(render_template("staff/platforms.html", **told))


def _page(agent: Agent, slug: str, problem: str = "", status: int = 200) -> Response:
    now = datetime.now(UTC)
    with session() as db:
        platform = find_service(db, slug)
        last, number = last_start(db, platform), platform.id or 0
        facts: dict[str, Any] = {
            "platform": platform,
            "state": read_state(db, platform),
            "before": predecessors(db, platform),
            "after": successors(db, platform),
            "runs": [(run, counts_of(run)) for run, _ in list_runs(db, 0, _RUNS, number)],
            "deliveries": last_deliveries(db, number, _DELIVERIES),
            "tasks": [task for task in open_tasks(db) if task.platform_id == number],
            "broken": count_broken(db).get(number),
            "obstacle": why_not_collected(db, platform),
            "next": next_start(platform, last, now),
            "wanted": is_wanted(platform, last),
            "asker": db.get(Agent, platform.wanted_by) if platform.wanted_by else None,
        }
    words = {"states": STATES, "statuses": STATUSES, "bases": BASES, "kinds": KINDS}
    return make_response(render_template("staff/platform.html", at=now, agent=agent, problem=problem, **facts, **words), status)


@pages.get("/services/<slug>")
@for_readers
def one(agent: Agent, slug: str) -> Response:
    """One service."""
    return _page(agent, slug)


def _act(agent: Agent, slug: str, act: Callable[[Session, Platform, Agent, datetime], None]) -> AnyResponse:
    with session() as db:
        find_service(db, slug)
    try:
        with writing(engine()) as db:
            act(db, find_platform(db, slug), agent, datetime.now(UTC))
    except Problem as problem:
        return _page(agent, slug, tell_problem(problem), 409)
    return redirect(url_for(".one", slug=slug), 303)


@pages.post("/services/<slug>/collecter")
@for_managers
def ask(agent: Agent, slug: str) -> AnyResponse:
    """Asks the clock for a collection as soon as it may."""
    return _act(agent, slug, ask_for_run)


@pages.post("/services/<slug>/renoncer")
@for_managers
def withdraw(agent: Agent, slug: str) -> AnyResponse:
    """Takes it back."""
    return _act(agent, slug, withdraw_wish)
