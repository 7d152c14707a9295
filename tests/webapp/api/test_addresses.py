"""Every address of the API, over the scene."""

from datetime import datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import select

from domain.common.enums import CloseReason
from domain.db.engine import write_session
from domain.models.film import FilmIdentifier
from domain.models.offer import Offer
from tests.scene import DUNE_1984, DUNE_2021, GUEPARD, VADROUILLE, build_scene
from tests.webapp.api.requests import get_facts, read_link_header, read_problem
from webapp.api import schemas as others
from webapp.api.film_schemas import FilmAnswer, OffersAnswer, SearchAnswer, UpdatedAnswer
from webapp.app import create_app


@pytest.fixture
def numbered(client: FlaskClient, sqlite_engine: Engine) -> FlaskClient:
    numbers = [("cnc", "1963/12", GUEPARD), ("visa", "26721", GUEPARD), ("imdb", "tt0057091", GUEPARD), ("eidr", EIDR, GUEPARD)]
    with write_session(sqlite_engine) as session:
        session.add_all([FilmIdentifier(film_id=film, scheme=scheme, value=value) for scheme, value, film in numbers])
    return client


EIDR = "10.5240/7791-8534-2C23-9030-8610-5"
FOREVER = "stale-while-revalidate=3600, stale-if-error=86400"


def test_a_film_is_found_by_its_numbers_elsewhere(numbered: FlaskClient) -> None:
    for place in ("cnc/1963/12", "visa/26721", "visa/026721", "imdb/tt0057091", "imdb/TT57091", f"eidr/{EIDR}"):
        answer = numbered.get(f"/api/v1/films/by/{place}")
        assert answer.status_code == (404 if place.endswith("TT57091") else 200), place
    assert get_facts(numbered, "films/by/cnc/1963/12", FilmAnswer)["id"] == GUEPARD
    for unknown in ("imdb/tt9999999", "imdb/abc", "cnc/%00", "visa/0", f"isan/{'z' * 90}"):
        read_problem(numbered.get(f"/api/v1/films/by/{unknown}"), 404, "introuvable")
    assert "« imbd »" in read_problem(numbered.get("/api/v1/films/by/imbd/tt0057091"), 400, "parametre")


def test_a_search_keeps_to_its_filters_and_leads_to_other_pages(client: FlaskClient) -> None:
    found = get_facts(client, "films?q=dune&acces=location,achat&services=cine&qualite=hd", SearchAnswer)
    assert [film["id"] for film in found["films"]] == [DUNE_2021]
    assert get_facts(client, "films?q=dune&decennie=1980", SearchAnswer)["films"][0]["id"] == DUNE_1984
    assert get_facts(client, "films?q=le+guepard&pays=IT", SearchAnswer)["total"] == 1
    beyond = client.get("/api/v1/films?q=dune&page=7")
    assert read_link_header(beyond) == {"first": "/api/v1/films?q=dune", "prev": "/api/v1/films?q=dune&page=1"}


def test_offers_of_a_past_moment_and_of_a_day(client: FlaskClient, moment: datetime) -> None:
    now = get_facts(client, "films/1/offers", OffersAnswer)
    assert len(now["offers"]) == 6 and now["history"] is None and now["at"] == now["generated_at"]
    assert get_facts(client, "films/1/offers?at=2026-11-22T12:36:00Z", OffersAnswer)["offers"] == []
    before = get_facts(client, "films/1/offers?at=2026-11-22", OffersAnswer)
    assert (before["at"], before["offers"]) == ("2026-11-22T11:00:00Z", [])
    with time_machine.travel(moment.replace(hour=9), tick=False):  # today's noon is to come: today is now
        assert get_facts(client, "films/2/offers?at=2026-11-22", OffersAnswer)["at"] == "2026-11-22T09:37:00Z"
    for later in ("2026-11-23", "2026-11-22T14:00:00%2B00:00"):
        assert "« at »" in read_problem(client.get(f"/api/v1/films/1/offers?at={later}"), 400, "parametre")
    read_problem(client.get("/api/v1/films/999/offers"), 404, "introuvable")


