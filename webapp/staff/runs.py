"""Collections as agents see them: all of them, and one with what it changes, to be accepted or rejected."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from domain.accounts.audit_trail import LONGEST_REASON
from domain.common.enums import RunState
from domain.common.errors import Problem
from domain.db.engine import writing
from domain.db.locks import hold
from domain.models.agent import Agent
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.acceptance import accept_held, hold_again, reject_held, why_not_accept
from domain.runs.preview import SHOWN, differences
from domain.runs.run_issues import issue_groups
from domain.runs.run_report import figures
from domain.runs.runs import STATES, counts_of, find_run, list_runs
from webapp.core.context import FILM_ID, engine, session, tell_problem
from webapp.core.french import money
from webapp.core.pagination import read_page
from webapp.staff.auth import PATH, for_managers, for_readers
from webapp.staff.labels import FIELDS, OUTCOMES_OF_RUNS

pages = Blueprint("staff_runs", __name__, url_prefix=PATH)
pages.add_app_template_filter(money, "euros")
_LISTED, _DOCUMENTS = 50, 100
_SHORT = 20_000
"""Lines that are compared with the live catalogue unasked: about two seconds."""
Act = Callable[[Session, Run], None]


@pages.get("/collectes")
@for_readers
def listed(agent: Agent) -> Response:
    """The runs of a service (`service`), in a state (`etat`), or all; the last first."""
    number, asked = read_page(request.args.get("page", "1")), request.args.get("etat", "")
    state = RunState(asked) if asked in list(RunState) else None
    with session() as db:
        platforms = db.exec(select(Platform).order_by(col(Platform.name))).all()
        chosen = next((one for one in platforms if one.slug == request.args.get("service")), None)
        found = list_runs(db, (number - 1) * _LISTED, _LISTED + 1, chosen.id if chosen else None, state)
    rows = [(run, platform, counts_of(run)) for run, platform in found[:_LISTED]]
    told: dict[str, Any] = {"at": datetime.now(UTC), "agent": agent, "rows": rows, "more": len(found) > _LISTED, "page": number}
    told |= {"platforms": [one for one in platforms if one.current_run_id or one is chosen or not one.blocked]}
    args = {"service": chosen.slug if chosen else None, "etat": state}
    return make_response(render_template("staff/runs.html", **told, chosen=chosen, state=state, states=STATES, args=args))


def _page(agent: Agent, run_id: int, problem: str = "", typed: str = "", status: int = 200) -> Response:
    with session() as db:
        run = db.get(Run, run_id)
        if run is None:
            abort(404)
        counts = counts_of(run)
        told_at_once = run.state is RunState.ACCEPTED or counts.kept <= _SHORT
        facts: dict[str, Any] = {
            "run": run,
            "platform": db.get_one(Platform, run.platform_id),
            "who": db.get(Agent, run.decided_by) if run.decided_by else None,
            "figures": figures(run),
            "fills": [(FIELDS.get(name, name), filled, filled / max(counts.kept, 1)) for name, filled in counts.filled.items()],
            "groups": issue_groups(db, run_id),
            "found": differences(db, run) if told_at_once or request.args.get("ecarts") else None,
            "told": told_at_once or bool(request.args.get("ecarts")),
            "fault": why_not_accept(db, run),
        }
    facts |= {"reasons": run.verdict.split(" ; ") if run.verdict else [], "documents": run.documents[:_DOCUMENTS]}
    told = {"at": datetime.now(UTC), "agent": agent, "problem": problem, "typed": typed, "longest": LONGEST_REASON}
    words = {"states": STATES, "outcomes": OUTCOMES_OF_RUNS, "fields": FIELDS, "shown": SHOWN}
    return make_response(render_template("staff/run.html", **told, **facts, **words), status)


@pages.get(f"/collectes/<{FILM_ID}:run_id>")
@for_readers
def one(agent: Agent, run_id: int) -> Response:
    """One run: its figures, its issues, what it changes, and what may be done of it."""
    return _page(agent, run_id)


def _decide(agent: Agent, run_id: int, act: Act) -> AnyResponse:
    """Does something of a run while nothing is collected of its platform; the same page says why when it cannot be."""
    with session() as db:
        run = db.get(Run, run_id)
        slug = db.get_one(Platform, run.platform_id).slug if run else abort(404)
    try:
        with (
            hold(engine(), f"crawl-{slug}", "une collecte de ce service est en cours, réessayez ensuite"),
            writing(engine()) as db,
        ):
            act(db, find_run(db, run_id))
    except Problem as problem:
        return _page(agent, run_id, tell_problem(problem), request.form.get("raison", ""), 409)
    return redirect(url_for(".one", run_id=run_id), 303)


@pages.post(f"/collectes/<{FILM_ID}:run_id>/accepter")
@for_managers
def accept(agent: Agent, run_id: int) -> AnyResponse:
    """Believes a held run."""
    reason, now = request.form.get("raison", ""), datetime.now(UTC)
    return _decide(agent, run_id, lambda db, run: accept_held(db, run, reason, now, agent))


@pages.post(f"/collectes/<{FILM_ID}:run_id>/refuser")
@for_managers
def reject(agent: Agent, run_id: int) -> AnyResponse:
    """Does not believe it."""
    reason, now = request.form.get("raison", ""), datetime.now(UTC)
    return _decide(agent, run_id, lambda db, run: reject_held(db, run, reason, now, agent))


@pages.post(f"/collectes/<{FILM_ID}:run_id>/remettre")
@for_managers
def put_back(agent: Agent, run_id: int) -> AnyResponse:
    """Takes a rejection back."""
    return _decide(agent, run_id, lambda db, run: hold_again(db, run, datetime.now(UTC), agent))
