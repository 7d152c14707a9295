"""A film merged into another: its addresses lead there, and no list shows it any more."""

import re
from collections import defaultdict
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from domain.db.engine import read_session, write_session
from domain.films.merge import merge_film, preview_merge
from domain.models.agent import Agent
from matcher.loaders.database import read_films
from opendata.batches import iter_film_batches
from tests.conftest import NOW
from tests.scene import DUNE_1984, DUNE_2021


@pytest.fixture
def merged(client: FlaskClient, sqlite_engine: Engine) -> FlaskClient:
    """Dune of 1984 is said to be that of 2021."""
    with write_session(sqlite_engine) as session:
        agent = Agent(login="camille", name="Camille", password_hash="", created_at=NOW)
        session.add(agent)
        session.flush()
        merge_film(
            session,
            DUNE_1984,
            DUNE_2021,
            agent,
            preview_merge(session, DUNE_1984, DUNE_2021).version,
            "un essai",
            NOW - timedelta(minutes=10),
        )
    return client


@pytest.mark.parametrize(
    ("address", "location"),
    [
        ("/films/3-dune", "/films/4-dune-premiere-partie"),
        ("/films/3", "/films/4-dune-premiere-partie"),
        ("/en/films/3-dune", "/en/films/4-dune-premiere-partie"),
        ("/films/3/atom.xml", "/films/4/atom.xml"),
        ("/api/v1/films/3", "/api/v1/films/4"),
        ("/api/v1/films/3/offers?history=true", "/api/v1/films/4/offers?history=true"),
        ("/api/v1/films/3/windows", "/api/v1/films/4/windows"),
        ("/rapprocher/apercu/3", "/rapprocher/apercu/4"),
    ],
)
def test_its_addresses_lead_to_the_film_that_stands(merged: FlaskClient, address: str, location: str) -> None:
    answer = merged.get(address)
    assert (answer.status_code, answer.location) == (301, location)
    assert merged.get(location).status_code == 200


def test_a_parameter_that_looks_like_ours_stays_a_parameter(merged: FlaskClient) -> None:
    answer = merged.get("/films/3/fenetres.ics?_external=1&_scheme=x&film_id=9")
    assert answer.location == "/films/4/fenetres.ics?_external=1&_scheme=x&film_id=9"


def test_partners_that_hold_its_number_are_served(merged: FlaskClient) -> None:
    assert "première partie" in merged.get("/widget/3").text
    assert "premi" in merged.get("/oembed?url=http://localhost/films/3-dune").text
    looked = merged.post("/api/v1/lookup", json={"items": [{"id": 3}, {"id": 1}]}).json
    assert looked and [result["film"]["id"] for result in looked["results"]] == [4, 1]
    rows = merged.get("/api/rapprochement", query_string={"extend": '{"ids":["3"],"properties":[{"id":"year"}]}'}).json
    assert rows and rows["rows"]["3"]["year"] == [{"int": 2021}]
    assert "première partie" in merged.get("/signaler?film=3").text


def test_lists_searches_and_maps_leave_it_out(merged: FlaskClient) -> None:
    for address in (
        "/recherche?q=dune",
        "/sitemaps/1.xml",
        "/api/v1/films?q=dune",
        "/api/v1/films/updated",
        "/suggestions?q=dune",
    ):
        text = merged.get(address).text
        assert "1984" not in text and "films/3-" not in text and '"id":3,' not in text, address
    changed = merged.get("/api/v1/changes?type=film-changed").json
    assert changed and {3, 4} <= {change["film"] for change in changed["changes"]}, "who keeps a copy learns of it"


def test_the_matcher_and_the_exports_leave_it_out(merged: FlaskClient, sqlite_engine: Engine) -> None:
    with read_session(sqlite_engine) as session:
        assert "3" not in [work.id for work in read_films(session)]
        exported = [film.id for stretch in iter_film_batches(session, NOW, defaultdict(list)) for film in stretch.films]
        assert 4 in exported and 3 not in exported


def test_the_home_page_and_the_coverage_count_it_once(merged: FlaskClient) -> None:
    home = unescape(re.sub(r"<[^>]+>", " ", merged.get("/").text))
    coverage = unescape(re.sub(r"<[^>]+>", " ", merged.get("/couverture").text))
    assert re.search(r"\b5\s+films", home), home
    assert re.search(r"dans la base\s+5\b", coverage), coverage
    answer = merged.get("/api/v1/coverage").json
    assert answer and answer["films"] == 5
