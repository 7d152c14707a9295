"""Partners seen, people not: what is counted of whom, what is shown to whom."""

import re
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import col, select

from domain.db.engine import read_session, write_session
from domain.models.partner import PartnerCount
from domain.models.public_use import FilmExit
from domain.partners.counters import add_counts
from domain.partners.partners import add_partner
from tests.conftest import NOW
from tests.scene import HOSTILE, VADROUILLE
from webapp.core.response_cache import ResponseCache

DATA, FRAME, OFFER = "/widget/v1/film.json?film=imdb:tt0060474", "/widget/1", "/sortie/1"
CINEMA, ORIGIN = "cinema.example", {"Origin": "https://cinema.example"}
SUNDAY = date(2026, 11, 22)


def counted(app: Flask, engine: Engine) -> list[tuple[str, str, int, int, int]]:
    app.extensions["ouvoir.tally"].flush()
    with read_session(engine) as session:
        rows = session.exec(select(PartnerCount).order_by(col(PartnerCount.origin), col(PartnerCount.film_id)))
        return [(row.origin, str(row.day), row.film_id, row.loads, row.exits) for row in rows]


def given(engine: Engine, counts: dict[int, tuple[int, int]], day: date = SUNDAY) -> str:
    """Return the private address of a partner of whom some loads and exits of films are counted."""
    with write_session(engine) as session:
        secret = add_partner(session, CINEMA, NOW)
        for index, column in enumerate(("loads", "exits")):
            add_counts(session, PartnerCount, {((CINEMA, film), day): some[index] for film, some in counts.items()}, column)
    return f"/partenaires/{secret}"


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("&nbsp;", " ").replace("\xa0", " ")


def test_blocks_loaded_are_counted_even_those_answered_from_memory(
    app: Flask, client: FlaskClient, sqlite_engine: Engine
) -> None:
    first = client.get(DATA, headers=ORIGIN)
    assert client.get(DATA, headers=ORIGIN).status_code == 200
    held = {"If-None-Match": first.headers["ETag"]}
    assert client.get(DATA, headers=ORIGIN | held).status_code == 304
    page = {"Referer": "https://www.cinema.example/une/page?lecteur=12"}
    assert client.get(FRAME, headers=page).status_code == 200
    assert counted(app, sqlite_engine) == [
        ("cinema.example", "2026-11-22", VADROUILLE, 3, 0),
        ("www.cinema.example", "2026-11-22", VADROUILLE, 1, 0),
    ]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "http://localhost"},
        {"Referer": "http://localhost/integrer"},
        {"Origin": "http://192.168.0.12"},
        {"Origin": "https://<script>.example"},
        {"Referer": "about:blank"},
    ],
)
def test_what_names_no_public_site_is_not_counted(
    app: Flask, client: FlaskClient, sqlite_engine: Engine, headers: dict[str, str]
) -> None:
    assert client.get(DATA, headers=headers).status_code == 200
    assert counted(app, sqlite_engine) == []


@pytest.mark.parametrize("address", ["/widget/v1/film.json?film=999", "/widget/999", "/films/1-la-grande-vadrouille", "/"])
def test_only_blocks_are_counted(app: Flask, client: FlaskClient, sqlite_engine: Engine, address: str) -> None:
    client.get(address, headers=ORIGIN)
    client.head(DATA, headers=ORIGIN)
    assert counted(app, sqlite_engine) == []


def test_which_film_it_is_goes_no_further_than_the_counter(client: FlaskClient) -> None:
    for address in (DATA, FRAME):
        assert not [
            name for name, _ in client.get(address, headers=ORIGIN).headers.to_wsgi_list() if name.lower().startswith("ouvoir")
        ]


def test_links_followed_are_counted_for_a_partner_seen_before(app: Flask, client: FlaskClient, sqlite_engine: Engine) -> None:
    client.get(DATA, headers=ORIGIN)
    for par in ("cinema.example", "Cinema.Example", "inconnu.example", "127.0.0.1", "", "x' OR 1=1", "https://cinema.example"):
        assert client.get(OFFER, query_string={"par": par}).status_code == 303
    client.get(OFFER, query_string={"par": CINEMA}, headers={"Sec-Purpose": "prefetch"})
    assert counted(app, sqlite_engine) == [("cinema.example", "2026-11-22", VADROUILLE, 1, 2)]
    with read_session(sqlite_engine) as session:
        assert session.exec(select(FilmExit.count)).all() == [7]


def test_a_partner_reads_its_own_figures_and_small_numbers_are_not_told(client: FlaskClient, sqlite_engine: Engine) -> None:
    address = given(sqlite_engine, {VADROUILLE: (1234, 4), HOSTILE: (2, 0)})
    answer = client.get(address)
    page = text(answer.text)
    assert "cinema.example, novembre 2026" in page and "22 novembre 2026 1 235 moins de 5" in page
    assert "La Grande Vadrouille 1 230 moins de 5" in page and "moins de 5 0" in page
    headers = answer.headers
    assert (headers["Cache-Control"], headers["Referrer-Policy"], headers["X-Robots-Tag"]) == (
        "no-store",
        "no-referrer",
        "noindex",
    )
    assert "<script>alert" not in answer.text and "November 2026" in client.get(f"/en{address}").text


def test_the_figures_are_a_file_too(client: FlaskClient, sqlite_engine: Engine) -> None:
    answer = client.get(f"{given(sqlite_engine, {VADROUILLE: (12, 4), HOSTILE: (5, 0)})}?forme=csv&mois=2026-11")
    assert answer.mimetype == "text/csv" and answer.headers["Cache-Control"] == "no-store"
    first, second, third = answer.text.splitlines()
    assert first == "jour,film,titre,chargements,sorties" and second == "2026-11-22,1,La Grande Vadrouille,10,<5"
    assert third.startswith("2026-11-22,5,") and third.endswith(",5,0")


def test_months_are_turned_as_far_as_counts_are_kept(client: FlaskClient, sqlite_engine: Engine) -> None:
    address = given(sqlite_engine, {VADROUILLE: (9, 9)}, date(2026, 10, 31))
    page = client.get(address).text
    assert "Rien n’a été compté ce mois-ci." in page and 'href="?mois=2026-10"' in page and 'rel="next"' not in page
    assert 'href="?mois=2026-11"' in client.get(f"{address}?mois=2026-10").text
    assert 'rel="prev"' not in client.get(f"{address}?mois=2024-11").text
    for month in ("2024-10", "2026-12", "2026-13", "novembre", "", "2026-1"):
        assert client.get(f"{address}?mois={month}").status_code == 400


@pytest.mark.parametrize("secret", ["x", "a" * 43, "../agents", "%00", "é" * 43])
def test_no_other_address_opens_anything(client: FlaskClient, sqlite_engine: Engine, secret: str) -> None:
    given(sqlite_engine, {})
    assert client.get(f"/partenaires/{secret}").status_code == 404


def test_the_counter_stands_before_the_cache(app: Flask) -> None:
    counter: object = app.wsgi_app
    assert isinstance(vars(counter)["_application"], ResponseCache)
