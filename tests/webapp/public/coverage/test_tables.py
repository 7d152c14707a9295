"""The CNC's tables as pages and files."""

import csv
import io
import re
from html import unescape

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from lxml import html  # type: ignore[import-untyped]
from openpyxl import load_workbook
from sqlalchemy import Engine
from sqlmodel import select

from domain.coverage.registry import TABLE_KEYS, load_definitions
from domain.db.engine import write_session
from domain.models.film import FilmDirector
from domain.models.platform import Platform
from tests.domain.coverage.scene import build_scene, collect_service, days_later, make_rental
from tests.domain.coverage.test_history import collect_thirty_days, correct_link
from webapp.app import create_app
from webapp.core.context import ENGINE_KEY

PAST = "jour=2026-11-22"


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def files(client: FlaskClient) -> dict[str, bytes]:
    return {key: client.get(f"/couverture/tableaux/{key}.csv?{PAST}").data for key in TABLE_KEYS}


def test_every_table_has_its_page_its_method_and_its_files(reader: FlaskClient) -> None:
    index = reader.get("/couverture/tableaux").text
    for key, defined in load_definitions().items():
        assert f"/couverture/tableaux/{key}?{PAST}" in index
        page = reader.get(f"/couverture/tableaux/{key}?{PAST}").text
        assert len(re.findall("<h1", page)) == 1 and "Au 22 novembre 2026" in text_of(page) and "Lignes non reliées" in page
        assert defined.method[:30].replace("'", "’") in text_of(page).replace("\xa0", " ").replace("\u202f", " ")
        assert reader.get(f"/couverture/tableaux/{key}.xlsx?{PAST}").data.startswith(b"PK")


def test_the_page_says_what_was_worked_by_hand(reader: FlaskClient) -> None:
    text = text_of(reader.get(f"/couverture/tableaux/t9?{PAST}").text)
    assert "2024 4 3 75,0 % 2023 3 0 0,0 % 1961 1 1 100,0 %" in text.replace("\xa0", " ")
    assert "1, dont 0 en attente d’une personne, sur 11" in text.replace("\xa0", " ") and "2 films" in text
    shares = text_of(reader.get(f"/couverture/tableaux/t13?{PAST}").text)
    assert "estimation, sans valeur réglementaire" in shares.lower() and "50,0 % 33,3 % 66,7 %" in shares.replace("\xa0", " ")


def test_the_day_is_the_last_that_is_over_and_today_is_provisional(reader: FlaskClient) -> None:
    assert "Au 22 novembre 2026." in text_of(reader.get("/couverture/tableaux/t1").text)
    assert "chiffres provisoires" in reader.get("/couverture/tableaux/t1?jour=2026-11-23").text


def test_the_file_of_a_past_day_is_the_same_to_the_byte_after_later_runs(reader: FlaskClient, counted: Flask) -> None:
    before = files(reader)
    with write_session(counted.extensions[ENGINE_KEY]) as session:
        collect_thirty_days(session)
        correct_link(session, "8", 2)
    with time_machine.travel(days_later(31), tick=False):
        assert files(reader) == before
        page = text_of(reader.get(f"/couverture/tableaux/t9?{PAST}").text).replace("\xa0", " ")
        today = reader.get(f"/couverture/tableaux/t9.csv?{PAST}&etat=aujourdhui").text
    assert "Liens décidés autrement depuis ce jour : 1." in page and "Ligne 8 Achat Film 8 Film 2" in page
    assert "Taux de disponibilité (connu ce jour-là)" in page and "75,0 % 100,0 %" in page
    assert "2024,4,4,1.0000" in today


def test_two_days_stand_side_by_side(reader: FlaskClient, counted: Flask) -> None:
    with write_session(counted.extensions[ENGINE_KEY]) as session:
        collect_service(session, "bouquet", {2: [make_rental()]}, days_later(1))
    with time_machine.travel(days_later(2), tick=False):
        rows = list(csv.reader(io.StringIO(reader.get(f"/couverture/tableaux/t2.csv?{PAST}&avec=2026-11-23").text)))
    assert rows[0][:4] == ["Service", "Films (22\xa0novembre\xa02026)", "Films (23\xa0novembre\xa02026)", "Films (écart)"]
    assert rows[2][:4] == ["Bouquet", "3", "4", "1"]


