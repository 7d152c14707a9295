"""Precision measured: the weekly draw, and the rate with its interval."""

from datetime import timedelta

import pytest
from scipy.stats import binomtest
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.common.enums import CaseCause, Verdict
from domain.db.engine import write_session
from domain.linking.judgements import record_decision, replace_candidates
from domain.models.entry import Entry
from domain.models.review_case import ReviewCase
from domain.review.queue import get_open_cases
from domain.review.resolve import CaseAnswer, resolve_case
from domain.review.sampling import LINKS_PER_WEEK, ErrorRate, get_error_rates, sample_audit_cases
from tests.domain.builders import NOON, collect_run, make_decision, make_observation, make_platform, make_proposal, make_rental
from tests.domain.review_scene import make_agent, make_known_film

SUNDAY = NOON
MONDAY = SUNDAY + timedelta(days=1)


def a_catalogue(session: Session, links: int, slug: str = "cine-exemple", silent: int = 0, far: int = 0) -> None:
    """A platform whose entries the matcher linked to film 1, or left without a film, near or far from film 2."""
    platform = make_platform(session, slug)
    places = range(links + silent + far)
    lines = [
        make_observation(f"{slug}-{place}", f"Titre {place}", make_rental(url=f"https://cine.example/{place}"))
        for place in places
    ]
    collect_run(session, platform, lines)
    for place, entry in enumerate(session.exec(select(Entry).where(Entry.platform_id == platform.id)).all()):
        linked = place < links
        verdict, film_id = (Verdict.SAME, 1) if linked else (Verdict.NONE, None)
        record_decision(session, entry.id or 0, None, make_decision(verdict, film_id, "matcher test", "essai", 0.99), NOON)
        near = [make_proposal(2, 0.3 if place < links + silent else 0.001, "titre proche +1,0", {})]
        replace_candidates(session, entry.id or 0, [] if linked else [make_proposal(1, 0.0001, "", {}), *near], "test")
    session.flush()


def the_films(session: Session) -> None:
    make_known_film(session, 1, "Playtime", 1967, 80)
    make_known_film(session, 2, "Mon oncle", 1958, 40)


def drawn(session: Session) -> dict[str, ReviewCase]:
    return {session.get_one(Entry, entry_id).ref: case for entry_id, case in get_open_cases(session).items()}


def test_each_week_some_links_of_each_platform_and_near_misses_go_to_the_desk(engine: Engine) -> None:
    with write_session(engine) as session:
        the_films(session)
        a_catalogue(session, LINKS_PER_WEEK + 7, silent=3, far=4)
        a_catalogue(session, 5, "kiosque")
        assert sample_audit_cases(session, SUNDAY) == {CaseCause.AUDIT: LINKS_PER_WEEK + 5, CaseCause.SILENT: 3}
        first = set(drawn(session))
        silent = [case for case in drawn(session).values() if case.cause is CaseCause.SILENT]
        assert {case.film_id for case in silent} == {2} and {case.popularity for case in silent} == {40}
        assert sample_audit_cases(session, SUNDAY + timedelta(hours=9)).total() == 0, "once a week"
        assert sample_audit_cases(session, MONDAY)[CaseCause.AUDIT] == 7, "those that wait are not drawn twice"
        assert len(set(drawn(session)) - first) == 7


def test_the_draw_depends_on_the_week_and_the_platform_only(engine: Engine) -> None:
    draws = []
    for now in (SUNDAY, SUNDAY - timedelta(days=3), MONDAY):
        with Session(engine.execution_options(writes=True)) as session:
            the_films(session)
            a_catalogue(session, 3 * LINKS_PER_WEEK)
            sample_audit_cases(session, now)
            draws.append(set(drawn(session)))
    assert draws[0] == draws[1] != draws[2]


def test_what_persons_decided_is_not_drawn(engine: Engine) -> None:
    with write_session(engine) as session:
        the_films(session)
        a_catalogue(session, 2)
        sample_audit_cases(session, SUNDAY)
        agent = make_agent(session)
        for case in list(drawn(session).values()):
            resolve_case(session, case.id or 0, agent, CaseAnswer.SAME, 1, SUNDAY)
        assert sample_audit_cases(session, MONDAY).total() == 0


def test_answers_make_the_rate_and_undecided_ones_are_counted_apart(engine: Engine) -> None:
    with write_session(engine) as session:
        the_films(session)
        a_catalogue(session, 6, silent=3)
        sample_audit_cases(session, SUNDAY)
        agent = make_agent(session)
        links = [case for case in drawn(session).values() if case.cause is CaseCause.AUDIT]
        silent = [case for case in drawn(session).values() if case.cause is CaseCause.SILENT]
        answers = [
            (CaseAnswer.SAME, 1),
            (CaseAnswer.SAME, 1),
            (CaseAnswer.SAME, 2),
            (CaseAnswer.NONE, None),
            (CaseAnswer.UNSURE, None),
        ]
        for case, (answer, film_id) in zip(links, answers, strict=False):
            resolve_case(session, case.id or 0, agent, answer, film_id, SUNDAY)
        for case, (answer, film_id) in zip(silent, [(CaseAnswer.MISSING, None), (CaseAnswer.SAME, 2)], strict=False):
            resolve_case(session, case.id or 0, agent, answer, film_id, SUNDAY)
        platform_id = session.exec(select(Entry.platform_id)).first()
        assert get_error_rates(session, CaseCause.AUDIT, SUNDAY) == {platform_id: ErrorRate(right=2, wrong=2, unsure=1)}
        assert get_error_rates(session, CaseCause.SILENT, SUNDAY) == {platform_id: ErrorRate(right=1, wrong=1)}
        assert get_error_rates(session, CaseCause.AUDIT, SUNDAY + timedelta(days=400)) == {}


@pytest.mark.parametrize(("wrong", "checked"), [(0, 1), (1, 1), (0, 50), (1, 50), (3, 400), (25, 50), (50, 50)])
def test_the_interval_is_that_of_clopper_and_pearson(wrong: int, checked: int) -> None:
    expected = binomtest(wrong, checked).proportion_ci(confidence_level=0.95, method="exact")
    assert ErrorRate(checked - wrong, wrong).interval == pytest.approx((expected.low, expected.high))


def test_nothing_checked_is_not_zero() -> None:
    nothing = ErrorRate(unsure=3)
    assert (nothing.checked, nothing.rate, nothing.interval) == (0, None, (0.0, 1.0))
    assert ErrorRate(9, 1, 2) + ErrorRate(1, 1, 1) == ErrorRate(10, 2, 3)
