"""Accept, hold or reject a run, and apply an accepted one to the live catalogue in the caller's transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from domain.accounts.audit_trail import log_audit_event, parse_reason
from domain.common.enums import Outcome, RunState
from domain.common.errors import UserError
from domain.models.agent import Agent
from domain.models.columns import get_id
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.hold_reasons import HoldReason, get_hold_reasons
from domain.runs.observation import ObservedEntry
from domain.runs.offer_periods import apply_entry_plans, close_offers, expire_loaded_rows
from domain.runs.page_reads import promote_page_reads
from domain.runs.run_plan import RunPlanner
from domain.runs.run_stats import compare_with_catalogue, get_baseline_counts
from domain.runs.runs import delete_observations, get_last_accepted_run, get_run_counts, hold_run, iter_observation_batches
from domain.runs.validation import RunExpectations, check_counts


def end_run(
    session: Session, run: Run, expect: RunExpectations, outcome: Outcome, now: datetime, delta: bool = False
) -> list[HoldReason]:
    """End an observed run: accept it when its counts are as expected, else hold it. Returns why it is held.

    A delta is checked as the whole catalogue that it leads to, but ends as a partial run: titles that it does not name count
    neither as seen nor as absent.
    """
    reasons = find_hold_reasons(session, run, expect, outcome)
    final_outcome = Outcome.PARTIAL if delta else outcome
    if reasons:
        hold_run(session, run, final_outcome, [*get_hold_reasons(run), *reasons], now)
    else:
        run.outcome = final_outcome
        accept_run(session, run, now)
    return reasons


def find_hold_reasons(
    session: Session,
    run: Run,
    expect: RunExpectations,
    outcome: Outcome,
    observations: Mapping[str, ObservedEntry] | None = None,
) -> list[HoldReason]:
    """List why a run must be held, empty when it may be accepted. Completes the run's counts on the way.

    `observations`, by ref, are those of a run that is only rehearsed; a true run has stored its own.
    """
    counts = compare_with_catalogue(session, run, _iter_batches(session, run, observations))
    run.counts = counts.model_dump()
    return check_counts(expect, outcome, counts, get_baseline_counts(session, run))


def _iter_batches(
    session: Session, run: Run, observations: Mapping[str, ObservedEntry] | None
) -> Iterable[Sequence[ObservedEntry]]:
    if observations is None:
        return iter_observation_batches(session, get_id(run))
    return [list(observations.values())]


def accept_held_run(session: Session, run: Run, reason: str, now: datetime, agent: Agent | None = None) -> None:
    """Accept a held or rejected run, as a person decided; `agent` is None on the command line.

    Raises UserError without a reason, or when the run cannot be accepted.
    """
    stated_reason = parse_reason(reason)
    blocker = get_acceptance_blocker(session, run)
    if blocker is not None:
        raise UserError(blocker)
    before = _snapshot_decision(session, run)
    _set_decision(run, stated_reason, agent)
    accept_run(session, run, now)
    _log_run_decision(session, run, agent, "run-accepted", now, before)


def get_acceptance_blocker(session: Session, run: Run) -> str | None:
    """Return why a person cannot accept the run, in French; None when it can be accepted."""
    if run.state not in (RunState.HELD, RunState.REJECTED):
        return f"collecte {run.id} : elle n'est pas en attente, il n'y a rien à accepter"
    if not get_run_counts(run).kept:
        return f"collecte {run.id} : elle n'a gardé aucun titre, l'accepter viderait le catalogue"
    accepted = get_last_accepted_run(session, run.platform_id)
    if accepted is not None and get_id(accepted) > get_id(run):
        return f"collecte {run.id} : la collecte {accepted.id}, plus récente, a déjà été acceptée"
    return None


def reject_held_run(session: Session, run: Run, reason: str, now: datetime, agent: Agent | None = None) -> None:
    """Reject a held run, as a person decided: it waits no more and nothing of it is shown.

    Raises UserError without a reason, or when the run is not held.
    """
    stated_reason = parse_reason(reason)
    if run.state is not RunState.HELD:
        raise UserError(f"collecte {run.id} : elle n'est pas en attente, il n'y a rien à refuser")
    before = _snapshot_decision(session, run)
    run.state = RunState.REJECTED
    _set_decision(run, stated_reason, agent)
    session.add(run)
    _log_run_decision(session, run, agent, "run-rejected", now, before)


def undo_run_rejection(session: Session, run: Run, now: datetime, agent: Agent | None = None) -> None:
    """Put a rejected run back among those that wait. Raises UserError when it was not rejected."""
    if run.state is not RunState.REJECTED:
        raise UserError(f"collecte {run.id} : elle n'a pas été refusée")
    before = _snapshot_decision(session, run)
    run.state = RunState.HELD
    _set_decision(run, None, None)
    session.add(run)
    _log_run_decision(session, run, agent, "run-held-again", now, before)


def _set_decision(run: Run, reason: str | None, agent: Agent | None) -> None:
    run.reason = reason
    run.decided_by = agent.id if agent else None


def _snapshot_decision(session: Session, run: Run) -> dict[str, object]:
    """Return what a decision may change, for the audit trail."""
    platform = session.get_one(Platform, run.platform_id)
    return {"state": run.state.value, "reason": run.reason, "current_run": platform.current_run_id}


def _log_run_decision(
    session: Session, run: Run, agent: Agent | None, action: str, now: datetime, before: dict[str, object]
) -> None:
    agent_id = agent.id if agent else None
    after = _snapshot_decision(session, run)
    log_audit_event(session, now, agent_id, action, run_id=run.id, platform_id=run.platform_id, before=before, after=after)


def accept_run(session: Session, run: Run, now: datetime) -> None:
    """Move what the run observed into the live tables and make it the platform's current run."""
    session.flush()
    planner = RunPlanner(session, run)
    for plans in planner.iter_batches():
        apply_entry_plans(session, run, plans)
    promote_page_reads(session, run, planner.unread_entry_ids)
    close_offers(session, run, planner.get_closings())
    expire_loaded_rows(session)
    run.state = RunState.ACCEPTED
    run.ended_at = now
    session.add(run)
    platform = session.get_one(Platform, run.platform_id)
    platform.current_run_id = run.id
    session.add(platform)
    delete_observations(session, run)
