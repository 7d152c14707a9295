"""One film that was two records: merged, followed by imports, taken apart; and one record that was two films."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from domain.common.enums import CaseCause
from domain.common.errors import UserError
from domain.coverage.as_of import get_day_end
from domain.coverage.corrections import find_later_changes
from domain.coverage.dataset import DaySnapshot
from domain.coverage.registry import count_table
from domain.db.engine import read_session, write_session
from domain.films.aliases import add_alias
from domain.films.edits import add_title, edit_facts
from domain.films.entry_moves import list_film_entries
from domain.films.merge import merge_film, preview_merge
from domain.films.source_records import reopen_record, resolve_record
from domain.films.undo import get_last_correction, undo_correction
from domain.linking.judgements import replace_candidates
from domain.linking.redirects import get_canonical_film, is_canonical, list_film_and_merged_ids
from domain.linking.rejections import reject_films
from domain.models.agent import Agent
from domain.models.film import Film, FilmDirector, SourceRecord
from domain.models.judgement import Candidate, Judgement
from domain.models.review_case import Rejection, ReviewCase
from domain.review.queue import ReviewRequest, request_review
from domain.review.resolve import CaseAnswer, resolve_case
from tests.domain.builders import NOON, make_author, make_proposal
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
from tests.domain.review_scene import make_agent

WHY = "le même film deux fois"


def test_what_would_move_is_told_before(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    with read_session(engine) as session:
        seen = preview_merge(session, 2, 1)
    assert [entry.ref for entry, _ in seen.entries] == ["2"] and [record.source_ref for record in seen.source_records] == ["w2"]
    assert seen.conflicts == [("title", "Mon oncle", "Mon uncle"), ("year", 1958, 1959), ("runtime_min", 117, 110)]
    assert seen.merged_attributes == [] and {held.value for held in seen.identifiers} == {"tt0000002"}


def test_the_one_that_stays_takes_over_entries_titles_and_numbers(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    merge_films(engine, 2, 1)
    assert list_links(engine) == {"1": (1, False), "2": (1, True), "3": (3, False)}
    with read_session(engine) as session:
        first, second = session.get_one(Film, 1), session.get_one(Film, 2)
        assert (first.year, first.runtime_min, second.merged_into) == (
            1958,
            117,
            1,
        ) and first.updated_at == second.updated_at == NOW
        assert get_titles(session, 1) == {
            "mon oncle": "cnc", "my uncle": "monde", "mon uncle": "cnc c2", "mi tio": "monde",
        }  # fmt: skip
        assert set(get_identifiers(session, 1)) == {("visa", "20321"), ("imdb", "tt0050706"), ("imdb", "tt0000002")}
        assert not get_titles(session, 2) and not get_identifiers(session, 2)
        assert not session.exec(select(FilmDirector).where(FilmDirector.film_id == 2)).all()
        assert list(session.exec(select(Film.id).where(is_canonical()).order_by(col(Film.id)))) == [1, 3]
        assert session.exec(select(Judgement).where(col(Judgement.superseded_at).is_not(None))).one().film_id == 2


def test_a_merge_taken_back_leaves_both_as_they_were(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    with write_session(engine) as session:
        entry = list_film_entries(session, 2)[0][0]
        add_alias(session, entry, 2, get_agent(session), NOW)
        add_title(session, 2, get_agent(session), "Onkel", "de", WHY, NOW)
        for film_id in (1, 2):
            add_title(session, film_id, get_agent(session), "Oom", "nl", WHY, NOW)
        edit_facts(session, 2, get_agent(session), get_facts_version(session, 2), {"year": 1950, "genres": ["drame"]}, WHY, NOW)
    before, links = [read_film_sheet(engine, film_id) for film_id in (1, 2, 3)], list_links(engine)
    merge_films(engine, 2, 1)
    assert {"titles:onkel agent camille", "titles:ligne 2 cine-exemple, agent camille"} <= read_film_sheet(engine, 1).keys()
    undo_last_act(engine, 1)
    assert [read_film_sheet(engine, film_id) for film_id in (1, 2, 3)] == before
    assert {ref: film for ref, (film, _) in list_links(engine).items()} == {ref: film for ref, (film, _) in links.items()}
    with read_session(engine) as session:
        states = {
            record.source_ref: (record.state, record.film_id, record.by_person) for record in session.exec(select(SourceRecord))
        }
        assert states == {"w1": ("linked", 1, False), "w2": ("linked", 2, False)}
        act = get_last_correction(session, 1)
        assert act and act.action == "film-title" and session.get_one(Film, 2).merged_into is None


@pytest.mark.parametrize("source", ["cnc", "monde"])
def test_what_the_base_says_later_of_the_merged_film_goes_to_the_one_that_stays(
    engine: Engine, tmp_path: Path, source: str
) -> None:
    import_two_sources(engine, tmp_path)
    merge_films(engine, 2, 1)
    report = import_text(engine, tmp_path, CNC_CSV.replace("Mon uncle,1959,,", "Der Onkel,1959,Jacques Tati,999"), source="cnc")
    assert (report.created, report.faults) == (0, [])
    import_text(engine, tmp_path, WORLD_CSV.replace("110", "111"), link_by_ref(w1=1, w2=2))
    with read_session(engine) as session:
        assert len(session.exec(select(Film)).all()) == 3 and get_titles(session, 2) == {}
        assert get_titles(session, 1)["der onkel"] == "cnc c2" and get_identifiers(session, 1)["visa", "999"] == "cnc c2"
        assert (session.get_one(Film, 1).year, session.get_one(Film, 1).runtime_min) == (1958, 117)
    undo_last_act(engine, 1)
    with read_session(engine) as session:
        assert (get_titles(session, 2)["der onkel"], session.get_one(Film, 2).runtime_min) == ("cnc", 111)
        assert ("visa", "999") not in get_identifiers(session, 1) and get_identifiers(session, 2)["visa", "999"] == "cnc"
    assert import_text(engine, tmp_path, CNC_CSV, source="cnc").updated == 1


def test_a_record_merged_into_one_of_another_base(engine: Engine, tmp_path: Path) -> None:
    import_text(engine, tmp_path, "id,title,year\nc1,Parade,1974\n", source="cnc")
    import_text(engine, tmp_path, "id,title,directors,imdb\nw1,Parade,Jacques Tati,tt0071969\n", link_by_ref(w1=None))
    with write_session(engine) as session:
        session.add(Agent(login="camille", name="Camille", password_hash="", created_at=NOW))
    before = [read_film_sheet(engine, film_id) for film_id in (1, 2)]
    merge_films(engine, 2, 1)
    again = "id,title,directors,imdb\nw1,Parade,Jacques TATI,tt0071969\n"
    assert import_text(engine, tmp_path, again, link_by_ref(w1=None)).created == 0
    with read_session(engine) as session:
        assert session.get_one(Film, 1).directors == ["Jacques Tati"] and session.get_one(Film, 1).merged_attributes == {
            "directors": "monde"
        }
        assert get_identifiers(session, 1) == {("imdb", "tt0071969"): "monde"}
    undo_last_act(engine, 1)
    assert [read_film_sheet(engine, film_id) for film_id in (1, 2)] == before


def test_a_past_day_keeps_its_figures_and_tells_the_correction(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    facts, at = ("title", "year", "runtime_min", "directors"), get_day_end(NOON.date())
    with read_session(engine) as session:
        facts_known = [getattr(session.get_one(Film, 2), fact) for fact in facts]
        before = count_table(session, "t1", at)
    merge_films(engine, 2, 1)
    with read_session(engine) as session:
        assert count_table(session, "t1", at) == before and before.body.rows[0][1] == 3
        (correction,) = find_later_changes(DaySnapshot(session, at)).latest_corrections
        assert (correction.title, correction.previous_title, correction.current_title, correction.by_person) == (
            "Ligne 2",
            "Mon uncle",
            "Mon oncle",
            True,
        )
        assert [getattr(session.get_one(Film, 2), fact) for fact in facts] == facts_known, "its row says what it was"


def test_the_line_of_a_film_merged_is_not_reopened_behind_it(sqlite_engine: Engine, tmp_path: Path) -> None:
    import_text(sqlite_engine, tmp_path, "id,title,year\nc1,Parade,1974\n", source="cnc")
    import_text(sqlite_engine, tmp_path, "id,title,directors\nw1,Parade,Jacques Tati\n", link_by_ref(w1=-1))
    with write_session(sqlite_engine) as session:
        make_agent(session)
        resolve_record(session, session.exec(select(SourceRecord)).one(), None, make_author("agent camille"), NOW)
    merge_films(sqlite_engine, 2, 1)
    with write_session(sqlite_engine) as session, pytest.raises(UserError, match="réunie à celle du film 1"):
        reopen_record(session, session.exec(select(SourceRecord)).one(), NOW)


def test_chains_lead_to_the_film_that_stands(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    merge_films(engine, 2, 1)
    merge_films(engine, 1, 3)
    with read_session(engine) as session:
        assert [get_canonical_film(session, film_id) for film_id in (1, 2, 3)] == [session.get_one(Film, 3)] * 3
        assert get_canonical_film(session, 9) is None and list_film_and_merged_ids(session, 3) == [3, 1, 2]
    assert {film for film, _ in list_links(engine).values()} == {3}
    import_text(engine, tmp_path, CNC_CSV.replace("1959", "1950"), source="cnc")
    with write_session(engine) as session, pytest.raises(UserError, match="réunie"):
        undo_correction(session, 1, get_agent(session), 1, NOW)
    undo_last_act(engine, 3)
    undo_last_act(engine, 1)
    assert {ref: film for ref, (film, _) in list_links(engine).items()} == {"1": 1, "2": 2, "3": 3}


def test_what_cannot_be_merged(sqlite_engine: Engine, tmp_path: Path) -> None:
    import_two_sources(sqlite_engine, tmp_path)
    merge_films(sqlite_engine, 2, 1)
    for first, second, expected in (
        (1, 1, "elle-même"),
        (2, 3, "réunie à celle du film n° 1"),
        (3, 2, "réunie"),
        (1, 9, "inconnu"),
    ):
        with write_session(sqlite_engine) as session, pytest.raises(UserError, match=expected):
            preview_merge(session, first, second)
    with write_session(sqlite_engine) as session, pytest.raises(UserError, match="réunie"):
        edit_facts(session, 2, get_agent(session), "", {}, WHY, NOW)


def test_a_merge_of_what_changed_since_it_was_shown_is_refused(sqlite_engine: Engine, tmp_path: Path) -> None:
    import_two_sources(sqlite_engine, tmp_path)
    with read_session(sqlite_engine) as session:
        seen = preview_merge(session, 2, 1).version
    relink_entry(sqlite_engine, "3", 2)
    with write_session(sqlite_engine) as session, pytest.raises(UserError, match="entre-temps"):
        merge_film(session, 2, 1, get_agent(session), seen, WHY, NOW)


def test_a_merge_is_not_taken_back_over_a_link_decided_since(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    merge_films(engine, 2, 1)
    relink_entry(engine, "2", 3)
    before = read_film_sheet(engine, 1)
    with write_session(engine) as session, pytest.raises(UserError, match="« Ligne 2 » a été décidée autrement"):
        act = get_last_correction(session, 1)
        undo_correction(session, 1, get_agent(session), act.id or 0 if act else 0, NOW)
    assert read_film_sheet(engine, 1) == before and list_links(engine)["2"] == (3, True)


def test_doubts_speak_of_the_one_that_stays_and_come_back(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    with write_session(engine) as session:
        (third, _), *_ = list_film_entries(session, 3)
        entry_id = third.id or 0
        replace_candidates(session, entry_id, [make_proposal(film, 0.5, "", {}) for film in (2, 3)], "test")
        request_review(session, entry_id, None, ReviewRequest(CaseCause.DISAGREEMENT, 2, 0.5), NOW)
        reject_films(session, list_film_entries(session, 1)[0][0].id or 0, [2], None, NOW)
        reject_films(session, entry_id, [2], None, NOW)
    merge_films(engine, 2, 1)
    with read_session(engine) as session:
        assert session.exec(select(ReviewCase.film_id)).all() == [1]
        assert set(session.exec(select(Candidate.film_id))) == {1, 3}
        assert sorted(session.exec(select(Rejection.film_id))) == [1, 2], "an entry of the one that stays is not made its enemy"
    undo_last_act(engine, 1)
    with read_session(engine) as session:
        assert session.exec(select(ReviewCase.film_id)).all() == [2]
        assert set(session.exec(select(Candidate.film_id))) == {2, 3} and set(session.exec(select(Rejection.film_id))) == {2}


def test_the_desk_does_not_choose_a_film_that_was_merged(sqlite_engine: Engine, tmp_path: Path) -> None:
    import_two_sources(sqlite_engine, tmp_path)
    with write_session(sqlite_engine) as session:
        request_review(
            session, list_film_entries(session, 3)[0][0].id or 0, None, ReviewRequest(CaseCause.DISAGREEMENT, 2, 0.5), NOW
        )
    merge_films(sqlite_engine, 2, 1)
    with write_session(sqlite_engine) as session, pytest.raises(UserError, match="réunie à celle du film n° 1"):
        resolve_case(session, 1, get_agent(session), CaseAnswer.SAME, 2, NOW)