@pytest.mark.parametrize("title", ["=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(A1)"])
def test_a_formula_in_a_name_is_inert(reader: FlaskClient, counted: Flask, title: str) -> None:
    with write_session(counted.extensions[ENGINE_KEY]) as session:
        session.exec(select(Platform).where(Platform.slug == "achat")).one().name = title
    sheet = load_workbook(io.BytesIO(reader.get(f"/couverture/tableaux/t2.xlsx?{PAST}").data)).worksheets[0]
    assert (title, "s") in [(row[0].value, row[0].data_type) for row in sheet.iter_rows()]
    rows = csv.reader(io.StringIO(reader.get(f"/couverture/tableaux/t2.csv?{PAST}").text))
    assert f"'{title}" in [row[0] for row in rows]


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)"])
def test_a_formula_in_a_name_of_the_base_or_in_a_heading_is_inert(reader: FlaskClient, counted: Flask, name: str) -> None:
    """Give a name to a director of a film that nobody shows, and to a service that is a column of the matrix."""
    with write_session(counted.extensions[ENGINE_KEY]) as session:
        session.add(FilmDirector(film_id=8, key="director", name=name))
        session.exec(select(Platform).where(Platform.slug == "achat")).one().name = name
    filtered = f"{PAST}&services=bouquet"
    for key, position, query in (("t15-realisation", 1, filtered), ("t2-recouvrement", 0, PAST)):
        sheet = load_workbook(io.BytesIO(reader.get(f"/couverture/tableaux/{key}.xlsx?{query}").data)).worksheets[0]
        assert (name, "s") in [(cell.value, cell.data_type) for cell in list(sheet.iter_rows())[position]]
        rows = list(csv.reader(io.StringIO(reader.get(f"/couverture/tableaux/{key}.csv?{query}").text)))
        assert f"'{name}" in rows[position] and name not in rows[position]


def test_the_report_of_a_month_holds_every_table(reader: FlaskClient) -> None:
    page = html.fromstring(reader.get("/couverture/rapport?mois=2026-11").text)
    assert [section.get("id") for section in page.xpath("//section/h2")] == list(TABLE_KEYS)
    assert "compté au 22 novembre 2026" in text_of(reader.get("/couverture/rapport").text).replace("comptés", "compté")


def test_bars_tell_nothing_that_the_table_does_not(reader: FlaskClient) -> None:
    page = html.fromstring(reader.get(f"/couverture/tableaux/t3?{PAST}").text)
    (bars,) = page.xpath("//*[@class='bars']")
    assert bars.get("aria-hidden") == "true" and not bars.xpath(".//*[@style]")
    assert bars.xpath(".//rect/@width")[:2] == ["100.0%", "50.0%"]
    assert [text.strip() for text in bars.xpath("./p/text()")][:2] == ["France\xa0: 2", "États-Unis\xa0: 1"]


@pytest.mark.parametrize(
    "params",
    [
        *("jour=demain", "jour=2026-11-24", "jour=1999-01-01", "jour=2026-02-30", "avec=x", "acces=vol", "pays=q", "langue=q"),
        *("etat=q", "services=personne", "page=0", "page=2", "page=%C2%B2", "jour=%00"),
    ],
)
def test_a_bad_value_is_refused_in_one_sentence(reader: FlaskClient, params: str) -> None:
    answer = reader.get(f"/couverture/tableaux/t1?{params}")
    assert answer.status_code == 400 and "paramètre" in answer.text


def test_a_table_or_a_month_that_is_not_is_refused(reader: FlaskClient) -> None:
    assert reader.get("/couverture/tableaux/t99").status_code == 404
    for month in ("2026-13", "2027-01", "x", "2019-12"):
        assert reader.get(f"/couverture/rapport?mois={month}").status_code == 400


def test_both_databases_give_the_same_files(reader: FlaskClient, postgresql_engine: Engine) -> None:
    with write_session(postgresql_engine) as session:
        build_scene(session)
    other = create_app(postgresql_engine).test_client()
    assert files(other) == files(reader)
