"""One live decision per entry; a person's word is never changed by a machine."""

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from domain.common.enums import Verdict
from domain.db.engine import writing
from domain.linking.judgements import Decision, Proposal, decide, live_judgements, propose
from domain.models.entry import Entry
from domain.models.judgement import Candidate, Judgement
from tests.domain.builders import NOON, a_film, a_line, a_platform, collected

SAME = Decision(Verdict.SAME, 1, "matcher 1", "titre exact", 0.99, {"titre exact": 4.0})
NONE = Decision(Verdict.NONE, None, "matcher 1", "rien de proche")
PERSON = Decision(Verdict.NONE, None, "Camille", "ce n'est pas ce film", by_person=True)


def an_entry(session: Session) -> int:
    session.add_all([a_film(1, "Playtime"), a_film(2, "Mon oncle")])
    collected(session, a_platform(session), [a_line("1", "Playtime")])
    number = session.exec(select(Entry.id)).one()
    assert number is not None
    return number


def test_a_new_decision_supersedes_the_last_and_keeps_it(engine: Engine) -> None:
    with writing(engine) as session:
        entry = an_entry(session)
        assert decide(session, entry, None, SAME, NOON)
        session.flush()
        assert decide(session, entry, live_judgements(session)[entry], NONE, NOON)
        session.flush()
        history = session.exec(select(Judgement).order_by(col(Judgement.id))).all()
        assert [(j.verdict, j.superseded_at) for j in history] == [(Verdict.SAME, NOON), (Verdict.NONE, None)]


def test_the_same_decision_again_writes_nothing(engine: Engine) -> None:
    with writing(engine) as session:
        entry = an_entry(session)
        decide(session, entry, None, SAME, NOON)
        session.flush()
        assert not decide(session, entry, live_judgements(session)[entry], SAME, NOON)


def test_a_machine_never_changes_what_a_person_decided(engine: Engine) -> None:
    with writing(engine) as session:
        entry = an_entry(session)
        decide(session, entry, None, PERSON, NOON)
        session.flush()
        assert not decide(session, entry, live_judgements(session)[entry], SAME, NOON)
        assert live_judgements(session)[entry].who == "Camille"


@pytest.mark.parametrize("second", [SAME, NONE])
def test_the_database_itself_refuses_two_live_decisions(engine: Engine, second: Decision) -> None:
    with pytest.raises(IntegrityError), writing(engine) as session:
        entry = an_entry(session)
        for decision in (NONE, second):
            decide(session, entry, None, decision, NOON)
            session.flush()


def test_proposals_replace_the_former_ones(engine: Engine) -> None:
    with writing(engine) as session:
        entry = an_entry(session)
        for film in (1, 2):
            propose(session, entry, [Proposal(film, 0.6, "titre proche", {"titre": 1.0})], "1")
        assert [candidate.film_id for candidate in session.exec(select(Candidate))] == [2]


def test_a_decision_that_contradicts_itself_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="same"):
        Decision(Verdict.NONE, 1, "matcher 1", "")
