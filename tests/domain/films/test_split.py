"""One record that was two films: split, and joined again."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from domain.common.errors import UserError
from domain.db.engine import read_session, write_session
from domain.films.edits import add_title, edit_facts
from domain.films.entry_moves import list_film_entries
from domain.films.split import SplitSelection, split_film
from domain.linking.redirects import get_canonical_film
from domain.models.agent import AuditLine
from domain.models.film import Film, FilmTitle, SourceRecord
from tests.domain.corrected import (
    CNC_CSV,
    WORLD_CSV,
    get_agent,
    get_facts_version,
    import_two_sources,
    list_links,
    merge_films,
    read_film_sheet,
    relink_entry,
    undo_last_act,
)
from tests.domain.joined import NOW, get_identifiers, get_titles, import_text, link_by_ref

WHY = "deux films"


def apart(engine: Engine, film_id: int, **leaving: object) -> AuditLine:
    with write_session(engine) as session:
        return split_film(session, film_id, get_agent(session), SplitSelection(**leaving), "deux films", NOW)  # type: ignore[arg-type]


def test_a_line_that_is_another_film_leaves_with_what_it_gave(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    before, links = read_film_sheet(engine, 1), list_links(engine)
    with read_session(engine) as session:
        record_id = session.exec(select(SourceRecord).where(SourceRecord.source_ref == "w1")).one().id
        entry = list_film_entries(session, 1)[0][0].id
    made = apart(engine, 1, record_id=record_id, entry_ids=[entry]).detail["film"]
    with read_session(engine) as session:
        assert get_identifiers(session, made) == {("imdb", "tt0050706"): "monde"} and session.get_one(Film, 1).runtime_min is None
        assert get_identifiers(session, 1) == {("visa", "20321"): "cnc"} and session.get_one(Film, made).title == "My Uncle"
    assert list_links(engine)["1"] == (made, True)
    undo_last_act(engine, 1)
    assert read_film_sheet(engine, 1) == before and list_links(engine)["1"][0] == links["1"][0]
    with read_session(engine) as session:
        assert get_canonical_film(session, made) == session.get_one(Film, 1) and get_titles(session, made) == {}
    report = import_text(engine, tmp_path, WORLD_CSV.replace("117", "118"), link_by_ref(w1=None, w2=2))
    assert report.created == 0 and read_film_sheet(engine, 1)["runtime_min"] == 118


def test_titles_numbers_and_entries_leave_for_a_film_that_an_agent_names(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    before = read_film_sheet(engine, 1)
    with read_session(engine) as session:
        title = session.exec(select(FilmTitle).where(FilmTitle.key == "my uncle")).one().id
        entry = list_film_entries(session, 1)[0][0].id
    made = apart(engine, 1, title="My Uncle", year=1958, title_ids=[title], entry_ids=[entry]).detail["film"]
    import_text(engine, tmp_path, WORLD_CSV.replace("117", "118"), link_by_ref(w1=1, w2=2))
    with read_session(engine) as session:
        assert "my uncle" not in get_titles(session, 1) and get_titles(session, made) == {"my uncle": "agents"}
        assert (session.get_one(Film, made).slug, session.get_one(Film, made).year) == ("my-uncle", 1958)
    import_text(engine, tmp_path, WORLD_CSV, link_by_ref(w1=1, w2=2))
    undo_last_act(engine, 1)
    assert read_film_sheet(engine, 1) == before and list_links(engine)["1"][0] == 1


def test_a_film_merged_long_ago_leaves_under_its_number(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    before = read_film_sheet(engine, 2)
    merge_films(engine, 2, 1)
    with write_session(engine) as session:
        edit_facts(session, 1, get_agent(session), get_facts_version(session, 1), {"year": 1957}, WHY, NOW)
    with read_session(engine) as session:
        record_id = session.exec(select(SourceRecord).where(SourceRecord.source_ref == "c2")).one().id
    assert apart(engine, 1, record_id=record_id).detail["film"] == 2
    after = read_film_sheet(engine, 2)
    assert {name: before[name] for name in ("title", "year", "edited:x") if name in before}.items() <= after.items()
    with read_session(engine) as session:
        assert session.get_one(Film, 2).merged_into is None and get_titles(session, 2) == {"mon uncle": "cnc"}
    assert import_text(engine, tmp_path, CNC_CSV, source="cnc").created == 0


def test_what_cannot_leave(sqlite_engine: Engine, tmp_path: Path) -> None:
    import_two_sources(sqlite_engine, tmp_path)
    with read_session(sqlite_engine) as session:
        title_id = session.exec(select(FilmTitle).where(FilmTitle.film_id == 1, FilmTitle.kind == "display")).one().id
        stranger = list_film_entries(session, 3)[0][0].id
        record_id = session.exec(select(SourceRecord).where(SourceRecord.source_ref == "w2")).one().id
    for leaving, message in (
        ({}, "le titre du nouveau film est attendu"),
        ({"title": "X", "title_ids": [title_id]}, "titre affiché"),
        ({"title": "X", "title_ids": [999]}, "n’est plus dans la fiche"),
        ({"title": "X", "entry_ids": [stranger]}, "n’est plus reliée"),
        ({"record_id": record_id}, "n’est plus rattachée"),
    ):
        with pytest.raises(UserError, match=message):
            apart(sqlite_engine, 1, **leaving)


def test_a_split_is_not_taken_back_once_the_new_film_has_served(sqlite_engine: Engine, tmp_path: Path) -> None:
    import_two_sources(sqlite_engine, tmp_path)
    made = apart(sqlite_engine, 1, title="Un autre").detail["film"]
    relink_entry(sqlite_engine, "3", made)
    with pytest.raises(UserError, match="d’autres lignes"):
        undo_last_act(sqlite_engine, 1)


def test_a_split_is_taken_back_once_what_was_done_to_the_new_film_is(sqlite_engine: Engine, tmp_path: Path) -> None:
    import_two_sources(sqlite_engine, tmp_path)
    before = read_film_sheet(sqlite_engine, 1)
    made = apart(sqlite_engine, 1, title="Un autre").detail["film"]
    with write_session(sqlite_engine) as session:
        add_title(session, made, get_agent(session), "Another one", None, WHY, NOW)
    merge_films(sqlite_engine, made, 3)
    undo_last_act(sqlite_engine, 3)
    with pytest.raises(UserError, match="corrigée depuis"):
        undo_last_act(sqlite_engine, 1)
    undo_last_act(sqlite_engine, made)
    undo_last_act(sqlite_engine, 1)
    assert read_film_sheet(sqlite_engine, 1) == before


def test_films_merged_one_into_another_are_taken_apart_in_turn_whatever_left_meanwhile(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    import_two_sources(sqlite_engine, tmp_path)
    before = [read_film_sheet(sqlite_engine, film_id) for film_id in (1, 2, 3)]
    merge_films(sqlite_engine, 2, 1)
    merge_films(sqlite_engine, 1, 3)
    with read_session(sqlite_engine) as session:
        record_id = session.exec(select(SourceRecord).where(SourceRecord.source_ref == "c2")).one().id
    assert apart(sqlite_engine, 3, record_id=record_id).detail["film"] == 2
    for film_id in (3, 3, 1):
        undo_last_act(sqlite_engine, film_id)
    assert [read_film_sheet(sqlite_engine, film_id) for film_id in (1, 2, 3)] == before
