"""A reference base taken in, again, and with bad lines."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.common.errors import UserError
from domain.db.engine import read_session
from domain.films.importing import ImportReport, import_films
from domain.models.film import Film, FilmIdentifier, FilmTitle

CNC_HEADER = (
    "N°CNC,VISA,TITRE,GROUPE,GENRE,AudioDecrit,INTERDICTION,PRODUCTION,"
    "ANNEE SORTIE SALLES,DATE SORTIE SALLES,PAYS,Nom_Realisateur\n"
)


def taken(engine: Engine, path: Path, text: str, layout: str = "films", encoding: str = "utf-8") -> ImportReport:
    path.write_bytes(text.encode(encoding))
    return import_films(engine, path, layout, lambda line: None)


def films(session: Session) -> list[Film]:
    return list(session.exec(select(Film).order_by(col(Film.id))))


def test_the_films_layout_fills_titles_identifiers_and_facts(engine: Engine, tmp_path: Path) -> None:
    text = (
        "id,title,original_title,other_titles,year,release_date,runtime_min,directors,countries,kind,imdb,unknown\n"
        "a,Les Sept Samouraïs,七人の侍,Seven Samurai|Shichinin no samurai,1954,,207,Akira Kurosawa,Japon,film,tt0047478,x\n"
    )
    report = taken(engine, tmp_path / "films.csv", text)
    assert (report.created, report.faults) == (1, [])
    with read_session(engine) as session:
        (film,) = films(session)
        assert (film.id, film.slug, film.year, film.runtime_min) == (1, "les-sept-samourais", 1954, 207)
        assert film.directors == ["Akira Kurosawa"] and film.countries == ["Japon"]
        assert set(session.exec(select(FilmTitle.key))) == {"sept samourais", "七人の侍", "seven samurai", "shichinin no samurai"}
        assert [(i.scheme, i.value) for i in session.exec(select(FilmIdentifier))] == [("imdb", "tt0047478")]


def test_the_cnc_layout_gathers_the_rows_of_a_film(engine: Engine, tmp_path: Path) -> None:
    text = CNC_HEADER + (
        "2007093401,,PERSEPOLIS,FRANCE,ANIMATION,OUI,TP,2005,2007,2007-06-27,FRANCE,PARONNAUD Vincent\n"
        "2007093401,,PERSEPOLIS,FRANCE,ANIMATION,OUI,TP,2005,2007,2007-06-27,France,SATRAPI Marjane\n"
        "2007093402,,SANS DATE,FRANCE,DRAME,,TP,,1900,1900-01-01,FRANCE,\n"
    )
    assert taken(engine, tmp_path / "cnc.csv", text, "cnc").created == 2
    with read_session(engine) as session:
        persepolis, undated = films(session)
        assert (persepolis.title, persepolis.year, str(persepolis.release_date)) == ("Persepolis", 2005, "2007-06-27")
        assert persepolis.directors == ["Vincent Paronnaud", "Marjane Satrapi"] and persepolis.countries == ["France"]
        assert (undated.year, undated.release_date, undated.directors) == (None, None, [])
        assert ("cnc", "2007093401") in {(i.scheme, i.value) for i in session.exec(select(FilmIdentifier))}


def test_importing_twice_changes_nothing_and_a_changed_line_updates(engine: Engine, tmp_path: Path) -> None:
    path, text = tmp_path / "films.csv", "id,title,year,imdb\na,Playtime,1967,tt0062136\nb,Mon oncle,1958,\n"
    taken(engine, path, text)
    again = taken(engine, path, text)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    changed = taken(engine, path, text.replace("Mon oncle,1958", "Mon Oncle !,1957"))
    assert (changed.created, changed.updated, changed.unchanged) == (0, 1, 1)
    with read_session(engine) as session:
        assert [(film.id, film.title, film.year) for film in films(session)] == [(1, "Playtime", 1967), (2, "Mon Oncle !", 1957)]
        assert len(session.exec(select(FilmTitle)).all()) == 2


def test_bad_lines_are_reported_and_the_rest_goes_in(engine: Engine, tmp_path: Path) -> None:
    lines = ["id,title,year,runtime_min", "a,Playtime,1967,", "b,,1958,", "c,Trafic,dix-neuf,", "d,Parade"]
    text = "\n".join([*lines, "e,Jour de fête,1949,-3", "a,Encore,1990,", ""])
    report = taken(engine, tmp_path / "films.csv", text)
    assert report.created == 1
    assert [(fault.line, fault.reason) for fault in report.faults] == [
        (3, "titre absent"),
        (4, "année : valeur incorrecte « dix-neuf »"),
        (5, "2 cellules au lieu de 4"),
        (6, "durée : valeur incorrecte « -3 »"),
        (7, "identifiant « a » déjà lu ligne 2"),
    ]


def test_a_number_that_belongs_to_another_film_is_left_out_and_said(engine: Engine, tmp_path: Path) -> None:
    report = taken(engine, tmp_path / "films.csv", "id,title,imdb\na,Playtime,tt0062136\nb,Mon oncle,tt0062136\n")
    assert report.created == 2
    assert [fault.reason for fault in report.faults] == ["imdb tt0062136 appartient déjà au film 1 : numéro laissé de côté"]


@pytest.mark.parametrize(
    ("column", "value"), [("popularity", "inf"), ("release_date", "978307200"), ("release_date", "20010101")]
)
def test_a_value_of_another_nature_is_refused(engine: Engine, tmp_path: Path, column: str, value: str) -> None:
    report = taken(engine, tmp_path / "films.csv", f"id,title,{column}\na,Playtime,{value}\n")
    assert report.created == 0 and "valeur incorrecte" in report.faults[0].reason


def test_a_damaged_number_is_left_out_and_said(engine: Engine, tmp_path: Path) -> None:
    report = taken(engine, tmp_path / "films.csv", "id,title,imdb\na,Playtime,0062136\n")
    assert (report.created, report.faults[0].reason) == (1, "imdb : numéro incorrect « 0062136 », laissé de côté")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "cp850"])
def test_usual_encodings_are_taken_in(engine: Engine, tmp_path: Path, encoding: str) -> None:
    taken(engine, tmp_path / "films.csv", "id,title\na,L'Été meurtrier\nb,Où est la maison de mon ami ?\n", encoding=encoding)
    with read_session(engine) as session:
        assert films(session)[0].title == "L'Été meurtrier"


def test_an_unusable_file_takes_nothing_in(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="disposition inconnue"):
        taken(engine, tmp_path / "films.csv", "id,title\n", "dvd")
    with pytest.raises(UserError, match="colonne absente : title"):
        taken(engine, tmp_path / "films.csv", "id,titre\n1,Playtime\n")
    with pytest.raises(UserError, match="introuvable"):
        import_films(engine, tmp_path / "nowhere.csv", "films", lambda line: None)


@pytest.mark.long
def test_the_base_of_the_cnc_goes_in_whole(sqlite_engine: Engine, shared: Path) -> None:
    report = import_films(sqlite_engine, shared / "data" / "cnc_base_original_layout.csv.gz", "cnc", lambda line: None)
    assert report.created == 30_640
    assert [fault.reason for fault in report.faults] == ["titre absent"] * 10