def test_history_tells_periods_that_are_over(client: FlaskClient, sqlite_engine: Engine, moment: datetime) -> None:
    with write_session(sqlite_engine) as session:
        offer = session.exec(select(Offer)).first()
        assert offer is not None
        offer.closed_at, offer.closed_why, number = moment, CloseReason.WITHDRAWN, offer.id
    history = get_facts(client, "films/1/offers?history=true", OffersAnswer)["history"]
    (over,) = [period for period in history if period["closed_at"]]
    assert (over["id"], over["closed_at"], len(history)) == (number, "2026-11-22T13:37:00Z", 6)
    assert get_facts(client, "films/1/offers?history=true&at=2026-11-21", OffersAnswer)["history"] == []


def test_an_order_is_not_kept_past_its_draw_and_the_rest_may_be(client: FlaskClient) -> None:
    for drawn in ("films/1", "films/by/imdb/tt0060474", "films?q=dune", "films/1/offers", "films/1/offers?at=2026-11-21"):
        answer = client.get(f"/api/v1/{drawn}")
        assert answer.headers["Cache-Control"] == "public, max-age=180"
        assert answer.headers["Last-Modified"] == "Sun, 22 Nov 2026 13:35:00 GMT"
    for plain in ("films/1/windows", "windows", "platforms", "platforms/cine", "platforms/cine/runs", "coverage", "identifiers"):
        assert client.get(f"/api/v1/{plain}").headers["Cache-Control"] == f"public, max-age=300, {FOREVER}"
    assert client.get("/api/v1/changes").headers["Cache-Control"] == f"public, max-age=60, {FOREVER}"


def test_windows_of_a_film_carry_their_rules(client: FlaskClient) -> None:
    facts = get_facts(client, "films/1/windows", others.FilmWindowsAnswer)
    (rental,) = [window for window in facts["windows"] if window["rule"] == "TVOD"]
    assert (rental["state"], rental["opens"]) == ("open-with-offer", "1967-04-08")
    assert rental["source"] and facts["day"] == "2026-11-22" and facts["exemption"] is None
    rules = get_facts(client, "windows", others.RulesAnswer)["rules"]
    assert {window["rule"] for window in facts["windows"]} <= {rule["id"] for rule in rules if rule["in_force"]}
    assert any(not rule["in_force"] for rule in rules) and any(rule["doubt"] for rule in rules)
    assert get_facts(client, "films/2/windows", others.FilmWindowsAnswer)["exemption"] == "unknown-release"


def test_services_say_why_they_are_legal_and_how_fresh(client: FlaskClient) -> None:
    known = get_facts(client, "platforms", others.PlatformsAnswer)["platforms"]
    assert [one["slug"] for one in known] == ["abonne", "antenne", "boitier", "cine", "kiosque"]
    cine = next(one for one in known if one["slug"] == "cine")
    assert cine["legal"] == {"basis": "invented", "evidence": "un exemple", "checked_on": "2026-11-22", "doubt": None}
    assert (cine["collected_at"], cine["held_at"], cine["shown"]) == ("2026-11-22T12:37:00Z", "2026-11-22T13:37:00Z", True)
    one = get_facts(client, "platforms/cine", others.PlatformAnswer)
    assert one.items() >= cine.items() and (one["rows_linked"], one["rows_doubtful"], one["rows_unlinked"]) == (2, 1, 0)
    read_problem(client.get("/api/v1/platforms/rien"), 404, "introuvable")


def test_collections_come_by_pages_the_last_first(client: FlaskClient) -> None:
    first = client.get("/api/v1/platforms/cine/runs?limit=1")
    (held,) = first.get_json()["runs"]
    second = client.get(read_link_header(first)["next"])
    (accepted,) = second.get_json()["runs"]
    assert (held["state"], accepted["state"]) == ("held", "accepted") and held["id"] > accepted["id"]
    assert second.get_json()["cursor"] is None and "next" not in read_link_header(second)
    assert read_link_header(second)["first"] == "/api/v1/platforms/cine/runs?limit=1"


def test_coverage_tells_the_figures_of_its_page(client: FlaskClient) -> None:
    facts = get_facts(client, "coverage", others.CoverageAnswer)
    assert (facts["films"], facts["films_available"], facts["films_by_access"]["rent"]) == (6, 3, 3)
    rows = client.get("/couverture.csv").text.splitlines()[1:]
    assert [(row.split(",")[1], row.split(",")[7]) for row in rows] == [
        (one["platform"]["slug"], str(one["rows_linked"])) for one in facts["platforms"]
    ]


