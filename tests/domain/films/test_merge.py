"""One film that was two records: merged, followed by imports, taken apart; and one record that was two films."""

from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from domain.common.enums import CaseCause
from domain.common.errors import Problem
from domain.coverage.as_of import end_of
from domain.coverage.corrections import changed_since
from domain.coverage.dataset import Day
from domain.coverage.registry import count_table
from domain.db.engine import reading, writing
from domain.films.attribute_merge import regain
from domain.films.edits import add_number, add_title, edit_facts, remove_number, remove_title
from domain.films.formats import FilmLine
from domain.films.merge import entries_of, merge, preview
from domain.films.source_records import reopen_line, settle_line
from domain.films.undo import last_act, undo_act
from domain.films.upsert import Intake
from domain.linking.judgements import Proposal, propose
from domain.linking.redirects import is_standing, numbers_of, standing_film
from domain.linking.rejections import learn_title, reject
from domain.models.agent import Agent
from domain.models.film import BaseLine, Film, FilmDirector, FilmIdentifier, FilmTitle
from domain.models.judgement import Candidate, Judgement
from domain.models.review_case import Rejection, ReviewCase
from domain.review.queue import Question, ask
from domain.review.resolve import Answer, settle_case
from tests.domain.builders import NOON
from tests.domain.corrected import CNC, WORLD, agent, links, mark, merged, relink, sheet, two_bases, undone
from tests.domain.joined import NOW, by, identifiers, taken, titles
from tests.domain.review_scene import an_agent

WHY = "le même film deux fois"


def test_what_would_move_is_told_before(engine: Engine, tmp_path: Path) -> None:
    two_bases(engine, tmp_path)
    with reading(engine) as session:
        seen = preview(session, 2, 1)
    assert [entry.ref for entry, _ in seen.entries] == ["2"] and [line.source_ref for line in seen.lines] == ["w2"]
    assert seen.conflicts == [("title", "Mon oncle", "Mon uncle"), ("year", 1958, 1959), ("runtime_min", 117, 110)]
    assert seen.gains == [] and {held.value for held in seen.identifiers} == {"tt0000002"}


def test_the_one_that_stays_takes_over_entries_titles_and_numbers(engine: Engine, tmp_path: Path) -> None:
    two_bases(engine, tmp_path)
    merged(engine, 2, 1)
    assert links(engine) == {"1": (1, False), "2": (1, True), "3": (3, False)}
    with reading(engine) as session:
        one, other = session.get_one(Film, 1), session.get_one(Film, 2)
        assert (one.year, one.runtime_min, other.merged_into) == (1958, 117, 1) and one.updated == other.updated == NOW
        assert titles(session, 1) == {
            "mon oncle": "cnc", "my uncle": "monde", "mon uncle": "cnc c2", "mi tio": "monde",
        }  # fmt: skip
        assert set(identifiers(session, 1)) == {("visa", "20321"), ("imdb", "tt0050706"), ("imdb", "tt0000002")}
        assert (
            titles(session, 2) == identifiers(session, 2) == {}
            and not session.exec(select(FilmDirector).where(FilmDirector.film_id == 2)).all()
        )
        assert list(session.exec(select(Film.id).where(is_standing()).order_by(col(Film.id)))) == [1, 3]
        assert session.exec(select(Judgement).where(col(Judgement.superseded_at).is_not(None))).one().film_id == 2


