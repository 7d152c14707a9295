"""A person's word on a held run: accepted, rejected, put back; each time with its trace, and nothing shown meanwhile."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.common.enums import RunState
from domain.common.errors import Problem
from domain.db.engine import writing
from domain.models.agent import AuditLine
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.run import Run
from domain.runs.acceptance import accept_held, hold_again, reject_held, why_not_accept
from domain.runs.validation import Expect
from tests.domain.builders import NOON, a_line, a_platform, collected, rent
from tests.domain.review_scene import an_agent

BEFORE = {"state": "held", "reason": None, "current_run": None}


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with writing(engine) as session:
        yield session


def held_run(session: Session, platform: Platform | None = None) -> Run:
    return collected(session, platform or a_platform(session), [a_line("1", "Playtime", rent())], expect=Expect(min=10))


def acts(session: Session) -> list[AuditLine]:
    return list(session.exec(select(AuditLine).order_by(col(AuditLine.id))))


def test_a_rejected_run_shows_nothing_and_waits_no_more(session: Session) -> None:
    run, agent = held_run(session), an_agent(session)
    reject_held(session, run, " catalogue\ncoupé ", NOON, agent)
    assert (run.state, run.reason, run.decided_by) == (RunState.REJECTED, "catalogue coupé", agent.id)
    assert session.exec(select(Offer)).all() == []
    (line,) = acts(session)
    assert (line.action, line.agent_id, line.run_id, line.platform_id) == ("run-rejected", agent.id, run.id, run.platform_id)
    assert (line.before, line.after) == (BEFORE, {"state": "rejected", "reason": "catalogue coupé", "current_run": None})


def test_a_rejection_can_be_taken_back_or_turned_into_an_acceptance(session: Session) -> None:
    run, agent = held_run(session), an_agent(session)
    reject_held(session, run, "coupé", NOON, agent)
    hold_again(session, run, NOON, agent)
    assert (run.state, run.reason, run.decided_by) == (RunState.HELD, None, None)
    reject_held(session, run, "coupé", NOON)
    accept_held(session, run, "l'éditeur confirme", NOON, agent)
    assert (run.state, run.reason, run.decided_by) == (RunState.ACCEPTED, "l'éditeur confirme", agent.id)
    assert len(session.exec(select(Offer)).all()) == 1
    assert [line.action for line in acts(session)] == ["run-rejected", "run-held-again", "run-rejected", "run-accepted"]
    assert acts(session)[-1].after == {"state": "accepted", "reason": "l'éditeur confirme", "current_run": run.id}


def test_what_cannot_be_is_refused_and_leaves_no_trace(session: Session) -> None:
    run = held_run(session)
    with pytest.raises(Problem, match="une raison est attendue"):
        reject_held(session, run, " ", NOON)
    with pytest.raises(Problem, match="une raison est attendue"):
        reject_held(session, run, "a" * 1001, NOON)
    with pytest.raises(Problem, match="n'a pas été refusée"):
        hold_again(session, run, NOON)
    assert acts(session) == []
    accept_held(session, run, "vu", NOON)
    for act in (reject_held, accept_held):
        with pytest.raises(Problem, match="pas en attente"):
            act(session, run, "trop tard", NOON)


def test_a_rejected_run_older_than_what_is_shown_stays_rejected(session: Session) -> None:
    platform = a_platform(session)
    run = held_run(session, platform)
    reject_held(session, run, "coupé", NOON)
    newer = collected(session, platform, [a_line("1", "Playtime", rent())])
    assert why_not_accept(session, run) == f"collecte {run.id} : la collecte {newer.id}, plus récente, a déjà été acceptée"
    with pytest.raises(Problem, match="plus récente"):
        accept_held(session, run, "trop tard", NOON)
