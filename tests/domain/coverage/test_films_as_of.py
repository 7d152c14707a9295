"""A past day counts films with the facts of that day, whatever changed since."""

from datetime import date
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.coverage.dataset import DaySnapshot
from domain.coverage.film_classes import get_film_revisions
from domain.coverage.schema import Filters, Knowledge
from domain.db.engine import write_session
from domain.films.edits import edit_facts
from domain.films.merge import merge_film, preview_merge
from domain.films.snapshot import compute_facts_etag, take_film_snapshot
from domain.films.undo import get_last_correction, undo_correction
from domain.models.film import Film, FilmRevision
from tests.domain.builders import make_film
from tests.domain.coverage.scene import AS_OF, build_scene, count_all_tables, count_rows, days_later
from tests.domain.review_scene import make_agent

NEW_FACTS: dict[int, dict[str, Any]] = {
    1: {"year": 1931, "release_date": date(2026, 5, 1), "countries": ["Japon"], "genres": ["animation"], "admissions": 5},
    3: {"release_date": None, "countries": [], "admissions": None, "in_cinemas": False, "runtime_min": 12},
    4: {"release_date": date(2026, 1, 7), "genres": ["pornographique"], "age_rating": "18"},
    5: {"year": 1950, "directors": ["Agnès Varda"]},
    9: {"year": 1950, "countries": ["France"], "release_date": date(1951, 1, 1)},
}


def change_films(session: Session) -> None:
    """Correct films, one of them twice, add one, and merge two."""
    agent = make_agent(session, "claire")
    for day, (film_id, facts) in enumerate(NEW_FACTS.items(), 1):
        etag = compute_facts_etag(take_film_snapshot(session, session.get_one(Film, film_id)))
        edit_facts(session, film_id, agent, etag, facts, "vérifié", days_later(day))
    etag = compute_facts_etag(take_film_snapshot(session, session.get_one(Film, 1)))
    edit_facts(session, 1, agent, etag, {"year": 1999}, "vérifié encore", days_later(7))
    film = make_film(11, "Nouveau venu", 1948)
    film.release_date, film.updated_at = date(2025, 1, 1), days_later(9)
    session.add(film)
    session.flush()
    merge_film(session, 10, 8, agent, preview_merge(session, 10, 8).version, "le même film", days_later(10))
    session.flush()


def test_a_past_day_keeps_the_facts_that_films_had(engine: Engine) -> None:
    with write_session(engine) as session:
        build_scene(session)
        before, between = count_all_tables(session), days_later(4)
        change_films(session)
        assert count_all_tables(session) == before
        assert count_rows(session, "t3", between) != before["t3"] and count_rows(session, "t3", between) != count_rows(
            session, "t3", days_later(11)
        )
        today = count_all_tables(session, filters=Filters(knowledge=Knowledge.TODAY))
        changed = {key for key in before if today[key] != before[key]}
        assert {"t3", "t4", "t5", "t6", "t7", "t8", "t9", "t13", "t15", "t15-realisation"} <= changed


def test_what_is_taken_back_is_a_change_too(engine: Engine) -> None:
    with write_session(engine) as session:
        build_scene(session)
        before = count_all_tables(session)
        change_films(session)
        agent, between = make_agent(session, "jean"), count_all_tables(session, days_later(10))
        correction = get_last_correction(session, 8)
        assert correction is not None and correction.id is not None
        undo_correction(session, 8, agent, correction.id, days_later(12))
        session.flush()
        assert count_all_tables(session) == before and count_all_tables(session, days_later(10)) == between
        assert count_rows(session, "t8", days_later(13)) != count_rows(session, "t8", days_later(11))


def test_only_what_tables_read_is_a_change(engine: Engine) -> None:
    with write_session(engine) as session:
        build_scene(session)
        assert session.exec(select(FilmRevision)).first() is None, "the films of a first import were always there"
        film = session.get_one(Film, 1)
        film.title, film.updated_at = "Autre titre", days_later(1)
        session.flush()
        assert get_film_revisions(session, AS_OF) == {}
        film.kind, film.updated_at = None, days_later(2)
        film.year, film.directors = 1900, ["Alice Guy"]
        session.flush()
        (revision,) = session.exec(select(FilmRevision).order_by(col(FilmRevision.id))).all()
        assert (revision.film_id, revision.valid_until, revision.present) == (1, days_later(2), True)
        assert (revision.year, revision.directors) == (2023, [])
        assert set(DaySnapshot(session, AS_OF).film_revisions) == {1} and not DaySnapshot(session, days_later(2)).film_revisions
