"""Collections as agents see them: all of them, and one with what it changes, to be accepted or rejected."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from domain.accounts.audit_trail import MAX_REASON_LENGTH
from domain.common.enums import RunState
from domain.common.errors import UserError
from domain.db.engine import write_session
from domain.db.locks import hold_lock
from domain.models.agent import Agent
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.acceptance import accept_held_run, get_acceptance_blocker, reject_held_run, undo_run_rejection
from domain.runs.hold_reasons import format_hold_reasons, format_verdict, get_hold_reasons
from domain.runs.preview import MAX_SAMPLES, compute_run_differences
from domain.runs.run_issues import group_issues
from domain.runs.run_report import list_run_figures
from domain.runs.runs import STATE_LABELS, get_run, get_run_counts, list_runs
from webapp.core.context import FILM_ID_CONVERTER, format_problem, get_engine, open_db_session
from webapp.core.french import format_money
from webapp.core.pagination import parse_page
from webapp.staff.auth import STAFF_PREFIX, require_manager, require_reader
from webapp.staff.labels import FIELDS, RUN_OUTCOMES

bp = Blueprint("staff_runs", __name__, url_prefix=STAFF_PREFIX)
bp.add_app_template_filter(format_money, "euros")
bp.add_app_template_filter(format_verdict)
_PAGE_SIZE, _MAX_DOCUMENTS = 50, 100
_MAX_COMPARED_ROWS = 20_000
"""Lines that are compared with the live catalogue unasked: about two seconds."""
RunDecision = Callable[[Session, Run], None]


@bp.get("/collectes")
@require_reader
def show_runs(agent: Agent) -> Response:
    """The runs of a service (`service`), in a state (`etat`), or all; the last first."""
    number, asked = parse_page(request.args.get("page", "1")), request.args.get("etat", "")
    state = RunState(asked) if asked in list(RunState) else None
    with open_db_session() as db:
        platforms = db.exec(select(Platform).order_by(col(Platform.name))).all()
        chosen = next((one for one in platforms if one.slug == request.args.get("service")), None)
        found = list_runs(db, (number - 1) * _PAGE_SIZE, _PAGE_SIZE + 1, chosen.id if chosen else None, state)
    rows = [(run, platform, get_run_counts(run)) for run, platform in found[:_PAGE_SIZE]]
    told: dict[str, Any] = {
        "at": datetime.now(UTC),
        "agent": agent,
        "rows": rows,
        "more": len(found) > _PAGE_SIZE,
        "page": number,
    }
    told |= {"platforms": [one for one in platforms if one.current_run_id or one is chosen or not one.blocked]}
    args = {"service": chosen.slug if chosen else None, "etat": state}
    return make_response(render_template("staff/runs.html", **told, chosen=chosen, state=state, states=STATE_LABELS, args=args))


def _render_run(agent: Agent, run_id: int, problem: str = "", typed: str = "", status: int = 200) -> Response:
    with open_db_session() as db:
        run = db.get(Run, run_id)
        if run is None:
            abort(404)
        counts = get_run_counts(run)
        told_at_once = run.state is RunState.ACCEPTED or counts.kept <= _MAX_COMPARED_ROWS
        facts: dict[str, Any] = {
            "run": run,
            "platform": db.get_one(Platform, run.platform_id),
            "who": db.get(Agent, run.decided_by) if run.decided_by else None,
            "figures": list_run_figures(run),
            "fills": [(FIELDS.get(name, name), filled, filled / max(counts.kept, 1)) for name, filled in counts.filled.items()],
            "groups": group_issues(db, run_id),
            "found": compute_run_differences(db, run) if told_at_once or request.args.get("ecarts") else None,
            "told": told_at_once or bool(request.args.get("ecarts")),
            "fault": get_acceptance_blocker(db, run),
        }
    facts |= {"reasons": format_hold_reasons(get_hold_reasons(run)), "documents": run.documents[:_MAX_DOCUMENTS]}
    told = {"at": datetime.now(UTC), "agent": agent, "problem": problem, "typed": typed, "longest": MAX_REASON_LENGTH}
    words = {"states": STATE_LABELS, "outcomes": RUN_OUTCOMES, "fields": FIELDS, "shown": MAX_SAMPLES}
    return make_response(render_template("staff/run.html", **told, **facts, **words), status)


@bp.get(f"/collectes/<{FILM_ID_CONVERTER}:run_id>")
@require_reader
def show_run(agent: Agent, run_id: int) -> Response:
    """One run: its figures, its issues, what it changes, and what may be done of it."""
    return _render_run(agent, run_id)


def _apply_decision(agent: Agent, run_id: int, act: RunDecision) -> AnyResponse:
    """Does something of a run while nothing is collected of its platform; the same page says why when it cannot be."""
    with open_db_session() as db:
        run = db.get(Run, run_id)
        slug = db.get_one(Platform, run.platform_id).slug if run else abort(404)
    try:
        with (
            hold_lock(get_engine(), f"crawl-{slug}", "une collecte de ce service est en cours, réessayez ensuite"),
            write_session(get_engine()) as db,
        ):
            act(db, get_run(db, run_id))
    except UserError as problem:
        return _render_run(agent, run_id, format_problem(problem), request.form.get("raison", ""), 409)
    return redirect(url_for(".show_run", run_id=run_id), 303)


@bp.post(f"/collectes/<{FILM_ID_CONVERTER}:run_id>/accepter")
@require_manager
def accept_run(agent: Agent, run_id: int) -> AnyResponse:
    """Believes a held run."""
    reason, now = request.form.get("raison", ""), datetime.now(UTC)
    return _apply_decision(agent, run_id, lambda db, run: accept_held_run(db, run, reason, now, agent))


@bp.post(f"/collectes/<{FILM_ID_CONVERTER}:run_id>/refuser")
@require_manager
def reject_run(agent: Agent, run_id: int) -> AnyResponse:
    """Does not believe it."""
    reason, now = request.form.get("raison", ""), datetime.now(UTC)
    return _apply_decision(agent, run_id, lambda db, run: reject_held_run(db, run, reason, now, agent))


@bp.post(f"/collectes/<{FILM_ID_CONVERTER}:run_id>/remettre")
@require_manager
def undo_rejection(agent: Agent, run_id: int) -> AnyResponse:
    """Takes a rejection back."""
    return _apply_decision(agent, run_id, lambda db, run: undo_run_rejection(db, run, datetime.now(UTC), agent))
