"""A believed run becomes the live state: entries, offers and their periods, in the caller's one transaction."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from records.catalogue import Platform, Run
from records.checks import Expect, doubts
from records.comparison import compared, fullest_before
from records.errors import Problem
from records.live_state import close_absent, close_withdrawn, forget_loaded, move_lines
from records.observed import Observed
from records.page_reads import keep_reads
from records.runs import close_held, counts_of, drop_observations, last_accepted, observation_batches
from records.vocabulary import Outcome, RunState


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


def accept_held(session: Session, run: Run, reason: str, now: datetime) -> None:
    """A person believes a held run and says why. Raises Problem without a reason, or when there is nothing to accept."""
    if not reason.strip():
        raise Problem("une raison est attendue, en quelques mots")
    if run.state is not RunState.HELD:
        raise Problem(f"collecte {run.id} : elle n'est pas en attente, il n'y a rien à accepter")
    if not counts_of(run).kept:
        raise Problem(f"collecte {run.id} : elle n'a gardé aucun titre, l'accepter viderait le catalogue")
    newer = last_accepted(session, run.platform_id)
    if newer is not None and run.id is not None and newer.id is not None and newer.id > run.id:
        raise Problem(f"collecte {run.id} : la collecte {newer.id}, plus récente, a déjà été acceptée")
    run.reason = reason.strip()
    accept(session, run, now)


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
