"""A person's word on a held run: accepted, rejected, put back; each time with its trace, and nothing shown meanwhile."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.common.enums import RunState
from domain.common.errors import UserError
from domain.db.engine import write_session
from domain.models.agent import AuditLine
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.acceptance import accept_held_run, get_acceptance_blocker, reject_held_run, undo_run_rejection
from domain.runs.validation import RunExpectations
from tests.domain.builders import NOON, collect_run, make_observation, make_platform, make_rental
from tests.domain.review_scene import make_agent

BEFORE = {"state": "held", "reason": None, "current_run": None}


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with write_session(engine) as session:
        yield session


def held_run(session: Session, platform: Platform | None = None) -> Run:
    return collect_run(
        session,
        platform or make_platform(session),
        [make_observation("1", "Playtime", make_rental())],
        expect=RunExpectations(min=10),
    )


def acts(session: Session) -> list[AuditLine]:
    return list(session.exec(select(AuditLine).order_by(col(AuditLine.id))))


def test_a_rejected_run_shows_nothing_and_waits_no_more(session: Session) -> None:
    run, agent = held_run(session), make_agent(session)
    reject_held_run(session, run, " catalogue\ncoupé ", NOON, agent)
    assert (run.state, run.reason, run.decided_by) == (RunState.REJECTED, "catalogue coupé", agent.id)
    assert session.exec(select(Offer)).all() == []
    (event,) = acts(session)
    assert (event.action, event.agent_id, event.run_id, event.platform_id) == ("run-rejected", agent.id, run.id, run.platform_id)
    assert (event.before, event.after) == (BEFORE, {"state": "rejected", "reason": "catalogue coupé", "current_run": None})


def test_a_rejection_can_be_taken_back_or_turned_into_an_acceptance(session: Session) -> None:
    run, agent = held_run(session), make_agent(session)
    reject_held_run(session, run, "coupé", NOON, agent)
    undo_run_rejection(session, run, NOON, agent)
    assert (run.state, run.reason, run.decided_by) == (RunState.HELD, None, None)
    reject_held_run(session, run, "coupé", NOON)
    accept_held_run(session, run, "l'éditeur confirme", NOON, agent)
    assert (run.state, run.reason, run.decided_by) == (RunState.ACCEPTED, "l'éditeur confirme", agent.id)
    assert len(session.exec(select(Offer)).all()) == 1
    assert [event.action for event in acts(session)] == ["run-rejected", "run-held-again", "run-rejected", "run-accepted"]
    assert acts(session)[-1].after == {"state": "accepted", "reason": "l'éditeur confirme", "current_run": run.id}


def test_what_cannot_be_is_refused_and_leaves_no_trace(session: Session) -> None:
    run = held_run(session)
    with pytest.raises(UserError, match="une raison est attendue"):
        reject_held_run(session, run, " ", NOON)
    with pytest.raises(UserError, match="une raison est attendue"):
        reject_held_run(session, run, "a" * 1001, NOON)
    with pytest.raises(UserError, match="n'a pas été refusée"):
        undo_run_rejection(session, run, NOON)
    assert acts(session) == []
    accept_held_run(session, run, "vu", NOON)
    for act in (reject_held_run, accept_held_run):
        with pytest.raises(UserError, match="pas en attente"):
            act(session, run, "trop tard", NOON)


def test_a_rejected_run_older_than_what_is_shown_stays_rejected(session: Session) -> None:
    platform = make_platform(session)
    run = held_run(session, platform)
    reject_held_run(session, run, "coupé", NOON)
    newer = collect_run(session, platform, [make_observation("1", "Playtime", make_rental())])
    assert (
        get_acceptance_blocker(session, run) == f"collecte {run.id} : la collecte {newer.id}, plus récente, a déjà été acceptée"
    )
    with pytest.raises(UserError, match="plus récente"):
        accept_held_run(session, run, "trop tard", NOON)
