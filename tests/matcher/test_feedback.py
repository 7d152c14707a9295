"""A judgement teaches: what a person said stands, is never proposed again, and is asked anew only for a new reason."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.common.enums import CaseCause, Verdict
from domain.db.engine import lock_tables, read_session, write_session
from domain.linking.judgements import get_live_judgement
from domain.models.agent import Agent, AuditLine
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.judgement import Candidate, Judgement
from domain.models.review_case import ReviewCase
from domain.review.queue import get_open_cases
from domain.review.resolve import CaseAnswer, resolve_case
from matcher.match_database import match_database
from tests.domain.builders import collect_run, make_observation, make_platform, make_rental
from tests.domain.review_scene import make_agent
from tests.matcher.test_match_database import film

DAY = datetime(2026, 11, 23, tzinfo=UTC)
PERSEPOLIS = make_observation("2", "Persepolis", make_rental(), year=2007, directors=["Gabrielle Lopes Benites"])


def match(engine: Engine) -> None:
    match_database(engine, lambda line: None)


def recollected(engine: Engine, **facts: object) -> None:
    with write_session(engine) as session:
        line = make_observation(
            "2", "Persepolis", make_rental(), **({"year": 2007, "directors": ["Gabrielle Lopes Benites"]} | facts)
        )
        collect_run(session, make_platform(session), [line], DAY)


def answered(engine: Engine, answer: CaseAnswer, film_id: int | None = None) -> None:
    with write_session(engine) as session:
        agent = session.exec(select(Agent)).first() or make_agent(session)
        case = session.exec(select(ReviewCase).where(col(ReviewCase.closed_at).is_(None))).one()
        resolve_case(session, case.id or 0, agent, answer, film_id, datetime.now(UTC))


@pytest.fixture
def doubted(engine: Engine) -> Engine:
    """Persepolis, whose director the platform gets wrong, waits at the desk."""
    with write_session(engine) as session:
        film(session, 1, "Persepolis", 2007, "Marjane Satrapi")
        collect_run(session, make_platform(session), [PERSEPOLIS])
    match(engine)
    return engine


def cases(engine: Engine) -> list[tuple[CaseCause, int | None]]:
    with read_session(engine) as session:
        return [(case.cause, case.film_id) for case in get_open_cases(session).values()]


def get_live_verdict(session: Session) -> tuple[Verdict, int | None, bool]:
    entry = session.exec(select(Entry)).one()
    live = get_live_judgement(session, entry.id or 0)
    assert live is not None
    return live.verdict, live.film_id, live.by_person


def test_a_doubt_waits_at_the_desk_once(doubted: Engine) -> None:
    assert cases(doubted) == [(CaseCause.DOUBT, 1)]
    match(doubted)
    assert cases(doubted) == [(CaseCause.DOUBT, 1)]


def test_a_doubt_that_is_over_leaves_the_desk(doubted: Engine) -> None:
    recollected(doubted, directors=["Marjane Satrapi"])
    match(doubted)
    assert cases(doubted) == []
    with read_session(doubted) as session:
        assert [line.action for line in session.exec(select(AuditLine))] == ["withdrawn"]


def test_the_platforms_number_is_bound_to_the_film_from_run_to_run(doubted: Engine) -> None:
    answered(doubted, CaseAnswer.SAME, 1)
    recollected(doubted)
    match(doubted)
    with read_session(doubted) as session:
        assert get_live_verdict(session) == (Verdict.SAME, 1, True)
    assert cases(doubted) == []


def test_a_film_rejected_is_never_proposed_again(doubted: Engine) -> None:
    answered(doubted, CaseAnswer.NONE)
    recollected(doubted, directors=["Marjane Satrapi"])
    match(doubted)
    assert cases(doubted) == []
    with read_session(doubted) as session:
        assert get_live_verdict(session) == (Verdict.NONE, None, True)


def test_an_entry_that_changes_so_that_the_matcher_disagrees_returns_and_the_persons_word_stands(doubted: Engine) -> None:
    answered(doubted, CaseAnswer.SAME, 1)
    with write_session(doubted) as session:
        film(session, 2, "Persepolis", 1975, "Ari Folman")
    recollected(doubted, year=1975, directors=["Ari Folman"])
    match(doubted)
    assert cases(doubted) == [(CaseCause.DISAGREEMENT, 2)]
    with read_session(doubted) as session:
        assert get_live_verdict(session) == (Verdict.SAME, 1, True)
    answered(doubted, CaseAnswer.SAME, 1)
    match(doubted)
    assert cases(doubted) == []


def test_a_new_film_reopens_only_the_entries_it_may_concern(doubted: Engine) -> None:
    answered(doubted, CaseAnswer.NONE)
    with write_session(doubted) as session:
        film(session, 2, "Zéro de conduite", 1933, "Jean Vigo")
    match(doubted)
    assert cases(doubted) == []
    with write_session(doubted) as session:
        film(session, 3, "Persepolis", 2007, "Gabrielle Lopes Benites")
        newer = session.get_one(Film, 3)
        newer.updated_at = datetime.now(UTC) + timedelta(seconds=1)
    match(doubted)
    assert cases(doubted) == [(CaseCause.DISAGREEMENT, 3)]


def test_the_films_put_forward_are_those_of_the_question(doubted: Engine) -> None:
    with read_session(doubted) as session:
        assert session.exec(select(Candidate.film_id)).all() == [1]


def test_an_answer_given_while_the_matcher_writes_waits_and_stands(doubted: Engine) -> None:
    with ThreadPoolExecutor(1) as pool:
        with write_session(doubted) as session:
            lock_tables(session, Judgement, ReviewCase)
            answering = pool.submit(answered, doubted, CaseAnswer.SAME, 1)
            with pytest.raises(TimeoutError):
                answering.result(timeout=0.5)
        answering.result(timeout=10)
    with read_session(doubted) as session:
        assert get_live_verdict(session) == (Verdict.SAME, 1, True)
