"""`ouvoir match`: decisions written once, superseded and never erased, a person's left alone."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.common.enums import TitleKind, Verdict
from domain.common.titles import build_title_key
from domain.db.engine import read_session, write_session
from domain.linking.judgements import get_live_judgements, record_decision
from domain.models.entry import Entry
from domain.models.film import Film, FilmIdentifier, FilmTitle
from domain.models.judgement import Candidate, Judgement
from matcher.explanations import explain_decision
from matcher.match_database import MatchCounts, match_database
from tests.domain.builders import collect_run, make_decision, make_film, make_observation, make_platform, read_author

LINES = [
    make_observation("1", "Mécanique de l'ombre (La)", year=2017, directors=["Thomas Kruithof"]),
    make_observation("2", "Persepolis", year=2007, directors=["Gabrielle Lopes Benites"]),
    make_observation("3", "Playtime", year=1967, directors=["Jacques Tati"]),
    make_observation("4", "Un film en anglais", ids={"imdb": "tt0133093"}, year=1999),
]


def film(session: Session, film_id: int, title: str, year: int, *directors: str) -> None:
    made = make_film(film_id, title, year)
    made.directors = list(directors)
    session.add(made)
    session.flush()
    session.add(FilmTitle(film_id=film_id, title=title, kind=TitleKind.DISPLAY, key=build_title_key(title)))


@pytest.fixture
def catalogue(engine: Engine) -> Engine:
    """Three films, and one platform that lists two of them and another."""
    with write_session(engine) as session:
        film(session, 1, "La Mecanique de l'ombre", 2017, "Thomas Kruithof")
        film(session, 2, "Persepolis", 2007, "Marjane Satrapi", "Vincent Paronnaud")
        film(session, 3, "The Matrix", 1999)
        session.add(FilmIdentifier(film_id=3, scheme="imdb", value="tt0133093"))
        collect_run(session, make_platform(session), LINES)
    return engine


def match(engine: Engine) -> MatchCounts:
    return match_database(engine, lambda line: None)


def verdicts(engine: Engine) -> list[tuple[str, Verdict, int | None]]:
    with read_session(engine) as session:
        stmt = (
            select(Entry.ref, Judgement.verdict, Judgement.film_id).join(Judgement).where(col(Judgement.superseded_at).is_(None))
        )
        return sorted((ref, Verdict(verdict), film_id) for ref, verdict, film_id in session.exec(stmt))


def test_each_entry_is_decided_with_its_reason_and_candidates(catalogue: Engine) -> None:
    assert match(catalogue) == MatchCounts(linked=2, doubtful=1, unlinked=1, changed=4, pending_cases=1)
    assert verdicts(catalogue) == [
        ("1", Verdict.SAME, 1),
        ("2", Verdict.UNSURE, None),
        ("3", Verdict.NONE, None),
        ("4", Verdict.SAME, 3),
    ]
    with read_session(catalogue) as session:
        doubt = session.exec(select(Judgement).where(col(Judgement.verdict) == Verdict.UNSURE)).one()
        assert (
            get_live_judgements(session)[1].weights_by_level["title.letter"] > 0
            and get_live_judgements(session)[4].weights_by_level["identifier.same"] > 0
        )
        assert "réalisateurs différents" in explain_decision(doubt) and doubt.probability
        assert read_author(session, doubt).startswith("matcher ")
        proposed = session.exec(select(Candidate).where(col(Candidate.entry_id) == doubt.entry_id)).one()
        assert (proposed.film_id, proposed.matcher_version) == (2, read_author(session, doubt).removeprefix("matcher "))


def test_a_second_run_writes_nothing(catalogue: Engine) -> None:
    match(catalogue)
    with read_session(catalogue) as session:
        before = [row.model_dump() for table in (Judgement, Candidate) for row in session.exec(select(table))]
    assert match(catalogue).changed == 0
    with read_session(catalogue) as session:
        assert [row.model_dump() for table in (Judgement, Candidate) for row in session.exec(select(table))] == before


def test_a_persons_decision_stays(catalogue: Engine) -> None:
    match(catalogue)
    with write_session(catalogue) as session:
        entry = session.exec(select(Entry).where(col(Entry.ref) == "2")).one()
        assert entry.id is not None
        decision = make_decision(Verdict.SAME, 2, "agent", "vu l'affiche", by_person=True)
        record_decision(session, entry.id, get_live_judgements(session)[entry.id], decision, datetime.now(UTC))
    assert match(catalogue) == MatchCounts(linked=3, doubtful=0, unlinked=1, changed=0, pending_cases=0)
    assert ("2", Verdict.SAME, 2) in verdicts(catalogue)


def test_a_new_film_supersedes_a_decision_and_keeps_the_old_one(catalogue: Engine) -> None:
    match(catalogue)
    with write_session(catalogue) as session:
        film(session, 4, "Playtime", 1967, "Jacques Tati")
    assert match(catalogue).changed == 1
    with read_session(catalogue) as session:
        entry = session.exec(select(Entry).where(col(Entry.ref) == "3")).one()
        judgements = session.exec(select(Judgement).where(col(Judgement.entry_id) == entry.id).order_by(col(Judgement.id))).all()
    assert [(line.verdict, line.superseded_at is None) for line in judgements] == [(Verdict.NONE, False), (Verdict.SAME, True)]


def test_entries_that_left_the_catalogue_keep_their_decision(catalogue: Engine) -> None:
    match(catalogue)
    with write_session(catalogue) as session:
        collect_run(session, make_platform(session), LINES[1:], datetime(2026, 11, 23, tzinfo=UTC), expect=None)
    with write_session(catalogue) as session:
        assert session.get(Film, 1) is not None
    match(catalogue)
    assert ("1", Verdict.SAME, 1) in verdicts(catalogue)


def test_an_empty_base_and_no_catalogue_are_no_error(engine: Engine) -> None:
    assert match(engine) == MatchCounts(0, 0, 0, 0, 0)
    assert (
        match(engine).format_summary() == "0 liées, 0 à vérifier, 0 sans film ; 0 décisions nouvelles ; 0 cas attendent un agent"
    )
