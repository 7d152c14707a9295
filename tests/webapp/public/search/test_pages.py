"""The search as people and browsers use it."""

import json
from datetime import datetime
from pathlib import Path
from threading import Event
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import select

from domain.db.engine import read_session, write_session
from domain.models.public_use import UnfoundTitle
from tests.scene import add_film
from tests.search.conftest import Find, get_film_ids
from webapp.core.counter_buffer import get_counter
from webapp.core.title_index import get_index_manager


@pytest.fixture
def reader(site: Flask) -> FlaskClient:
    return site.test_client()


def test_suggestions_come_from_the_third_letter(reader: FlaskClient) -> None:
    assert json.loads(reader.get("/suggestions?q=va").text) == ["va", [], [], []]
    query, names, descriptions, addresses = json.loads(reader.get("/suggestions?q=vad").text)
    assert (query, names, descriptions) == ("vad", ["La Grande Vadrouille"], ["1966, Gérard Oury"])
    assert addresses == ["http://localhost/films/1-la-grande-vadrouille"]


def test_suggestions_forgive_and_lead_to_english_pages_from_english_ones(reader: FlaskClient) -> None:
    assert json.loads(reader.get("/en/suggestions?q=amelie poulin").text)[3] == [
        "http://localhost/en/films/20-le-fabuleux-destin-d-amelie-poulain"
    ]


def test_a_misspelt_title_is_corrected_by_a_link(reader: FlaskClient) -> None:
    page = reader.get("/recherche?q=la+grande+vadrouile").text
    assert "Vouliez-vous dire" in page and 'href="/recherche?q=La+Grande+Vadrouille"' in page


def test_choices_are_kept_from_page_to_page(site: Flask, reader: FlaskClient, engine: Engine) -> None:
    with write_session(engine) as session:
        for film_id in range(100, 145):
            add_film(session, film_id, f"Nuit {film_id}", year=1970)
    page = reader.get("/recherche?q=nuit&decennie=1970").text
    assert 'href="/recherche?q=nuit&amp;page=2&amp;decennie=1970"' in page and '<option value="1970" selected>' in page


def test_titles_nobody_finds_are_counted_and_nothing_else(site: Flask, reader: FlaskClient, engine: Engine) -> None:
    for query in ("Xyzzy", "xyzzy", "quelqu.un@exemple.fr", "06 12 34 56 78", "z" * 90, "dune"):
        reader.get("/recherche", query_string={"q": query})
    reader.get("/recherche?q=plugh&disponible=1")
    with site.app_context():
        get_counter().flush()
    with read_session(engine) as session:
        assert [(row.key, row.count) for row in session.exec(select(UnfoundTitle))] == [("xyzzy", 2)]


def test_browsers_learn_how_to_search_here(reader: FlaskClient) -> None:
    answer = reader.get("/opensearch.xml")
    space = {"o": "http://a9.com/-/spec/opensearch/1.1/"}
    urls = {url.get("type"): url.get("template") for url in ET.fromstring(answer.data).findall("o:Url", space)}
    assert urls["text/html"] == "http://localhost/recherche?q={searchTerms}"
    assert urls["application/x-suggestions+json"] == "http://localhost/suggestions?q={searchTerms}"
    assert 'href="/opensearch.xml"' in reader.get("/").text


def test_a_film_that_comes_later_is_found_once_the_index_is_made_again(site: Flask, engine: Engine, find: Find) -> None:
    find("dune")
    with write_session(engine) as session:
        add_film(session, 200, "Un film tout neuf")
    find("neuf")
    with site.app_context():
        get_index_manager().wait_until_ready()
    assert get_film_ids(find("neuf")) == [200]


def test_another_program_finds_the_index_made(site: Flask, engine: Engine, find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    find("dune")
    monkeypatch.setattr("search.index_manager.build_index", None)
    other = type(titles_of(site))(engine)
    with read_session(engine) as session:
        assert other.get_index(session).folder == titles_of(site).get_index(session).folder


def titles_of(site: Flask):  # type: ignore[no-untyped-def]
    with site.app_context():
        return get_index_manager()


def test_old_indexes_are_removed(site: Flask, engine: Engine, find: Find, moment: datetime) -> None:
    find("dune")
    with read_session(engine) as session:
        home: Path = titles_of(site).get_index(session).folder.parent
    with write_session(engine) as session:
        add_film(session, 200, "Un film tout neuf")
    find("neuf")
    titles_of(site).wait_until_ready()
    assert len(list(home.iterdir())) == 1


def test_a_search_can_be_followed(reader: FlaskClient) -> None:
    page = reader.get("/recherche?q=truffaut&acces=achat").text
    assert 'href="/recherche/atom.xml?q=truffaut&amp;acces=achat"' in page
    feed = ET.fromstring(reader.get("/recherche/atom.xml?q=truffaut&acces=achat").data)
    space = {"a": "http://www.w3.org/2005/Atom"}
    assert [title.text for title in feed.findall("a:entry/a:title", space)] == ["Les Quatre Cents Coups (1959)"] * 2
    assert feed.findtext("a:id", None, space) == "tag:localhost,2026:recherche/acces=achat&q=truffaut"


def test_nothing_searched_is_no_feed(reader: FlaskClient) -> None:
    assert reader.get("/recherche/atom.xml").status_code == 400


def test_a_country_that_is_not_known_is_said_beside_the_form_as_it_was(reader: FlaskClient) -> None:
    answer = reader.get("/recherche?q=dune&disponible=1&pays=Narnia")
    assert answer.status_code == 400 and "« Narnia »" in answer.text.replace("\N{NO-BREAK SPACE}", " ")
    assert 'name="disponible" value="1" checked' in answer.text and 'name="q" type="search" value="dune"' in answer.text


def test_without_words_one_may_choose_what_to_see(reader: FlaskClient) -> None:
    assert '<details class="mine" open>' in reader.get("/recherche").text


def test_while_the_first_index_is_made_the_search_says_so(
    site: Flask, reader: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Event()
    monkeypatch.setattr("search.index_manager._WAIT_TIMEOUT", 0.01)
    monkeypatch.setattr("search.index_manager.build_index", lambda *_: made.wait(20))
    answer = reader.get("/recherche?q=dune")
    assert answer.status_code == 503 and "La recherche se prépare" in answer.text
    made.set()