def test_the_map_of_identifiers_is_read_to_its_end(numbered: FlaskClient) -> None:
    found, address = [], "/api/v1/identifiers?limit=2"
    while address:
        answer = numbered.get(address)
        found += [(one["scheme"], one["value"]) for one in answer.get_json()["identifiers"]]
        address = read_link_header(answer).get("next", "")
    assert found == [("cnc", "1963/12"), ("eidr", EIDR), ("imdb", "tt0057091"), ("imdb", "tt0060474"), ("visa", "26721")]
    imdb = get_facts(numbered, "identifiers?scheme=imdb", others.IdentifiersAnswer)["identifiers"]
    assert [one["film"] for one in imdb] == [GUEPARD, VADROUILLE]


def test_changes_are_followed_from_page_to_page(client: FlaskClient, sqlite_engine: Engine, moment: datetime) -> None:
    found, address = [], "/api/v1/changes?limit=4"
    while address:
        answer = client.get(address)
        found += answer.get_json()["changes"]
        address = read_link_header(answer).get("next", "")
    every = get_facts(client, "changes", others.ChangesAnswer)
    assert found == every["changes"] and not every["more"] and every["settled_until"] == "2026-11-22T13:35:00Z"
    assert {change["type"] for change in found} == {"film-changed", "link-changed", "offer-opened"}
    opened = [change for change in found if change["type"] == "offer-opened"]
    assert opened[0]["offer"]["link"]["reason"] and opened[0]["platform"]["slug"] and opened[0]["film"]
    assert get_facts(client, f"changes?cursor={every['cursor']}", others.ChangesAnswer)["changes"] == []
    with time_machine.travel(moment + timedelta(minutes=10), tick=False):
        later = get_facts(client, f"changes?cursor={every['cursor']}", others.ChangesAnswer)["changes"]
    assert [(change["type"], change["film"], change["previous_film"]) for change in later] == [("link-changed", None, 5)]
    only = get_facts(client, "changes?type=offer-opened,offer-closed&since=2026-11-22", others.ChangesAnswer)["changes"]
    assert only == opened


def test_films_are_listed_by_their_last_change(client: FlaskClient) -> None:
    first = get_facts(client, "films/updated?limit=4", UpdatedAnswer)
    second = get_facts(client, f"films/updated?limit=4&cursor={first['cursor']}", UpdatedAnswer)
    assert (
        [film["id"] for film in first["films"] + second["films"]] == [1, 2, 3, 4, 5, 6] and first["more"] and not second["more"]
    )
    assert get_facts(client, "films/updated?updated_since=2026-11-23", UpdatedAnswer)["films"] == []
    both = get_facts(client, f"films/updated?updated_since=2026-11-23&cursor={first['cursor']}", UpdatedAnswer)
    assert both["films"] == []  # the later of the two


ADDRESSES = ["films?q=dune", "films/1", "films/by/imdb/tt0060474", "films/1/offers?history=true", "films/1/windows", "windows"]
ADDRESSES += ["platforms", "platforms/cine", "platforms/cine/runs?limit=1", "coverage", "identifiers", "changes?limit=5"]
ADDRESSES += [
    "changes?type=offer-opened",
    "films/updated?limit=3",
    "films/by/cnc/%00",
    "films/by/imdb/%ED%A0%80",
    "platforms/%00",
]
ADDRESSES += ["films?q=dune&services=%00", "films/updated?updated_since=0001-01-01", "changes?since=9999-12-31T23:59:59-14:00"]


def test_both_databases_give_the_same_answers(client: FlaskClient, postgresql_engine: Engine, moment: datetime) -> None:
    build_scene(postgresql_engine, moment)
    other = create_app(postgresql_engine).test_client()
    for address in ADDRESSES:
        expected, found = client.get(f"/api/v1/{address}"), other.get(f"/api/v1/{address}")
        assert (found.status_code, found.text) == (expected.status_code, expected.text), address
    lines = {"items": [{"id": 1}, {"scheme": "imdb", "value": "tt0060474"}, {"title": "Dune", "year": 2021}], "offers": True}
    assert other.post("/api/v1/lookup", json=lines).text == client.post("/api/v1/lookup", json=lines).text
