"""One live decision per entry; a person's word is never changed by a machine."""

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from domain.common.enums import Verdict
from domain.db.engine import write_session
from domain.linking.judgements import Decision, get_live_judgements, record_decision, replace_candidates
from domain.models.entry import Entry
from domain.models.judgement import Candidate, Judgement
from tests.domain.builders import (
    NOON,
    collect_run,
    make_decision,
    make_film,
    make_observation,
    make_platform,
    make_proposal,
    read_author,
)

SAME = make_decision(Verdict.SAME, 1, "matcher 1", "titre exact", 0.99, {"titre exact": 4.0})
NONE = make_decision(Verdict.NONE, None, "matcher 1", "rien de proche")
PERSON = make_decision(Verdict.NONE, None, "Camille", "ce n'est pas ce film", by_person=True)


def an_entry(session: Session) -> int:
    session.add_all([make_film(1, "Playtime"), make_film(2, "Mon oncle")])
    collect_run(session, make_platform(session), [make_observation("1", "Playtime")])
    entry_id = session.exec(select(Entry.id)).one()
    assert entry_id is not None
    return entry_id


def test_a_new_decision_supersedes_the_last_and_keeps_it(engine: Engine) -> None:
    with write_session(engine) as session:
        entry = an_entry(session)
        assert record_decision(session, entry, None, SAME, NOON)
        session.flush()
        assert record_decision(session, entry, get_live_judgements(session)[entry], NONE, NOON)
        session.flush()
        history = session.exec(select(Judgement).order_by(col(Judgement.id))).all()
        assert [(j.verdict, j.superseded_at) for j in history] == [(Verdict.SAME, NOON), (Verdict.NONE, None)]


def test_the_same_decision_again_writes_nothing(engine: Engine) -> None:
    with write_session(engine) as session:
        entry = an_entry(session)
        record_decision(session, entry, None, SAME, NOON)
        session.flush()
        assert not record_decision(session, entry, get_live_judgements(session)[entry], SAME, NOON)


def test_a_machine_never_changes_what_a_person_decided(engine: Engine) -> None:
    with write_session(engine) as session:
        entry = an_entry(session)
        record_decision(session, entry, None, PERSON, NOON)
        session.flush()
        assert not record_decision(session, entry, get_live_judgements(session)[entry], SAME, NOON)
        assert read_author(session, get_live_judgements(session)[entry]) == "Camille"


@pytest.mark.parametrize("second", [SAME, NONE])
def test_the_database_itself_refuses_two_live_decisions(engine: Engine, second: Decision) -> None:
    with pytest.raises(IntegrityError), write_session(engine) as session:
        entry = an_entry(session)
        for decision in (NONE, second):
            record_decision(session, entry, None, decision, NOON)
            session.flush()


def test_proposals_replace_the_former_ones(engine: Engine) -> None:
    with write_session(engine) as session:
        entry = an_entry(session)
        for film in (1, 2):
            replace_candidates(session, entry, [make_proposal(film, 0.6, "titre proche", {"titre": 1.0})], "1")
        assert [candidate.film_id for candidate in session.exec(select(Candidate))] == [2]


def test_a_decision_that_contradicts_itself_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="same"):
        make_decision(Verdict.NONE, 1, "matcher 1", "")
