"""Films corrected by agents: what they set stays through imports, and everything can be taken back."""

from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from domain.common.errors import UserError
from domain.db.engine import read_session, write_session
from domain.films.edit_form import parse_facts
from domain.films.edits import add_identifier, add_title, edit_facts, remove_identifier, remove_title, restore_fact
from domain.films.snapshot import IdentifierTakenError
from domain.films.undo import get_last_correction, undo_correction
from domain.models.agent import AuditLine
from domain.models.film import Film, FilmDirector, FilmIdentifier, FilmTitle
from tests.domain.builders import read_provenance
from tests.domain.corrected import CNC_CSV, WORLD_CSV, get_agent, get_facts_version, import_two_sources, read_film_sheet
from tests.domain.joined import NOW, get_identifiers, get_titles, import_text, link_by_ref

WHY = "vu au dépôt légal"


def edited(engine: Engine, film_id: int = 1, **facts: object) -> AuditLine:
    with write_session(engine) as session:
        return edit_facts(session, film_id, get_agent(session), get_facts_version(session, film_id), facts, WHY, NOW)


def undone(engine: Engine, film_id: int = 1) -> None:
    with write_session(engine) as session:
        act = get_last_correction(session, film_id)
        assert act
        undo_correction(session, film_id, get_agent(session), act.id or 0, NOW)


