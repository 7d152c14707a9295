"""One record that was two films: split, and joined again."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from domain.common.errors import Problem
from domain.db.engine import reading, writing
from domain.films.edits import add_title, edit_facts
from domain.films.merge import entries_of
from domain.films.split import Leaving, split
from domain.linking.redirects import standing_film
from domain.models.agent import AuditLine
from domain.models.film import BaseLine, Film, FilmTitle
from tests.domain.corrected import CNC, WORLD, agent, links, mark, merged, relink, sheet, two_bases, undone
from tests.domain.joined import NOW, by, identifiers, taken, titles

WHY = "deux films"


def apart(engine: Engine, number: int, **leaving: object) -> AuditLine:
    with writing(engine) as session:
        return split(session, number, agent(session), Leaving(**leaving), "deux films", NOW)  # type: ignore[arg-type]


def test_a_line_that_is_another_film_leaves_with_what_it_gave(engine: Engine, tmp_path: Path) -> None:
    two_bases(engine, tmp_path)
    before, told = sheet(engine, 1), links(engine)
    with reading(engine) as session:
        line = session.exec(select(BaseLine).where(BaseLine.source_ref == "w1")).one().id
        entry = entries_of(session, 1)[0][0].id
    made = apart(engine, 1, line_id=line, entry_ids=[entry]).detail["film"]
    with reading(engine) as session:
        assert identifiers(session, made) == {("imdb", "tt0050706"): "monde"} and session.get_one(Film, 1).runtime_min is None
        assert identifiers(session, 1) == {("visa", "20321"): "cnc"} and session.get_one(Film, made).title == "My Uncle"
    assert links(engine)["1"] == (made, True)
    undone(engine, 1)
    assert sheet(engine, 1) == before and links(engine)["1"][0] == told["1"][0]
    with reading(engine) as session:
        assert standing_film(session, made) == session.get_one(Film, 1) and titles(session, made) == {}
    report = taken(engine, tmp_path, WORLD.replace("117", "118"), by(w1=None, w2=2))
    assert report.created == 0 and sheet(engine, 1)["runtime_min"] == 118


def test_titles_numbers_and_entries_leave_for_a_film_that_an_agent_names(engine: Engine, tmp_path: Path) -> None:
    two_bases(engine, tmp_path)
    before = sheet(engine, 1)
    with reading(engine) as session:
        title = session.exec(select(FilmTitle).where(FilmTitle.key == "my uncle")).one().id
        entry = entries_of(session, 1)[0][0].id
    made = apart(engine, 1, title="My Uncle", year=1958, title_ids=[title], entry_ids=[entry]).detail["film"]
    taken(engine, tmp_path, WORLD.replace("117", "118"), by(w1=1, w2=2))
    with reading(engine) as session:
        assert "my uncle" not in titles(session, 1) and titles(session, made) == {"my uncle": "agents"}
        assert (session.get_one(Film, made).slug, session.get_one(Film, made).year) == ("my-uncle", 1958)
    taken(engine, tmp_path, WORLD, by(w1=1, w2=2))
    undone(engine, 1)
    assert sheet(engine, 1) == before and links(engine)["1"][0] == 1


def test_a_film_merged_long_ago_leaves_under_its_number(engine: Engine, tmp_path: Path) -> None:
    two_bases(engine, tmp_path)
    before = sheet(engine, 2)
    merged(engine, 2, 1)
    with writing(engine) as session:
        edit_facts(session, 1, agent(session), mark(session, 1), {"year": 1957}, WHY, NOW)
    with reading(engine) as session:
        line = session.exec(select(BaseLine).where(BaseLine.source_ref == "c2")).one().id
    assert apart(engine, 1, line_id=line).detail["film"] == 2
    after = sheet(engine, 2)
    assert {name: before[name] for name in ("title", "year", "edited:x") if name in before}.items() <= after.items()
    with reading(engine) as session:
        assert session.get_one(Film, 2).merged_into is None and titles(session, 2) == {"mon uncle": "cnc"}
    assert taken(engine, tmp_path, CNC, source="cnc").created == 0


def test_what_cannot_leave(sqlite_engine: Engine, tmp_path: Path) -> None:
    two_bases(sqlite_engine, tmp_path)
    with reading(sqlite_engine) as session:
        shown = session.exec(select(FilmTitle).where(FilmTitle.film_id == 1, FilmTitle.kind == "display")).one().id
        stranger = entries_of(session, 3)[0][0].id
        line = session.exec(select(BaseLine).where(BaseLine.source_ref == "w2")).one().id
    for leaving, told in (
        ({}, "le titre du nouveau film est attendu"),
        ({"title": "X", "title_ids": [shown]}, "titre affiché"),
        ({"title": "X", "title_ids": [999]}, "n’est plus dans la fiche"),
        ({"title": "X", "entry_ids": [stranger]}, "n’est plus reliée"),
        ({"line_id": line}, "n’est plus rattachée"),
    ):
        with pytest.raises(Problem, match=told):
            apart(sqlite_engine, 1, **leaving)


def test_a_split_is_not_taken_back_once_the_new_film_has_served(sqlite_engine: Engine, tmp_path: Path) -> None:
    two_bases(sqlite_engine, tmp_path)
    made = apart(sqlite_engine, 1, title="Un autre").detail["film"]
    relink(sqlite_engine, "3", made)
    with pytest.raises(Problem, match="d’autres lignes"):
        undone(sqlite_engine, 1)


def test_a_split_is_taken_back_once_what_was_done_to_the_new_film_is(sqlite_engine: Engine, tmp_path: Path) -> None:
    two_bases(sqlite_engine, tmp_path)
    before = sheet(sqlite_engine, 1)
    made = apart(sqlite_engine, 1, title="Un autre").detail["film"]
    with writing(sqlite_engine) as session:
        add_title(session, made, agent(session), "Another one", None, WHY, NOW)
    merged(sqlite_engine, made, 3)
    undone(sqlite_engine, 3)
    with pytest.raises(Problem, match="corrigée depuis"):
        undone(sqlite_engine, 1)
    undone(sqlite_engine, made)
    undone(sqlite_engine, 1)
    assert sheet(sqlite_engine, 1) == before


def test_films_merged_one_into_another_are_taken_apart_in_turn_whatever_left_meanwhile(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    two_bases(sqlite_engine, tmp_path)
    before = [sheet(sqlite_engine, number) for number in (1, 2, 3)]
    merged(sqlite_engine, 2, 1)
    merged(sqlite_engine, 1, 3)
    with reading(sqlite_engine) as session:
        line = session.exec(select(BaseLine).where(BaseLine.source_ref == "c2")).one().id
    assert apart(sqlite_engine, 3, line_id=line).detail["film"] == 2
    for number in (3, 3, 1):
        undone(sqlite_engine, number)
    assert [sheet(sqlite_engine, number) for number in (1, 2, 3)] == before
