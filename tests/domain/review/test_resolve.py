"""A person's answer: written, learnt from, traced, and taken back whole."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.common.enums import CaseCause, TaskKind, TitleKind, Verdict
from domain.common.errors import UserError
from domain.db.engine import write_session
from domain.linking.judgements import get_live_judgement
from domain.linking.rejections import get_rejected_films
from domain.models.agent import Agent, AuditLine
from domain.models.film import Film, FilmTitle
from domain.models.judgement import Judgement
from domain.models.review_case import Rejection, ReviewCase
from domain.review.queue import CaseFilter, ReviewRequest, claim_cases, get_open_cases, request_review
from domain.review.resolve import CaseAnswer, resolve_case, undo_last_answer
from domain.tasks import list_open_tasks
from tests.domain.builders import NOON, read_author, read_provenance
from tests.domain.review_scene import make_agent, make_doubtful_cases, make_known_film

LATER = NOON + timedelta(minutes=1)


@pytest.fixture
def desk(engine: Engine) -> Iterator[tuple[Session, Agent, ReviewCase]]:
    """A case of one entry between two films, and an agent."""
    with write_session(engine) as session:
        make_known_film(session, 1, "Playtime", 1967)
        make_known_film(session, 2, "Trafic", 1971)
        yield session, make_agent(session), make_doubtful_cases(session, ["Récréation"])[0]


def live(session: Session, case: ReviewCase) -> Judgement:
    judgement = get_live_judgement(session, case.entry_id or 0)
    assert judgement is not None
    return judgement


def titles_of(session: Session, film_id: int) -> list[str]:
    return sorted(session.exec(select(FilmTitle.title).where(FilmTitle.film_id == film_id)))


def test_a_film_chosen_is_the_entrys_and_its_odd_title_an_alias(desk: tuple[Session, Agent, ReviewCase]) -> None:
    session, agent, case = desk
    resolve_case(session, case.id or 0, agent, CaseAnswer.SAME, 1, LATER, keeps_title=True)
    judgement = live(session, case)
    assert (judgement.verdict, judgement.film_id, judgement.by_person, read_author(session, judgement)) == (
        Verdict.SAME,
        1,
        True,
        "agent camille",
    )
    assert judgement.content_hash and titles_of(session, 1) == ["Playtime", "Récréation"]
    learnt = session.exec(select(FilmTitle).where(FilmTitle.title == "Récréation")).one()
    assert (learnt.kind, read_provenance(session, learnt)) == (TitleKind.ALIAS, "cine-exemple, agent camille")
    assert session.get_one(Film, 1).updated_at == LATER
    assert session.exec(select(AuditLine)).one().detail == {"title_id": learnt.id, "title": "Récréation"}
    assert (case.outcome, case.chosen_id, case.closed_by) == (Verdict.SAME, 1, agent.id)


def test_a_film_chosen_without_the_title_gains_nothing(desk: tuple[Session, Agent, ReviewCase]) -> None:
    session, agent, case = desk
    resolve_case(session, case.id or 0, agent, CaseAnswer.SAME, 1, LATER)
    assert titles_of(session, 1) == ["Playtime"] and session.get_one(Film, 1).updated_at == NOON


def test_undoing_leaves_a_title_that_became_the_films_own(desk: tuple[Session, Agent, ReviewCase]) -> None:
    session, agent, case = desk
    resolve_case(session, case.id or 0, agent, CaseAnswer.SAME, 1, LATER, keeps_title=True)
    kept = session.exec(select(FilmTitle).where(FilmTitle.title == "Récréation")).one()
    kept.kind = TitleKind.DISPLAY
    session.add(kept)
    session.flush()
    undo_last_answer(session, agent, LATER + timedelta(seconds=5))
    assert titles_of(session, 1) == ["Playtime", "Récréation"]


def test_none_of_these_rejects_what_was_shown(desk: tuple[Session, Agent, ReviewCase]) -> None:
    session, agent, case = desk
    resolve_case(session, case.id or 0, agent, CaseAnswer.NONE, None, LATER)
    assert live(session, case).verdict is Verdict.NONE
    assert {row.film_id for row in session.exec(select(Rejection))} == {1, 2}


def test_a_missing_film_is_none_and_somebody_is_asked_to_add_it(desk: tuple[Session, Agent, ReviewCase]) -> None:
    session, agent, case = desk
    resolve_case(session, case.id or 0, agent, CaseAnswer.MISSING, None, LATER)
    assert live(session, case).verdict is Verdict.NONE
    task = list_open_tasks(session)[0]
    assert task.kind is TaskKind.FILM and "Récréation, 1967" in task.message


def test_unsure_closes_the_case_without_a_film(desk: tuple[Session, Agent, ReviewCase]) -> None:
    session, agent, case = desk
    resolve_case(session, case.id or 0, agent, CaseAnswer.UNSURE, None, LATER)
    assert (live(session, case).verdict, live(session, case).by_person, case.closed_at) == (Verdict.UNSURE, True, LATER)


def test_a_case_passed_over_stays_open_and_out_of_the_way(desk: tuple[Session, Agent, ReviewCase]) -> None:
    session, agent, case = desk
    resolve_case(session, case.id or 0, agent, CaseAnswer.SKIP, None, LATER)
    assert case.closed_at is None and claim_cases(session, agent.id or 0, CaseFilter(), LATER) == []
    assert claim_cases(session, agent.id or 0, CaseFilter(), LATER + timedelta(hours=2)) == [case]


@pytest.mark.parametrize("answer", [CaseAnswer.SAME, CaseAnswer.NONE, CaseAnswer.MISSING, CaseAnswer.UNSURE])
def test_undoing_brings_everything_back_but_the_trail(desk: tuple[Session, Agent, ReviewCase], answer: CaseAnswer) -> None:
    session, agent, case = desk
    film_id = 1 if answer is CaseAnswer.SAME else None
    resolve_case(session, case.id or 0, agent, answer, film_id, LATER, keeps_title=True)
    assert undo_last_answer(session, agent, LATER + timedelta(seconds=5)).id == case.id
    judgement = live(session, case)
    assert (judgement.verdict, judgement.by_person, read_author(session, judgement)) == (Verdict.UNSURE, False, "matcher test")
    assert case.closed_at is None and not session.exec(select(Rejection)).all() and titles_of(session, 1) == ["Playtime"]
    answered, undone = session.exec(select(AuditLine).order_by(AuditLine.id)).all()  # type: ignore[arg-type]
    doubted, decided = {"verdict": "unsure", "film": None}, {"verdict": answer.verdict, "film": answered.film_id}
    assert (answered.action, answered.before, answered.after) == (answer, doubted, decided)
    assert (undone.action, undone.before, undone.after) == ("undo", decided, doubted)
    resolve_case(session, case.id or 0, agent, CaseAnswer.NONE, None, LATER + timedelta(seconds=9))
    assert live(session, case).verdict is Verdict.NONE


def test_undoing_a_missing_film_closes_the_task(desk: tuple[Session, Agent, ReviewCase]) -> None:
    session, agent, case = desk
    resolve_case(session, case.id or 0, agent, CaseAnswer.MISSING, None, LATER)
    undo_last_answer(session, agent, LATER + timedelta(seconds=5))
    assert not list_open_tasks(session)


def test_undoing_forgets_what_the_last_answer_taught_and_nothing_else(desk: tuple[Session, Agent, ReviewCase]) -> None:
    session, agent, case = desk
    resolve_case(session, case.id or 0, agent, CaseAnswer.SAME, 1, LATER, keeps_title=True)
    undo_last_answer(session, agent, LATER + timedelta(seconds=1))
    resolve_case(session, case.id or 0, agent, CaseAnswer.NONE, None, LATER + timedelta(seconds=2))
    session.add(FilmTitle(film_id=2, title="Autre", kind=TitleKind.ALTERNATIVE, key="autre", source="films"))
    session.flush()
    undo_last_answer(session, agent, LATER + timedelta(seconds=3))
    assert titles_of(session, 2) == ["Autre", "Trafic"]


def test_a_film_rejected_then_chosen_may_be_proposed_again_until_that_is_undone(desk: tuple[Session, Agent, ReviewCase]) -> None:
    session, agent, case = desk
    entry_id = case.entry_id or 0
    resolve_case(session, case.id or 0, agent, CaseAnswer.NONE, None, LATER)
    request_review(session, entry_id, None, ReviewRequest(CaseCause.DISAGREEMENT, 1, 0.7), LATER)
    again = get_open_cases(session)[entry_id]
    resolve_case(session, again.id or 0, agent, CaseAnswer.SAME, 1, LATER + timedelta(seconds=1))
    assert get_rejected_films(session) == {entry_id: {2}}
    undo_last_answer(session, agent, LATER + timedelta(seconds=2))
    assert get_rejected_films(session) == {entry_id: {1, 2}} and live(session, case).verdict is Verdict.NONE


def test_nothing_to_undo_is_told(desk: tuple[Session, Agent, ReviewCase]) -> None:
    session, agent, _ = desk
    with pytest.raises(UserError, match="rien à annuler"):
        undo_last_answer(session, agent, LATER)


def test_a_case_is_answered_once(desk: tuple[Session, Agent, ReviewCase]) -> None:
    session, agent, case = desk
    resolve_case(session, case.id or 0, agent, CaseAnswer.UNSURE, None, LATER)
    with pytest.raises(UserError, match="déjà été réglé"):
        resolve_case(session, case.id or 0, make_agent(session, "sacha"), CaseAnswer.NONE, None, LATER)


def test_a_case_on_somebody_elses_screen_is_not_answered(desk: tuple[Session, Agent, ReviewCase]) -> None:
    session, agent, case = desk
    other = make_agent(session, "sacha")
    claim_cases(session, other.id or 0, CaseFilter(), NOON)
    with pytest.raises(UserError, match="quelqu'un d'autre"):
        resolve_case(session, case.id or 0, agent, CaseAnswer.NONE, None, LATER)


@pytest.mark.parametrize(("answer", "film_id"), [(CaseAnswer.SAME, None), (CaseAnswer.SAME, 99), (CaseAnswer.NONE, 1)])
def test_an_answer_with_the_wrong_film_is_refused(
    desk: tuple[Session, Agent, ReviewCase], answer: CaseAnswer, film_id: int | None
) -> None:
    session, agent, case = desk
    with pytest.raises(UserError, match="film inconnu"):
        resolve_case(session, case.id or 0, agent, answer, film_id, LATER)