def test_a_merge_taken_back_leaves_both_as_they_were(engine: Engine, tmp_path: Path) -> None:
    two_bases(engine, tmp_path)
    with writing(engine) as session:
        entry = entries_of(session, 2)[0][0]
        learn_title(session, entry, 2, "camille")
        add_title(session, 2, agent(session), "Onkel", "de", WHY, NOW)
        for number in (1, 2):
            add_title(session, number, agent(session), "Oom", "nl", WHY, NOW)
        edit_facts(session, 2, agent(session), mark(session, 2), {"year": 1950, "genres": ["drame"]}, WHY, NOW)
    before, told = [sheet(engine, number) for number in (1, 2, 3)], links(engine)
    merged(engine, 2, 1)
    assert {"titles:onkel agent camille", "titles:ligne 2 cine-exemple, agent camille"} <= sheet(engine, 1).keys()
    undone(engine, 1)
    assert [sheet(engine, number) for number in (1, 2, 3)] == before
    assert {ref: film for ref, (film, _) in links(engine).items()} == {ref: film for ref, (film, _) in told.items()}
    with reading(engine) as session:
        states = {line.source_ref: (line.state, line.film_id, line.by_person) for line in session.exec(select(BaseLine))}
        assert states == {"w1": ("linked", 1, False), "w2": ("linked", 2, False)}
        act = last_act(session, 1)
        assert act and act.action == "film-title" and session.get_one(Film, 2).merged_into is None


@pytest.mark.parametrize("source", ["cnc", "monde"])
def test_what_the_base_says_later_of_the_merged_film_goes_to_the_one_that_stays(
    engine: Engine, tmp_path: Path, source: str
) -> None:
    two_bases(engine, tmp_path)
    merged(engine, 2, 1)
    report = taken(engine, tmp_path, CNC.replace("Mon uncle,1959,,", "Der Onkel,1959,Jacques Tati,999"), source="cnc")
    assert (report.created, report.faults) == (0, [])
    taken(engine, tmp_path, WORLD.replace("110", "111"), by(w1=1, w2=2))
    with reading(engine) as session:
        assert len(session.exec(select(Film)).all()) == 3 and titles(session, 2) == {}
        assert titles(session, 1)["der onkel"] == "cnc c2" and identifiers(session, 1)["visa", "999"] == "cnc c2"
        assert (session.get_one(Film, 1).year, session.get_one(Film, 1).runtime_min) == (1958, 117)
    undone(engine, 1)
    with reading(engine) as session:
        assert (titles(session, 2)["der onkel"], session.get_one(Film, 2).runtime_min) == ("cnc", 111)
        assert ("visa", "999") not in identifiers(session, 1) and identifiers(session, 2)["visa", "999"] == "cnc"
    assert taken(engine, tmp_path, CNC, source="cnc").updated == 1


def test_a_record_merged_into_one_of_another_base(engine: Engine, tmp_path: Path) -> None:
    taken(engine, tmp_path, "id,title,year\nc1,Parade,1974\n", source="cnc")
    taken(engine, tmp_path, "id,title,directors,imdb\nw1,Parade,Jacques Tati,tt0071969\n", by(w1=None))
    with writing(engine) as session:
        session.add(Agent(login="camille", name="Camille", password_hash="", created=NOW))
    before = [sheet(engine, number) for number in (1, 2)]
    merged(engine, 2, 1)
    again = "id,title,directors,imdb\nw1,Parade,Jacques TATI,tt0071969\n"
    assert taken(engine, tmp_path, again, by(w1=None)).created == 0
    with reading(engine) as session:
        assert session.get_one(Film, 1).directors == ["Jacques Tati"] and session.get_one(Film, 1).gained == {
            "directors": "monde"
        }
        assert identifiers(session, 1) == {("imdb", "tt0071969"): "monde"}
    undone(engine, 1)
    assert [sheet(engine, number) for number in (1, 2)] == before


def test_a_past_day_keeps_its_figures_and_tells_the_correction(engine: Engine, tmp_path: Path) -> None:
    two_bases(engine, tmp_path)
    facts, at = ("title", "year", "runtime_min", "directors"), end_of(NOON.date())
    with reading(engine) as session:
        known = [getattr(session.get_one(Film, 2), fact) for fact in facts]
        before = count_table(session, "t1", at)
    merged(engine, 2, 1)
    with reading(engine) as session:
        assert count_table(session, "t1", at) == before and before.body.rows[0][1] == 3
        (told,) = changed_since(Day(session, at)).latest
        assert (told.title, told.before, told.after, told.by_person) == ("Ligne 2", "Mon uncle", "Mon oncle", True)
        assert [getattr(session.get_one(Film, 2), fact) for fact in facts] == known, "its row says what it was"


