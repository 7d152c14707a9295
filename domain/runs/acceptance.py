"""A believed run becomes the live state: entries, offers and their periods, in the caller's one transaction."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from domain.accounts.audit_trail import log_audit_event, parse_reason
from domain.common.enums import Outcome, RunState
from domain.common.errors import UserError
from domain.models.agent import Agent
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.observation import ObservedEntry
from domain.runs.offer_periods import apply_observations, close_absent_offers, close_withdrawn_offers, expire_loaded_rows
from domain.runs.page_reads import promote_page_reads
from domain.runs.run_stats import compare_with_catalogue, get_baseline_counts
from domain.runs.runs import delete_observations, get_last_accepted_run, get_run_counts, hold_run, iter_observation_batches
from domain.runs.validation import RunExpectations, check_counts


def end_run(
    session: Session, run: Run, expect: RunExpectations, outcome: Outcome, now: datetime, delta: bool = False
) -> list[str]:
    """Ends an observed run: accepted when believable, held when not. Returns why it is held.

    A delta is judged as the whole catalogue that it leads to, and ends « partial »: what it does not name is neither seen nor
    absent.
    """
    reasons = find_hold_reasons(session, run, expect, outcome)
    ended = Outcome.PARTIAL if delta else outcome
    if reasons:
        said = [run.verdict] if run.verdict else []
        hold_run(session, run, ended, " ; ".join([*said, *reasons]), now)
    else:
        run.outcome = ended
        accept_run(session, run, now)
    return reasons


def find_hold_reasons(
    session: Session, run: Run, expect: RunExpectations, outcome: Outcome, observations: Mapping[str, ObservedEntry] | None = None
) -> list[str]:
    """Why a run is held, in French; empty when it may be believed. Completes its counts by comparison.

    `lines`, by ref, are those of a run that is only rehearsed; a true one has stored its own.
    """
    assert run.id is not None or observations is not None
    batches = [tuple(observations.values())] if observations is not None else iter_observation_batches(session, run.id or 0)
    counts = compare_with_catalogue(session, run, batches)
    run.counts = counts.model_dump()
    return check_counts(expect, outcome, counts, get_baseline_counts(session, run))


def accept_held_run(session: Session, run: Run, reason: str, now: datetime, agent: Agent | None = None) -> None:
    """A person believes a run that was held, or even rejected since, and says why; `agent` is None on the command line.

    Raises Problem without a reason, or when there is nothing to accept.
    """
    told = parse_reason(reason)
    if fault := get_acceptance_blocker(session, run):
        raise UserError(fault)
    before = _snapshot_decision(session, run)
    run.reason, run.decided_by = told, agent.id if agent else None
    accept_run(session, run, now)
    _log_run_decision(session, run, agent, "run-accepted", now, before)


def get_acceptance_blocker(session: Session, run: Run) -> str | None:
    """Why a run cannot be accepted by a person, in French; None when it can."""
    if run.state not in (RunState.HELD, RunState.REJECTED):
        return f"collecte {run.id} : elle n'est pas en attente, il n'y a rien à accepter"
    if not get_run_counts(run).kept:
        return f"collecte {run.id} : elle n'a gardé aucun titre, l'accepter viderait le catalogue"
    newer = get_last_accepted_run(session, run.platform_id)
    if newer is not None and run.id is not None and newer.id is not None and newer.id > run.id:
        return f"collecte {run.id} : la collecte {newer.id}, plus récente, a déjà été acceptée"
    return None


def reject_held_run(session: Session, run: Run, reason: str, now: datetime, agent: Agent | None = None) -> None:
    """A person does not believe a held run and says why: nothing of it is shown, and it waits no more.

    Raises Problem without a reason, or when the run is not held.
    """
    told = parse_reason(reason)
    if run.state is not RunState.HELD:
        raise UserError(f"collecte {run.id} : elle n'est pas en attente, il n'y a rien à refuser")
    before = _snapshot_decision(session, run)
    run.state, run.reason, run.decided_by = RunState.REJECTED, told, agent.id if agent else None
    session.add(run)
    _log_run_decision(session, run, agent, "run-rejected", now, before)


def undo_run_rejection(session: Session, run: Run, now: datetime, agent: Agent | None = None) -> None:
    """Takes a rejection back: the run waits again. Raises Problem when it was not rejected."""
    if run.state is not RunState.REJECTED:
        raise UserError(f"collecte {run.id} : elle n'a pas été refusée")
    before = _snapshot_decision(session, run)
    run.state, run.reason, run.decided_by = RunState.HELD, None, None
    session.add(run)
    _log_run_decision(session, run, agent, "run-held-again", now, before)


def _snapshot_decision(session: Session, run: Run) -> dict[str, object]:
    """What a person's word on a run may change: its state, the reason, and which run of the platform is shown."""
    current = session.get_one(Platform, run.platform_id).current_run_id
    return {"state": run.state.value, "reason": run.reason, "current_run": current}


def _log_run_decision(
    session: Session, run: Run, agent: Agent | None, action: str, now: datetime, before: dict[str, object]
) -> None:  # fmt: skip
    who, after = agent.id if agent else None, _snapshot_decision(session, run)
    log_audit_event(session, now, who, action, run_id=run.id, platform_id=run.platform_id, before=before, after=after)


def accept_run(session: Session, run: Run, now: datetime) -> None:
    """Moves what the run saw into the live tables and makes it the platform's current run."""
    assert run.id is not None
    session.flush()
    for lines in iter_observation_batches(session, run.id):
        apply_observations(session, run, lines)
    promote_page_reads(session, run)
    if run.outcome is Outcome.COMPLETE:
        close_absent_offers(session, run)
    close_withdrawn_offers(session, run)
    expire_loaded_rows(session)
    run.state, run.ended_at = RunState.ACCEPTED, now
    session.add(run)
    platform = session.get_one(Platform, run.platform_id)
    platform.current_run_id = run.id
    session.add(platform)
    delete_observations(session, run)
