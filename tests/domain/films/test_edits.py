"""Films corrected by agents: what they set stays through imports, and everything can be taken back."""

from datetime import date
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from domain.accounts.audit_trail import AuditLine
from domain.common.errors import Problem
from domain.db.engine import reading, writing
from domain.films.edit_form import read_facts
from domain.films.edits import add_number, add_title, edit_facts, give_back, remove_number, remove_title
from domain.films.snapshot import Held
from domain.films.undo import last_act, undo_act
from domain.models.film import Film, FilmDirector, FilmIdentifier, FilmTitle
from tests.domain.corrected import CNC, WORLD, agent, mark, sheet, two_bases
from tests.domain.joined import NOW, by, identifiers, taken, titles

WHY = "vu au dépôt légal"


def edited(engine: Engine, number: int = 1, **facts: object) -> AuditLine:
    with writing(engine) as session:
        return edit_facts(session, number, agent(session), mark(session, number), facts, WHY, NOW)


def undone(engine: Engine, number: int = 1) -> None:
    with writing(engine) as session:
        act = last_act(session, number)
        assert act
        undo_act(session, number, agent(session), act.id or 0, NOW)


def test_what_a_person_sets_stays_whatever_bases_say(engine: Engine, tmp_path: Path) -> None:
    two_bases(engine, tmp_path)
    act = edited(engine, year=1957, runtime_min=120, directors=["Jacques Tati", "Pierre Étaix"], release_date=date(1958, 5, 10))
    assert act.before and act.after and (act.before["year"], act.after["year"]) == (1958, 1957)
    taken(engine, tmp_path, CNC.replace("1958,Jacques Tati", "1960,Tati Jacques"), source="cnc")
    taken(engine, tmp_path, WORLD.replace("117", "118"), by(w1=1, w2=2))
    with reading(engine) as session:
        film = session.get_one(Film, 1)
        assert (film.year, film.runtime_min, film.directors) == (1957, 120, ["Jacques Tati", "Pierre Étaix"])
        assert film.release_date == date(1958, 5, 10) and film.original_title == "Mon oncle", "the rest is still gained"
        assert film.edited == {"year": 1960, "runtime_min": None, "directors": ["Tati Jacques"], "release_date": None}
        assert set(session.exec(select(FilmDirector.key).where(FilmDirector.film_id == 1))) == {"jacques-tati", "pierre-etaix"}


def test_a_fact_given_back_is_what_bases_say_today(engine: Engine, tmp_path: Path) -> None:
    two_bases(engine, tmp_path)
    edited(engine, year=1957, runtime_min=None)
    taken(engine, tmp_path, CNC.replace("1958", "1960"), source="cnc")
    with writing(engine) as session:
        give_back(session, 1, agent(session), "year", WHY, NOW)
    with writing(engine) as session:
        give_back(session, 1, agent(session), "runtime_min", WHY, NOW)
    with reading(engine) as session:
        film = session.get_one(Film, 1)
        assert (film.year, film.runtime_min, film.edited) == (1960, 117, {})
        assert film.gained["runtime_min"] == "monde"
    with writing(engine) as session, pytest.raises(Problem, match="pas été corrigé"):
        give_back(session, 1, agent(session), "year", WHY, NOW)


def test_a_title_set_leads_the_address_and_the_base_keeps_its_own_as_another_title(engine: Engine, tmp_path: Path) -> None:
    two_bases(engine, tmp_path)
    edited(engine, title="Mon oncle d'Amérique")
    taken(engine, tmp_path, CNC.replace("Mon oncle,1958", "Mon oncle !,1958"), source="cnc")
    with reading(engine) as session:
        film = session.get_one(Film, 1)
        shown = dict(session.exec(select(FilmTitle.key, FilmTitle.kind).where(FilmTitle.film_id == 1)).all())
        assert (film.title, film.slug) == ("Mon oncle d'Amérique", "mon-oncle-d-amerique")
        assert shown == {"mon oncle d amerique": "display", "mon oncle": "original", "my uncle": "alternative"}


def test_a_spelling_corrected_survives_the_next_import(engine: Engine, tmp_path: Path) -> None:
    two_bases(engine, tmp_path)
    edited(engine, title="MON ONCLE")
    taken(engine, tmp_path, CNC.replace("1958", "1960"), source="cnc")
    with reading(engine) as session:
        rows = session.exec(select(FilmTitle).where(FilmTitle.film_id == 1, FilmTitle.key == "mon oncle")).all()
        assert [(row.title, row.kind, row.source) for row in rows] == [("MON ONCLE", "display", "agent camille")]


