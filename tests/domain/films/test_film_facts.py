"""Genres, age rating, life in cinemas and admissions: read from a base, filled anew, gained from another."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, update
from sqlmodel import col, select

from domain.common.casing import format_genre
from domain.common.ratings import is_unknown_rating, parse_rating
from domain.db.engine import read_session, write_session
from domain.films.formats import FilmRecord, RecordIssue, read_cnc_records
from domain.models.film import Film
from tests.domain.films.test_importing import CNC_HEADER
from tests.domain.films.test_importing import taken as imported
from tests.domain.joined import get_film, import_text, link_by_ref

CNC = CNC_HEADER + (
    "1,,UN DRAME,FRANCE,COMEDIE DRAMATIQUE,NON,12A,2019,2020,2020-01-08,FRANCE,A\n"
    "1,,UN DRAME,FRANCE,DRAME,NON,12A,2019,2020,2020-01-08,FRANCE,B\n"
    "2,,JAMAIS SORTI,FRANCE,SCIENCE FICTION,NON,ND,2018,1900,,FRANCE,A\n"
    "3,,SANS DATE,FRANCE,DRAME ,NON,TP,1950,1951,,FRANCE,A\n"
    "4,,SANS RIEN,FRANCE,,NON,,,,,FRANCE,A\n"
    "5,,MAL DATE,FRANCE,XPORNO,NON,X,1988,1900,1991-10-16,FRANCE,A\n"
)


def facts(found: Film) -> tuple[list[str], str | None, bool | None, date | None]:
    return found.genres, found.age_rating, found.in_cinemas, found.release_date


def test_the_cnc_layout_tells_genre_rating_and_whether_a_film_was_released(engine: Engine, tmp_path: Path) -> None:
    assert imported(engine, tmp_path / "cnc.csv", CNC, "cnc").faults == []
    with read_session(engine) as session:
        assert [facts(one) for one in session.exec(select(Film).order_by(col(Film.id)))] == [
            (["comédie dramatique", "drame"], "12A", True, date(2020, 1, 8)),
            (["science-fiction"], None, False, None),
            (["drame"], "TP", True, None),
            ([], None, None, None),
            (["pornographique"], "X", True, date(1991, 10, 16)),
        ]


def test_a_base_taken_in_before_is_filled_by_the_same_file(engine: Engine, tmp_path: Path) -> None:
    imported(engine, tmp_path / "cnc.csv", CNC, "cnc")
    empty: dict[str, Any] = {"genres": [], "age_rating": None, "in_cinemas": None, "content_hash": "of another version"}
    with write_session(engine) as session:
        session.connection().execute(update(Film).values(**empty))
    assert imported(engine, tmp_path / "cnc.csv", CNC, "cnc").updated == 5
    with read_session(engine) as session:
        assert (get_film(session, 2).in_cinemas, get_film(session, 1).age_rating) == (False, "12A")
    assert imported(engine, tmp_path / "cnc.csv", CNC, "cnc").unchanged == 5


def test_the_films_layout_has_optional_columns_for_them(engine: Engine, tmp_path: Path) -> None:
    text = "id,title,genres,age_rating,admissions,in_cinemas\n"
    text += "a,Un,Drame|HISTOIRE|drame,tp a,60000,oui\nb,Deux,,,0,non\nc,Trois,,,,\n"
    assert import_text(engine, tmp_path, text).faults == []
    with read_session(engine) as session:
        one, two, three = (get_film(session, number) for number in (1, 2, 3))
        assert (one.genres, one.age_rating, one.admissions, one.in_cinemas) == (["drame", "histoire"], "TPA", 60_000, True)
        assert (two.admissions, two.in_cinemas) == (0, False)
        assert (three.genres, three.age_rating, three.admissions, three.in_cinemas) == ([], None, None, None)


def test_a_rating_that_means_nothing_is_told_and_the_film_goes_in(sqlite_engine: Engine, tmp_path: Path) -> None:
    report = import_text(sqlite_engine, tmp_path, "id,title,age_rating\na,Un,15\n")
    assert (report.created, [fault.reason for fault in report.faults]) == (
        1,
        ["classification : « 15 » inconnue, laissée de côté"],
    )


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [("admissions", "-1", "entrées"), ("admissions", "1e3", "entrées"), ("in_cinemas", "peut-être", "sortie en salle")],
)
def test_a_value_of_another_nature_is_refused(sqlite_engine: Engine, tmp_path: Path, column: str, value: str, told: str) -> None:
    report = import_text(sqlite_engine, tmp_path, f"id,title,{column}\na,Un,{value}\n")
    assert [fault.reason for fault in report.faults] == [f"{told} : valeur incorrecte « {value} »"]


def test_a_film_gains_from_a_second_base_what_it_lacked(engine: Engine, tmp_path: Path) -> None:
    import_text(engine, tmp_path, "id,title,release_date,genres\nc1,Un,2020-01-08,drame\nc2,Deux,,\n", source="premiere")
    second = "id,title,genres,age_rating,admissions,in_cinemas\nw1,Un,policier,12,0,non\nw2,Deux,policier,TP,,non\n"
    import_text(engine, tmp_path, second, link_by_ref(w1=1, w2=2))
    with read_session(engine) as session:
        one, two = get_film(session, 1), get_film(session, 2)
        assert (one.genres, one.age_rating, one.admissions) == (["drame"], "12", 0), "what it had stays"
        assert one.in_cinemas is None, "a day of release is not contradicted"
        assert (two.genres, two.age_rating, two.in_cinemas) == (["policier"], "TP", False)
        assert two.merged_attributes == {"genres": "monde", "age_rating": "monde", "in_cinemas": "monde"}
    import_text(engine, tmp_path, "id,title,genres\nw1,Un,\nw2,Deux,\n", link_by_ref(w1=1, w2=2))
    with read_session(engine) as session:
        assert (get_film(session, 2).genres, get_film(session, 2).in_cinemas, get_film(session, 2).merged_attributes) == (
            [],
            None,
            {},
        ), "taken back"


@pytest.mark.parametrize(
    ("written", "code"),
    [("TP", "TP"), ("TPA", "TPA"), (" 12 a", "12A"), ("13", "13"), ("16", "16"), ("18A", "18A"), ("x", "X"), ("ND", None)],
)
def test_ratings_are_codes(written: str, code: str | None) -> None:
    assert parse_rating(written) == code and not is_unknown_rating(written)


@pytest.mark.parametrize("written", ["XA", "10", "tous publics", "12AA"])
def test_what_is_no_rating_is_not_guessed(written: str) -> None:
    assert parse_rating(written) is None and is_unknown_rating(written)


@pytest.mark.parametrize(
    ("written", "shown"),
    [("DRAME", "drame"), ("COMEDIE DRAMATIQUE", "comédie dramatique"), ("THEATRE", "théâtre"), ("Film noir", "film noir")],
)
def test_genres_are_written_as_in_french(written: str, shown: str) -> None:
    assert format_genre(written) == shown


def test_the_real_base_has_no_rating_that_we_do_not_know(shared: Path) -> None:
    lines = list(read_cnc_records(shared / "data" / "cnc_base_original_layout.csv.gz"))
    films = [line for line in lines if isinstance(line, FilmRecord)]
    assert {fault.reason for fault in lines if isinstance(fault, RecordIssue)} == {"titre absent"}
    assert sum(line.in_cinemas is False for line in films) > 400 and sum(line.age_rating is None for line in films) < 4_000
    assert all(line.in_cinemas for line in films if line.release_date)
    assert {genre for line in films for genre in line.genres} > {"comédie dramatique", "science-fiction", "théâtre"}
