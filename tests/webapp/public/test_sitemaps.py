"""The map of the site: every film once, with its last change; a file never holds too many."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from domain.db.engine import write_session
from tests.scene import add_film
from webapp.public import sitemaps

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def places(client: FlaskClient, address: str) -> dict[str, str | None]:
    """Address and last change of what a map lists."""
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "application/xml")
    listed = ElementTree.fromstring(answer.data)
    return {element.findtext(f"{SPACE}loc", ""): element.findtext(f"{SPACE}lastmod") for element in listed}


def test_every_film_is_listed_once_at_the_address_that_it_gives_itself(client: FlaskClient) -> None:
    films = [film for part in places(client, "/sitemap.xml") for film in places(client, part) if "/films/" in film]
    assert len(films) == len(set(films)) == 6
    for film in films:
        assert f'<link rel="canonical" href="{film}">' in client.get(urlsplit(film).path).text


def test_a_film_whose_offers_changed_has_changed(client: FlaskClient) -> None:
    listed = {urlsplit(film).path: changed for film, changed in places(client, "/sitemaps/1.xml").items()}
    assert listed["/films/1-la-grande-vadrouille"] == "2026-11-22T12:37:00Z"
    assert listed["/films/2-le-guepard"] == "2026-11-22T12:00:00Z"


def test_pages_that_stand_alone_are_listed_and_answer(client: FlaskClient) -> None:
    alone = [urlsplit(address).path for address in places(client, "/sitemaps/0.xml")]
    assert {"/", "/methode", "/couverture"} <= set(alone) and len(alone) == len(set(alone))
    assert [path for path in alone if client.get(path).status_code != 200] == []


def test_many_films_take_several_files(client: FlaskClient, sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "_FILMS_PER_FILE", 4)
    with write_session(sqlite_engine) as session:
        add_film(session, 14, "Loin des autres")
    parts = [urlsplit(part).path for part in places(client, "/sitemap.xml")]
    assert parts == [f"/sitemaps/{number}.xml" for number in range(5)]
    assert [len(places(client, part)) for part in (*parts[1:3], parts[4])] == [4, 2, 1]
    for nothing in ("/sitemaps/3.xml", "/sitemaps/5.xml", "/sitemaps/99999999999.xml", "/sitemaps/x.xml"):
        assert client.get(nothing).status_code == 404


def test_a_file_costs_two_queries_by_the_number_of_its_films(client: FlaskClient, sqlite_engine: Engine) -> None:
    queries: list[tuple[str, Any]] = []
    event.listen(sqlite_engine, "before_cursor_execute", lambda *told: queries.append((told[2], told[3])))
    client.get("/sitemaps/1.xml")
    selects = [(query, values) for query, values in queries if query.startswith("SELECT")]
    with sqlite_engine.connect() as connection:
        plans = [str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values).all()) for query, values in selects]
    assert len(plans) == 2
    assert "SEARCH film USING" in plans[1] and "rowid>? AND rowid<?" in plans[1] and "SCAN" not in plans[1]
    assert "ix_judgement_film_id" in plans[0]


def test_a_map_may_be_kept_an_hour(client: FlaskClient, moment: datetime) -> None:
    assert client.get("/sitemap.xml").headers["Cache-Control"] == "public, max-age=3600"
