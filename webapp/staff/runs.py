"""Show agents the runs of collection, and one with what it changes, to be accepted or rejected."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from domain.accounts.audit_trail import MAX_REASON_LENGTH
from domain.common.enums import RunState
from domain.common.errors import UserError
from domain.db.engine import write_session
from domain.db.locks import get_crawl_lock, hold_lock
from domain.models.agent import Agent
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.acceptance import accept_held_run, get_acceptance_blocker, reject_held_run, undo_run_rejection
from domain.runs.hold_reasons import format_hold_reasons, get_hold_reasons
from domain.runs.preview import compute_run_differences
from domain.runs.run_issues import group_issues
from domain.runs.run_report import list_run_figures
from domain.runs.runs import STATE_LABELS, get_run, get_run_counts, list_runs
from webapp.core.context import FILM_ID_CONVERTER as ID_CONVERTER
from webapp.core.context import format_problem, get_engine, open_db_session
from webapp.staff.auth import STAFF_PREFIX, require_manager, require_reader
from webapp.staff.labels import FIELDS, RUN_OUTCOMES
from webapp.staff.lookups import find_row
from webapp.staff.pages import LOOKAHEAD_LIMIT, get_offset, make_page, read_choice, read_page_number, render_staff_page

bp = Blueprint("staff_runs", __name__, url_prefix=STAFF_PREFIX)
_MAX_DOCUMENTS = 100
_MAX_COMPARED_ROWS = 20_000
"""Rows compared with the live catalogue without being asked to: about two seconds."""
RunDecision = Callable[[Session, Run], None]


@bp.get("/collectes")
@require_reader
def show_runs(agent: Agent) -> Response:
    """List the runs of a service (`service`), in a state (`etat`), or all; the last first."""
    page_number = read_page_number()
    state = read_choice("etat", RunState)
    with open_db_session() as db:
        platforms = db.exec(select(Platform).order_by(col(Platform.name))).all()
        chosen = next((platform for platform in platforms if platform.slug == request.args.get("service")), None)
        runs = list_runs(db, get_offset(page_number), LOOKAHEAD_LIMIT, chosen.id if chosen else None, state)
    page = make_page(page_number, runs).map_rows(lambda row: (*row, get_run_counts(row[0])))
    context = {
        "page": page,
        "args": {"service": chosen.slug if chosen else None, "etat": state},
        "platforms": [platform for platform in platforms if _has_runs(platform) or platform is chosen],
        "chosen": chosen,
        "state": state,
        "states": STATE_LABELS,
    }
    return render_staff_page("staff/runs.html", agent, context)


def _has_runs(platform: Platform) -> bool:
    """Return whether a service is collected, or was."""
    return platform.current_run_id is not None or not platform.blocked


@bp.get(f"/collectes/<{ID_CONVERTER}:run_id>")
@require_reader
def show_run(agent: Agent, run_id: int) -> Response:
    """Show one run: its figures, its issues, what it changes, and what may be decided of it."""
    return _render_run(agent, run_id)


def _render_run(agent: Agent, run_id: int, problem: str = "", typed: str = "") -> Response:
    with open_db_session() as db:
        run = db.get(Run, run_id) or abort(404)
        context = _load_run_context(db, run) | _load_differences(db, run)
    context |= {
        "problem": problem,
        "typed": typed,
        "max_length": MAX_REASON_LENGTH,
        "states": STATE_LABELS,
        "outcomes": RUN_OUTCOMES,
        "fields": FIELDS,
    }
    return render_staff_page("staff/run.html", agent, context)


def _load_run_context(db: Session, run: Run) -> dict[str, Any]:
    assert run.id is not None
    return {
        "run": run,
        "platform": db.get_one(Platform, run.platform_id),
        "decider": find_row(db, Agent, run.decided_by),
        "figures": list_run_figures(run),
        "fill_rates": _list_fill_rates(run),
        "issue_groups": group_issues(db, run.id),
        "acceptance_blocker": get_acceptance_blocker(db, run),
        "reasons": format_hold_reasons(get_hold_reasons(run)),
        "documents": run.documents[:_MAX_DOCUMENTS],
    }


def _list_fill_rates(run: Run) -> list[tuple[str, int, float]]:
    """Return, for each field, its label, how many accepted rows have it, and their share from 0 to 1."""
    counts = get_run_counts(run)
    total = max(counts.kept, 1)
    return [(FIELDS.get(name, name), filled, filled / total) for name, filled in counts.filled.items()]


def _load_differences(db: Session, run: Run) -> dict[str, Any]:
    """Return what the run changes, unless it is large and nobody asked for the comparison (`ecarts`)."""
    is_quick = run.state is RunState.ACCEPTED or get_run_counts(run).kept <= _MAX_COMPARED_ROWS
    if not (is_quick or request.args.get("ecarts")):
        return {"is_compared": False, "differences": None}
    return {"is_compared": True, "differences": compute_run_differences(db, run)}


@bp.post(f"/collectes/<{ID_CONVERTER}:run_id>/accepter")
@require_manager
def accept_run(agent: Agent, run_id: int) -> AnyResponse:
    """Accept a held run: what it saw is published."""

    def accept(db: Session, run: Run) -> None:
        accept_held_run(db, run, request.form.get("raison", ""), datetime.now(UTC), agent)

    return _apply_decision(agent, run_id, accept)


@bp.post(f"/collectes/<{ID_CONVERTER}:run_id>/refuser")
@require_manager
def reject_run(agent: Agent, run_id: int) -> AnyResponse:
    """Reject a held run."""

    def reject(db: Session, run: Run) -> None:
        reject_held_run(db, run, request.form.get("raison", ""), datetime.now(UTC), agent)

    return _apply_decision(agent, run_id, reject)


@bp.post(f"/collectes/<{ID_CONVERTER}:run_id>/remettre")
@require_manager
def undo_rejection(agent: Agent, run_id: int) -> AnyResponse:
    """Hold a rejected run again."""

    def undo(db: Session, run: Run) -> None:
        undo_run_rejection(db, run, datetime.now(UTC), agent)

    return _apply_decision(agent, run_id, undo)


def _apply_decision(agent: Agent, run_id: int, decide: RunDecision) -> AnyResponse:
    """Decide of a run while nothing is collected of its service; the same page says why when it cannot be."""
    with open_db_session() as db:
        run = db.get(Run, run_id) or abort(404)
        slug = db.get_one(Platform, run.platform_id).slug
    busy_message = "une collecte de ce service est en cours, réessayez ensuite"
    try:
        with hold_lock(get_engine(), get_crawl_lock(slug), busy_message), write_session(get_engine()) as db:
            decide(db, get_run(db, run_id))
    except UserError as error:
        return _render_run(agent, run_id, format_problem(error), request.form.get("raison", ""))
    return redirect(url_for(".show_run", run_id=run_id), 303)