def test_an_edit_taken_back_leaves_the_sheet_as_it_was(engine: Engine, tmp_path: Path) -> None:
    two_bases(engine, tmp_path)
    before = sheet(engine, 1)
    edited(engine, title="Autre", year=None, kind="short", genres=["drame"], in_cinemas=False, release_date=date(1958, 5, 10))
    edited(engine, directors=[], admissions=12)
    undone(engine)
    undone(engine)
    assert sheet(engine, 1) == before
    with reading(engine) as session:
        assert session.get_one(Film, 1).slug == "mon-oncle" and last_act(session, 1) is None
        assert list(session.exec(select(FilmDirector.name).where(FilmDirector.film_id == 1))) == ["Jacques Tati"]


def test_only_the_last_act_is_taken_back_and_only_as_it_left_the_film(engine: Engine, tmp_path: Path) -> None:
    two_bases(engine, tmp_path)
    first, last = edited(engine, year=1957), edited(engine, year=1956)
    with writing(engine) as session, pytest.raises(Problem, match="annulez d’abord le dernier"):
        undo_act(session, 1, agent(session), first.id or 0, NOW)
    with writing(engine) as session:
        session.get_one(Film, 1).year = 1900
    with writing(engine) as session, pytest.raises(Problem, match="ont changé depuis"):
        undo_act(session, 1, agent(session), last.id or 0, NOW)


@pytest.mark.parametrize(("facts", "told"), [({}, "rien n’a changé"), ({"year": 1958}, "rien n’a changé")])
def test_nothing_changed_is_no_act(sqlite_engine: Engine, tmp_path: Path, facts: dict[str, object], told: str) -> None:
    two_bases(sqlite_engine, tmp_path)
    with pytest.raises(Problem, match=told):
        edited(sqlite_engine, **facts)


def test_a_film_that_changed_meanwhile_is_not_overwritten(engine: Engine, tmp_path: Path) -> None:
    two_bases(engine, tmp_path)
    with reading(engine) as session:
        seen = mark(session, 1)
    edited(engine, year=1957)
    with writing(engine) as session, pytest.raises(Problem, match="entre-temps"):
        edit_facts(session, 1, agent(session), seen, {"runtime_min": 1}, WHY, NOW)
    assert (sheet(engine, 1)["year"], sheet(engine, 1)["runtime_min"]) == (1957, 117)


def test_of_two_agents_who_correct_at_once_one_is_refused(engine: Engine, tmp_path: Path) -> None:
    two_bases(engine, tmp_path)
    with reading(engine) as session:
        seen = mark(session, 1)
    refused: list[str] = []

    def attempt(year: int) -> None:
        try:
            with writing(engine) as session:
                edit_facts(session, 1, agent(session), seen, {"year": year}, WHY, NOW)
        except Problem as problem:
            refused.append(str(problem))

    agents = [Thread(target=attempt, args=(year,)) for year in (1956, 1957)]
    for one in agents:
        one.start()
    for one in agents:
        one.join()
    assert len(refused) == 1 and "entre-temps" in refused[0] and sheet(engine, 1)["year"] in (1956, 1957)


def test_a_reason_is_asked_for(sqlite_engine: Engine, tmp_path: Path) -> None:
    two_bases(sqlite_engine, tmp_path)
    with writing(sqlite_engine) as session, pytest.raises(Problem, match="un motif est attendu"):
        edit_facts(session, 1, agent(session), mark(session, 1), {"year": 1957}, " ", NOW)


def test_titles_and_numbers_taken_away_are_given_by_no_base_again(engine: Engine, tmp_path: Path) -> None:
    two_bases(engine, tmp_path)
    before = sheet(engine, 1)
    with writing(engine) as session:
        title = session.exec(select(FilmTitle).where(FilmTitle.key == "my uncle")).one().id or 0
        numbers = [held.id or 0 for held in session.exec(select(FilmIdentifier).where(FilmIdentifier.film_id == 1))]
        remove_title(session, 1, agent(session), title, WHY, NOW)
        for number in numbers:
            remove_number(session, 1, agent(session), number, WHY, NOW)
    for text, source, link in ((CNC.replace("1958", "1961"), "cnc", None), (WORLD.replace("117", "9"), "monde", by(w1=1, w2=2))):
        assert taken(engine, tmp_path, text, link, source).faults == []
    with reading(engine) as session:
        assert "my uncle" not in titles(session, 1) and identifiers(session, 1) == {}
    for text, source, link in ((CNC, "cnc", None), (WORLD, "monde", by(w1=1, w2=2))):
        taken(engine, tmp_path, text, link, source)
    for _ in range(1 + len(numbers)):
        undone(engine)
    assert sheet(engine, 1) == before


