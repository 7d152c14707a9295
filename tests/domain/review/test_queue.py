"""The queue: one agent a case, the best known films first, filters, and cases given back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import Engine

from domain.common.enums import CaseCause
from domain.db.engine import read_session, write_session
from domain.review.queue import CLAIM_DURATION, CaseFilter, claim_cases, count_open_cases
from tests.domain.builders import NOON
from tests.domain.review_scene import make_agent, make_doubtful_cases, make_known_film

TITLES = [f"Titre {rank}" for rank in range(12)]


def prepared(engine: Engine) -> list[int]:
    """Twelve cases and two agents."""
    with write_session(engine) as session:
        for rank in (1, 2):
            make_known_film(session, rank, f"Film {rank}", 1967)
        make_doubtful_cases(session, TITLES)
        return [make_agent(session, login).id or 0 for login in ("camille", "sacha")]


def claimed(engine: Engine, agent_id: int, wanted: CaseFilter = CaseFilter(), at: timedelta = timedelta(0)) -> list[int]:  # noqa: B008
    with write_session(engine) as session:
        return [case.id or 0 for case in claim_cases(session, agent_id, wanted, NOON + at)]


def test_two_agents_never_get_the_same_case(engine: Engine) -> None:
    camille, sacha = prepared(engine)
    first, second = claimed(engine, camille), claimed(engine, sacha)
    assert len(first) == len(second) == 2 and not set(first) & set(second)
    assert claimed(engine, camille) == first


def test_agents_asking_at_the_same_moment_share_nothing(engine: Engine) -> None:
    prepared(engine)
    with write_session(engine) as session:
        agents = [make_agent(session, f"agent{rank}").id or 0 for rank in range(5)]
    with ThreadPoolExecutor(5) as pool:
        handed = list(pool.map(lambda agent: claimed(engine, agent), agents))
    together = [case for cases in handed for case in cases]
    assert len(together) == len(set(together)) == 10


def test_a_case_left_on_screen_goes_to_another_agent_in_the_end(engine: Engine) -> None:
    camille, sacha = prepared(engine)
    first = claimed(engine, camille)
    assert claimed(engine, sacha, at=CLAIM_DURATION + timedelta(seconds=1)) == first


def test_known_films_come_first_and_filters_narrow_the_queue(engine: Engine) -> None:
    camille, sacha = prepared(engine)
    with write_session(engine) as session:
        cases = claim_cases(session, camille, CaseFilter(), NOON, limit=20)
        cases[7].popularity, cases[3].cause, cases[4].doubt = 90.0, CaseCause.AUDIT, "rivals"
        famous, audited, rivals = (cases[place].id for place in (7, 3, 4))
        for case in cases:
            case.claimed_by = case.claimed_until = None
    assert claimed(engine, camille)[0] == famous
    assert claimed(engine, camille, CaseFilter(known_only=True)) == [famous]
    assert claimed(engine, camille, CaseFilter(cause=CaseCause.AUDIT)) == [audited]
    assert claimed(engine, camille, CaseFilter(doubt="rivals")) == [rivals]
    assert claimed(engine, camille, CaseFilter(platform_id=99)) == []
    assert famous in claimed(engine, sacha)


def test_cases_are_counted_by_cause(engine: Engine) -> None:
    prepared(engine)
    with read_session(engine) as session:
        assert count_open_cases(session)[CaseCause.DOUBT] == 12