def test_the_line_of_a_film_merged_is_not_reopened_behind_it(sqlite_engine: Engine, tmp_path: Path) -> None:
    taken(sqlite_engine, tmp_path, "id,title,year\nc1,Parade,1974\n", source="cnc")
    taken(sqlite_engine, tmp_path, "id,title,directors\nw1,Parade,Jacques Tati\n", by(w1=-1))
    with writing(sqlite_engine) as session:
        an_agent(session)
        settle_line(session, session.exec(select(BaseLine)).one(), None, "agent camille", NOW)
    merged(sqlite_engine, 2, 1)
    with writing(sqlite_engine) as session, pytest.raises(Problem, match="réunie à celle du film 1"):
        reopen_line(session, session.exec(select(BaseLine)).one(), NOW)


def test_chains_lead_to_the_film_that_stands(engine: Engine, tmp_path: Path) -> None:
    two_bases(engine, tmp_path)
    merged(engine, 2, 1)
    merged(engine, 1, 3)
    with reading(engine) as session:
        assert [standing_film(session, number) for number in (1, 2, 3)] == [session.get_one(Film, 3)] * 3
        assert standing_film(session, 9) is None and numbers_of(session, 3) == [3, 1, 2]
    assert {film for film, _ in links(engine).values()} == {3}
    taken(engine, tmp_path, CNC.replace("1959", "1950"), source="cnc")
    with writing(engine) as session, pytest.raises(Problem, match="réunie"):
        undo_act(session, 1, agent(session), 1, NOW)
    undone(engine, 3)
    undone(engine, 1)
    assert {ref: film for ref, (film, _) in links(engine).items()} == {"1": 1, "2": 2, "3": 3}


def test_what_cannot_be_merged(sqlite_engine: Engine, tmp_path: Path) -> None:
    two_bases(sqlite_engine, tmp_path)
    merged(sqlite_engine, 2, 1)
    for one, other, told in ((1, 1, "elle-même"), (2, 3, "réunie à celle du film n° 1"), (3, 2, "réunie"), (1, 9, "inconnu")):
        with writing(sqlite_engine) as session, pytest.raises(Problem, match=told):
            preview(session, one, other)
    with writing(sqlite_engine) as session, pytest.raises(Problem, match="réunie"):
        edit_facts(session, 2, agent(session), "", {}, WHY, NOW)


def test_a_merge_of_what_changed_since_it_was_shown_is_refused(sqlite_engine: Engine, tmp_path: Path) -> None:
    two_bases(sqlite_engine, tmp_path)
    with reading(sqlite_engine) as session:
        seen = preview(session, 2, 1).mark
    relink(sqlite_engine, "3", 2)
    with writing(sqlite_engine) as session, pytest.raises(Problem, match="entre-temps"):
        merge(session, 2, 1, agent(session), seen, WHY, NOW)


def test_a_merge_is_not_taken_back_over_a_link_decided_since(engine: Engine, tmp_path: Path) -> None:
    two_bases(engine, tmp_path)
    merged(engine, 2, 1)
    relink(engine, "2", 3)
    before = sheet(engine, 1)
    with writing(engine) as session, pytest.raises(Problem, match="« Ligne 2 » a été décidée autrement"):
        act = last_act(session, 1)
        undo_act(session, 1, agent(session), act.id or 0 if act else 0, NOW)
    assert sheet(engine, 1) == before and links(engine)["2"] == (3, True)


def test_doubts_speak_of_the_one_that_stays_and_come_back(engine: Engine, tmp_path: Path) -> None:
    two_bases(engine, tmp_path)
    with writing(engine) as session:
        (third, _), *_ = entries_of(session, 3)
        number = third.id or 0
        propose(session, number, [Proposal(film, 0.5, "", {}) for film in (2, 3)], "test")
        ask(session, number, None, Question(CaseCause.DISAGREEMENT, 2, 0.5), NOW)
        reject(session, entries_of(session, 1)[0][0].id or 0, [2], None, NOW)
        reject(session, number, [2], None, NOW)
    merged(engine, 2, 1)
    with reading(engine) as session:
        assert session.exec(select(ReviewCase.film_id)).all() == [1]
        assert set(session.exec(select(Candidate.film_id))) == {1, 3}
        assert sorted(session.exec(select(Rejection.film_id))) == [1, 2], "an entry of the one that stays is not made its enemy"
    undone(engine, 1)
    with reading(engine) as session:
        assert session.exec(select(ReviewCase.film_id)).all() == [2]
        assert set(session.exec(select(Candidate.film_id))) == {2, 3} and set(session.exec(select(Rejection.film_id))) == {2}