def test_a_title_and_a_number_are_added_with_who_says_so_and_stay(engine: Engine, tmp_path: Path) -> None:
    two_bases(engine, tmp_path)
    with writing(engine) as session:
        add_title(session, 1, agent(session), "Mein Onkel", "de", WHY, NOW)
        add_number(session, 1, agent(session), "wikidata", " Q1139 ", WHY, NOW)
    taken(engine, tmp_path, CNC.replace("1958", "1961"), source="cnc")
    with reading(engine) as session:
        assert titles(session, 1)["mein onkel"] == "agent camille"
        assert identifiers(session, 1)["wikidata", "Q1139"] == "agent camille"


def test_a_number_that_another_film_has_is_refused_with_that_film(engine: Engine, tmp_path: Path) -> None:
    two_bases(engine, tmp_path)
    with writing(engine) as session, pytest.raises(Held, match="film n° 1, « Mon oncle »") as raised:
        add_number(session, 2, agent(session), "imdb", "tt0050706", WHY, NOW)
    assert raised.value.film_id == 1


@pytest.mark.parametrize(("scheme", "written"), [("imdb", "50706"), ("viaf", "1"), ("isan", "0000-0000-1")])
def test_a_number_ill_formed_is_refused(sqlite_engine: Engine, tmp_path: Path, scheme: str, written: str) -> None:
    two_bases(sqlite_engine, tmp_path)
    with writing(sqlite_engine) as session, pytest.raises(Problem, match="pas un numéro bien formé"):
        add_number(session, 1, agent(session), scheme, written, WHY, NOW)


def test_a_title_that_names_the_film_stays(sqlite_engine: Engine, tmp_path: Path) -> None:
    two_bases(sqlite_engine, tmp_path)
    with writing(sqlite_engine) as session:
        shown = session.exec(select(FilmTitle).where(FilmTitle.film_id == 1, FilmTitle.kind == "display")).one().id or 0
    with writing(sqlite_engine) as session, pytest.raises(Problem, match="titre affiché"):
        remove_title(session, 1, agent(session), shown, WHY, NOW)
    with writing(sqlite_engine) as session, pytest.raises(Problem, match="n’a pas déjà"):
        add_title(session, 1, agent(session), "my UNCLE", None, WHY, NOW)


TYPED = {"title": " Un  film ", "year": "1958", "directors": "A\r\n B \n\nA", "genres": "DRAME", "countries": "France\nURSS"}


def test_facts_are_read_as_typed() -> None:
    found = read_facts(TYPED | {"release_date": "1958-05-10", "kind": "film", "in_cinemas": "non", "age_rating": "12 a"})
    assert (found["title"], found["year"], found["directors"], found["genres"]) == ("Un film", 1958, ["A", "B"], ["drame"])
    assert (found["release_date"], found["kind"], found["in_cinemas"]) == (date(1958, 5, 10), "film", False)
    assert (found["age_rating"], found["original_title"], found["admissions"], found["runtime_min"]) == ("12A", None, None, None)
    assert found["countries"] == ["France", "URSS"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"title": ""}, "titre : de 1"),
        ({"year": "58"}, "année : de 1870"),
        ({"release_date": "10/05/1958"}, "une date attendue"),
        ({"runtime_min": "-1"}, "durée"),
        ({"kind": "opera"}, "nature"),
        ({"in_cinemas": "peut-être"}, "sortie en salle"),
        ({"admissions": "1 000"}, "entrées"),
        ({"age_rating": "15"}, "classification"),
        ({"countries": "Syldavie"}, "pays inconnu : « Syldavie »"),
    ],
)
def test_a_fact_that_cannot_be_is_told(typed: dict[str, str], told: str) -> None:
    with pytest.raises(Problem, match=told):
        read_facts(TYPED | typed)
    assert read_facts(TYPED | {"countries": "Syldavie"}, ["Syldavie"])["countries"] == ["Syldavie"]
