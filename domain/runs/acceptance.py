"""A believed run becomes the live state: entries, offers and their periods, in the caller's one transaction."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from domain.accounts.audit_trail import note, read_reason
from domain.common.enums import Outcome, RunState
from domain.common.errors import Problem
from domain.models.agent import Agent
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.observation import Observed
from domain.runs.offer_periods import close_absent, close_withdrawn, forget_loaded, move_lines
from domain.runs.page_reads import keep_reads
from domain.runs.run_stats import compared, fullest_before
from domain.runs.runs import close_held, counts_of, drop_observations, last_accepted, observation_batches
from domain.runs.validation import Expect, doubts


def settle(session: Session, run: Run, expect: Expect, outcome: Outcome, now: datetime, delta: bool = False) -> list[str]:
    """Ends an observed run: accepted when believable, held when not. Returns why it is held.

    A delta is judged as the whole catalogue that it leads to, and ends « partial »: what it does not name is neither seen nor
    absent.
    """
    reasons = reasons_to_hold(session, run, expect, outcome)
    ended = Outcome.PARTIAL if delta else outcome
    if reasons:
        said = [run.verdict] if run.verdict else []
        close_held(session, run, ended, " ; ".join([*said, *reasons]), now)
    else:
        run.outcome = ended
        accept(session, run, now)
    return reasons


def reasons_to_hold(
    session: Session, run: Run, expect: Expect, outcome: Outcome, lines: Mapping[str, Observed] | None = None
) -> list[str]:
    """Why a run is held, in French; empty when it may be believed. Completes its counts by comparison.

    `lines`, by ref, are those of a run that is only rehearsed; a true one has stored its own.
    """
    assert run.id is not None or lines is not None
    batches = [tuple(lines.values())] if lines is not None else observation_batches(session, run.id or 0)
    counts = compared(session, run, batches)
    run.counts = counts.model_dump()
    return doubts(expect, outcome, counts, fullest_before(session, run))


def accept_held(session: Session, run: Run, reason: str, now: datetime, agent: Agent | None = None) -> None:
    """A person believes a run that was held, or even rejected since, and says why; `agent` is None on the command line.

    Raises Problem without a reason, or when there is nothing to accept.
    """
    told = read_reason(reason)
    if fault := why_not_accept(session, run):
        raise Problem(fault)
    before = _standing(session, run)
    run.reason, run.decided_by = told, agent.id if agent else None
    accept(session, run, now)
    _note(session, run, agent, "run-accepted", now, before)


def why_not_accept(session: Session, run: Run) -> str | None:
    """Why a run cannot be accepted by a person, in French; None when it can."""
    if run.state not in (RunState.HELD, RunState.REJECTED):
        return f"collecte {run.id} : elle n'est pas en attente, il n'y a rien à accepter"
    if not counts_of(run).kept:
        return f"collecte {run.id} : elle n'a gardé aucun titre, l'accepter viderait le catalogue"
    newer = last_accepted(session, run.platform_id)
    if newer is not None and run.id is not None and newer.id is not None and newer.id > run.id:
        return f"collecte {run.id} : la collecte {newer.id}, plus récente, a déjà été acceptée"
    return None


def reject_held(session: Session, run: Run, reason: str, now: datetime, agent: Agent | None = None) -> None:
    """A person does not believe a held run and says why: nothing of it is shown, and it waits no more.

    Raises Problem without a reason, or when the run is not held.
    """
    told = read_reason(reason)
    if run.state is not RunState.HELD:
        raise Problem(f"collecte {run.id} : elle n'est pas en attente, il n'y a rien à refuser")
    before = _standing(session, run)
    run.state, run.reason, run.decided_by = RunState.REJECTED, told, agent.id if agent else None
    session.add(run)
    _note(session, run, agent, "run-rejected", now, before)


def hold_again(session: Session, run: Run, now: datetime, agent: Agent | None = None) -> None:
    """Takes a rejection back: the run waits again. Raises Problem when it was not rejected."""
    if run.state is not RunState.REJECTED:
        raise Problem(f"collecte {run.id} : elle n'a pas été refusée")
    before = _standing(session, run)
    run.state, run.reason, run.decided_by = RunState.HELD, None, None
    session.add(run)
    _note(session, run, agent, "run-held-again", now, before)


def _standing(session: Session, run: Run) -> dict[str, object]:
    """What a person's word on a run may change: its state, the reason, and which run of the platform is shown."""
    current = session.get_one(Platform, run.platform_id).current_run_id
    return {"state": run.state.value, "reason": run.reason, "current_run": current}


def _note(
    session: Session, run: Run, agent: Agent | None, action: str, now: datetime, before: dict[str, object]
) -> None:  # fmt: skip
    who, after = agent.id if agent else None, _standing(session, run)
    note(session, now, who, action, run_id=run.id, platform_id=run.platform_id, before=before, after=after)


def accept(session: Session, run: Run, now: datetime) -> None:
    """Moves what the run saw into the live tables and makes it the platform's current run."""
    assert run.id is not None
    session.flush()
    for lines in observation_batches(session, run.id):
        move_lines(session, run, lines)
    keep_reads(session, run)
    if run.outcome is Outcome.COMPLETE:
        close_absent(session, run)
    close_withdrawn(session, run)
    forget_loaded(session)
    run.state, run.ended = RunState.ACCEPTED, now
    session.add(run)
    platform = session.get_one(Platform, run.platform_id)
    platform.current_run_id = run.id
    session.add(platform)
    drop_observations(session, run)