def test_what_a_person_sets_stays_whatever_bases_say(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    act = edited(engine, year=1957, runtime_min=120, directors=["Jacques Tati", "Pierre Étaix"], release_date=date(1958, 5, 10))
    assert act.before and act.after and (act.before["year"], act.after["year"]) == (1958, 1957)
    import_text(engine, tmp_path, CNC_CSV.replace("1958,Jacques Tati", "1960,Tati Jacques"), source="cnc")
    import_text(engine, tmp_path, WORLD_CSV.replace("117", "118"), link_by_ref(w1=1, w2=2))
    with read_session(engine) as session:
        film = session.get_one(Film, 1)
        assert (film.year, film.runtime_min, film.directors) == (1957, 120, ["Jacques Tati", "Pierre Étaix"])
        assert film.release_date == date(1958, 5, 10) and film.original_title == "Mon oncle", "the rest is still gained"
        assert film.edited == {"year": 1960, "runtime_min": None, "directors": ["Tati Jacques"], "release_date": None}
        assert set(session.exec(select(FilmDirector.key).where(FilmDirector.film_id == 1))) == {"jacques-tati", "pierre-etaix"}


def test_a_fact_given_back_is_what_bases_say_today(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    edited(engine, year=1957, runtime_min=None)
    import_text(engine, tmp_path, CNC_CSV.replace("1958", "1960"), source="cnc")
    with write_session(engine) as session:
        restore_fact(session, 1, get_agent(session), "year", WHY, NOW)
    with write_session(engine) as session:
        restore_fact(session, 1, get_agent(session), "runtime_min", WHY, NOW)
    with read_session(engine) as session:
        film = session.get_one(Film, 1)
        assert (film.year, film.runtime_min, film.edited) == (1960, 117, {})
        assert film.merged_attributes["runtime_min"] == "monde"
    with write_session(engine) as session, pytest.raises(UserError, match="pas été corrigé"):
        restore_fact(session, 1, get_agent(session), "year", WHY, NOW)


def test_a_title_set_leads_the_address_and_the_base_keeps_its_own_as_another_title(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    edited(engine, title="Mon oncle d'Amérique")
    import_text(engine, tmp_path, CNC_CSV.replace("Mon oncle,1958", "Mon oncle !,1958"), source="cnc")
    with read_session(engine) as session:
        film = session.get_one(Film, 1)
        kinds = dict(session.exec(select(FilmTitle.key, FilmTitle.kind).where(FilmTitle.film_id == 1)).all())
        assert (film.title, film.slug) == ("Mon oncle d'Amérique", "mon-oncle-d-amerique")
        assert kinds == {"mon oncle d amerique": "display", "mon oncle": "original", "my uncle": "alternative"}


def test_a_spelling_corrected_survives_the_next_import(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    edited(engine, title="MON ONCLE")
    import_text(engine, tmp_path, CNC_CSV.replace("1958", "1960"), source="cnc")
    with read_session(engine) as session:
        rows = session.exec(select(FilmTitle).where(FilmTitle.film_id == 1, FilmTitle.key == "mon oncle")).all()
        assert [(row.title, row.kind, read_provenance(session, row)) for row in rows] == [
            ("MON ONCLE", "display", "agent camille")
        ]


def test_an_edit_taken_back_leaves_the_sheet_as_it_was(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    before = read_film_sheet(engine, 1)
    edited(engine, title="Autre", year=None, kind="short", genres=["drame"], in_cinemas=False, release_date=date(1958, 5, 10))
    edited(engine, directors=[], admissions=12)
    undone(engine)
    undone(engine)
    assert read_film_sheet(engine, 1) == before
    with read_session(engine) as session:
        assert session.get_one(Film, 1).slug == "mon-oncle" and get_last_correction(session, 1) is None
        assert list(session.exec(select(FilmDirector.name).where(FilmDirector.film_id == 1))) == ["Jacques Tati"]


def test_only_the_last_act_is_taken_back_and_only_as_it_left_the_film(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    first, last = edited(engine, year=1957), edited(engine, year=1956)
    with write_session(engine) as session, pytest.raises(UserError, match="annulez d’abord le dernier"):
        undo_correction(session, 1, get_agent(session), first.id or 0, NOW)
    with write_session(engine) as session:
        session.get_one(Film, 1).year = 1900
    with write_session(engine) as session, pytest.raises(UserError, match="ont changé depuis"):
        undo_correction(session, 1, get_agent(session), last.id or 0, NOW)


@pytest.mark.parametrize(("facts", "told"), [({}, "rien n’a changé"), ({"year": 1958}, "rien n’a changé")])
def test_nothing_changed_is_no_act(sqlite_engine: Engine, tmp_path: Path, facts: dict[str, Any], told: str) -> None:
    import_two_sources(sqlite_engine, tmp_path)
    with pytest.raises(UserError, match=told):
        edited(sqlite_engine, **facts)


def test_a_film_that_changed_meanwhile_is_not_overwritten(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    with read_session(engine) as session:
        seen = get_facts_version(session, 1)
    edited(engine, year=1957)
    with write_session(engine) as session, pytest.raises(UserError, match="entre-temps"):
        edit_facts(session, 1, get_agent(session), seen, {"runtime_min": 1}, WHY, NOW)
    assert (read_film_sheet(engine, 1)["year"], read_film_sheet(engine, 1)["runtime_min"]) == (1957, 117)


def test_of_two_agents_who_correct_at_once_one_is_refused(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    with read_session(engine) as session:
        seen = get_facts_version(session, 1)
    refused: list[str] = []

    def attempt(year: int) -> None:
        try:
            with write_session(engine) as session:
                edit_facts(session, 1, get_agent(session), seen, {"year": year}, WHY, NOW)
        except UserError as problem:
            refused.append(str(problem))

    agents = [Thread(target=attempt, args=(year,)) for year in (1956, 1957)]
    for thread in agents:
        thread.start()
    for thread in agents:
        thread.join()
    assert len(refused) == 1 and "entre-temps" in refused[0] and read_film_sheet(engine, 1)["year"] in (1956, 1957)


def test_a_reason_is_asked_for(sqlite_engine: Engine, tmp_path: Path) -> None:
    import_two_sources(sqlite_engine, tmp_path)
    with write_session(sqlite_engine) as session, pytest.raises(UserError, match="un motif est attendu"):
        edit_facts(session, 1, get_agent(session), get_facts_version(session, 1), {"year": 1957}, " ", NOW)


def test_titles_and_numbers_taken_away_are_given_by_no_base_again(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    before = read_film_sheet(engine, 1)
    with write_session(engine) as session:
        title = session.exec(select(FilmTitle).where(FilmTitle.key == "my uncle")).one().id or 0
        identifier_ids = [held.id or 0 for held in session.exec(select(FilmIdentifier).where(FilmIdentifier.film_id == 1))]
        remove_title(session, 1, get_agent(session), title, WHY, NOW)
        for identifier_id in identifier_ids:
            remove_identifier(session, 1, get_agent(session), identifier_id, WHY, NOW)
    for text, source, link in (
        (CNC_CSV.replace("1958", "1961"), "cnc", None),
        (WORLD_CSV.replace("117", "9"), "monde", link_by_ref(w1=1, w2=2)),
    ):
        assert import_text(engine, tmp_path, text, link, source).faults == []
    with read_session(engine) as session:
        assert "my uncle" not in get_titles(session, 1) and get_identifiers(session, 1) == {}
    for text, source, link in ((CNC_CSV, "cnc", None), (WORLD_CSV, "monde", link_by_ref(w1=1, w2=2))):
        import_text(engine, tmp_path, text, link, source)
    for _ in range(1 + len(identifier_ids)):
        undone(engine)
    assert read_film_sheet(engine, 1) == before


def test_a_title_and_a_number_are_added_with_who_says_so_and_stay(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    with write_session(engine) as session:
        add_title(session, 1, get_agent(session), "Mein Onkel", "de", WHY, NOW)
        add_identifier(session, 1, get_agent(session), "wikidata", " Q1139 ", WHY, NOW)
    import_text(engine, tmp_path, CNC_CSV.replace("1958", "1961"), source="cnc")
    with read_session(engine) as session:
        assert get_titles(session, 1)["mein onkel"] == "agent camille"
        assert get_identifiers(session, 1)["wikidata", "Q1139"] == "agent camille"


def test_a_number_that_another_film_has_is_refused_with_that_film(engine: Engine, tmp_path: Path) -> None:
    import_two_sources(engine, tmp_path)
    with write_session(engine) as session, pytest.raises(IdentifierTakenError, match="film n° 1, « Mon oncle »") as raised:
        add_identifier(session, 2, get_agent(session), "imdb", "tt0050706", WHY, NOW)
    assert raised.value.film_id == 1


@pytest.mark.parametrize(("scheme", "written"), [("imdb", "50706"), ("viaf", "1"), ("isan", "0000-0000-1")])
def test_a_number_ill_formed_is_refused(sqlite_engine: Engine, tmp_path: Path, scheme: str, written: str) -> None:
    import_two_sources(sqlite_engine, tmp_path)
    with write_session(sqlite_engine) as session, pytest.raises(UserError, match="pas un numéro bien formé"):
        add_identifier(session, 1, get_agent(session), scheme, written, WHY, NOW)


def test_a_title_that_names_the_film_stays(sqlite_engine: Engine, tmp_path: Path) -> None:
    import_two_sources(sqlite_engine, tmp_path)
    with write_session(sqlite_engine) as session:
        title_id = session.exec(select(FilmTitle).where(FilmTitle.film_id == 1, FilmTitle.kind == "display")).one().id or 0
    with write_session(sqlite_engine) as session, pytest.raises(UserError, match="titre affiché"):
        remove_title(session, 1, get_agent(session), title_id, WHY, NOW)
    with write_session(sqlite_engine) as session, pytest.raises(UserError, match="n’a pas déjà"):
        add_title(session, 1, get_agent(session), "my UNCLE", None, WHY, NOW)


TYPED = {"title": " Un  film ", "year": "1958", "directors": "A\r\n B \n\nA", "genres": "DRAME", "countries": "France\nURSS"}


def test_facts_are_read_as_typed() -> None:
    facts = parse_facts(TYPED | {"release_date": "1958-05-10", "kind": "film", "in_cinemas": "non", "age_rating": "12 a"})
    assert (facts["title"], facts["year"], facts["directors"], facts["genres"]) == ("Un film", 1958, ["A", "B"], ["drame"])
    assert (facts["release_date"], facts["kind"], facts["in_cinemas"]) == (date(1958, 5, 10), "film", False)
    assert (facts["age_rating"], facts["original_title"], facts["admissions"], facts["runtime_min"]) == ("12A", None, None, None)
    assert facts["countries"] == ["France", "URSS"]


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
    with pytest.raises(UserError, match=told):
        parse_facts(TYPED | typed)
    assert parse_facts(TYPED | {"countries": "Syldavie"}, ["Syldavie"])["countries"] == ["Syldavie"]
