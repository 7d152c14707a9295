"""Merges beside other writes: two agents at once, an import in progress, what is taken away meanwhile."""

from pathlib import Path
from threading import Thread

from sqlalchemy import Engine
from sqlmodel import col, select

from domain.common.errors import UserError
from domain.db.engine import read_session, write_session
from domain.films.attribute_merge import merge_attributes
from domain.films.edits import add_identifier, add_title, edit_facts, remove_identifier, remove_title
from domain.films.formats import FilmRecord
from domain.films.merge import merge_film, preview_merge
from domain.films.upsert import FilmWriter
from domain.linking.redirects import is_canonical
from domain.models.film import Film, FilmIdentifier, FilmTitle
from tests.domain.corrected import (
    get_agent,
    get_facts_version,
    import_two_sources,
    merge_films,
    read_film_sheet,
    undo_last_act,
)
from tests.domain.joined import NOW, get_titles

WHY = "le même film deux fois"


def test_of_two_agents_who_merge_both_ways_at_once_one_is_refused(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    with read_session(engine) as session:
        marks = {(2, 1): preview_merge(session, 2, 1).version, (1, 2): preview_merge(session, 1, 2).version}
    refused = []

    def attempt(pair: tuple[int, int]) -> None:
        try:
            with write_session(engine) as session:
                merge_film(session, *pair, get_agent(session), marks[pair], WHY, NOW)
        except UserError as problem:
            refused.append(str(problem))

    agents = [Thread(target=attempt, args=(pair,)) for pair in marks]
    for thread in agents:
        thread.start()
    for thread in agents:
        thread.join()
    assert len(refused) == 1 and "réunie" in refused[0]
    with read_session(engine) as session:
        assert len(session.exec(select(Film).where(is_canonical(), col(Film.id) < 3)).all()) == 1


def test_what_persons_do_while_an_import_reads_its_file_stands(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    with write_session(engine) as session:
        intake = FilmWriter(session, "cnc")
        for film_id, title in ((1, "Mon tonton"), (2, "Mon oncle bis")):
            intake.add_record(FilmRecord(line=film_id, source_ref=f"c{film_id}", title=title, year=2000))
        edit_facts(session, 1, get_agent(session), get_facts_version(session, 1), {"year": 1957}, WHY, NOW)
        merge_film(session, 2, 1, get_agent(session), preview_merge(session, 2, 1).version, WHY, NOW)
        intake.write_films(session, NOW)
        merge_attributes(session, {1}, NOW)
    with read_session(engine) as session:
        first, second = session.get_one(Film, 1), session.get_one(Film, 2)
        assert (first.title, first.year, second.title, second.merged_into) == ("Mon tonton", 1957, "Mon uncle", 1)
        assert get_titles(session, 2) == {} and "mon uncle" in get_titles(session, 1)


def test_what_was_taken_away_and_given_back_meanwhile_leaves_with_its_film(sqlite_engine: Engine, tmp_path: Path) -> None:
    import_two_sources(sqlite_engine, tmp_path)
    with write_session(sqlite_engine) as session:
        add_title(session, 2, get_agent(session), "Mein Onkel", "de", WHY, NOW)
        add_identifier(session, 2, get_agent(session), "imdb", "tt0000009", WHY, NOW)
    before = read_film_sheet(sqlite_engine, 2)
    merge_films(sqlite_engine, 2, 1)
    with write_session(sqlite_engine) as session:
        title = session.exec(select(FilmTitle).where(FilmTitle.key == "mein onkel")).one().id or 0
        identifier_id = session.exec(select(FilmIdentifier).where(FilmIdentifier.value == "tt0000009")).one().id or 0
        remove_title(session, 1, get_agent(session), title, WHY, NOW)
        remove_identifier(session, 1, get_agent(session), identifier_id, WHY, NOW)
    for _ in range(3):
        undo_last_act(sqlite_engine, 1)
    assert read_film_sheet(sqlite_engine, 2) == before