def test_the_desk_does_not_choose_a_film_that_was_merged(sqlite_engine: Engine, tmp_path: Path) -> None:
    two_bases(sqlite_engine, tmp_path)
    with writing(sqlite_engine) as session:
        ask(session, entries_of(session, 3)[0][0].id or 0, None, Question(CaseCause.DISAGREEMENT, 2, 0.5), NOW)
    merged(sqlite_engine, 2, 1)
    with writing(sqlite_engine) as session, pytest.raises(Problem, match="réunie à celle du film n° 1"):
        settle_case(session, 1, agent(session), Answer.SAME, 2, NOW)


def test_of_two_agents_who_merge_both_ways_at_once_one_is_refused(engine: Engine, tmp_path: Path) -> None:
    two_bases(engine, tmp_path)
    with reading(engine) as session:
        marks = {(2, 1): preview(session, 2, 1).mark, (1, 2): preview(session, 1, 2).mark}
    refused = []

    def attempt(pair: tuple[int, int]) -> None:
        try:
            with writing(engine) as session:
                merge(session, *pair, agent(session), marks[pair], WHY, NOW)
        except Problem as problem:
            refused.append(str(problem))

    agents = [Thread(target=attempt, args=(pair,)) for pair in marks]
    for one in agents:
        one.start()
    for one in agents:
        one.join()
    assert len(refused) == 1 and "réunie" in refused[0]
    with reading(engine) as session:
        assert len(session.exec(select(Film).where(is_standing(), col(Film.id) < 3)).all()) == 1


def test_what_persons_do_while_an_import_reads_its_file_stands(engine: Engine, tmp_path: Path) -> None:
    two_bases(engine, tmp_path)
    with writing(engine) as session:
        intake = Intake(session, "cnc")
        for number, title in ((1, "Mon tonton"), (2, "Mon oncle bis")):
            intake.place(FilmLine(line=number, source_ref=f"c{number}", title=title, year=2000))
        edit_facts(session, 1, agent(session), mark(session, 1), {"year": 1957}, WHY, NOW)
        merge(session, 2, 1, agent(session), preview(session, 2, 1).mark, WHY, NOW)
        intake.write(session, NOW)
        regain(session, {1}, NOW)
    with reading(engine) as session:
        one, other = session.get_one(Film, 1), session.get_one(Film, 2)
        assert (one.title, one.year, other.title, other.merged_into) == ("Mon tonton", 1957, "Mon uncle", 1)
        assert titles(session, 2) == {} and "mon uncle" in titles(session, 1)


def test_what_was_taken_away_and_given_back_meanwhile_leaves_with_its_film(sqlite_engine: Engine, tmp_path: Path) -> None:
    two_bases(sqlite_engine, tmp_path)
    with writing(sqlite_engine) as session:
        add_title(session, 2, agent(session), "Mein Onkel", "de", WHY, NOW)
        add_number(session, 2, agent(session), "imdb", "tt0000009", WHY, NOW)
    before = sheet(sqlite_engine, 2)
    merged(sqlite_engine, 2, 1)
    with writing(sqlite_engine) as session:
        title = session.exec(select(FilmTitle).where(FilmTitle.key == "mein onkel")).one().id or 0
        number = session.exec(select(FilmIdentifier).where(FilmIdentifier.value == "tt0000009")).one().id or 0
        remove_title(session, 1, agent(session), title, WHY, NOW)
        remove_number(session, 1, agent(session), number, WHY, NOW)
    for _ in range(3):
        undone(sqlite_engine, 1)
    assert sheet(sqlite_engine, 2) == before
