"""How much an address may ask."""

from datetime import datetime, timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp.api.requests import read_problem
from webapp.api.rate_limit import QUOTA, RateLimiter, set_quota

FILM = "/api/v1/films/1"


def test_every_answer_says_what_is_left(client: FlaskClient) -> None:
    first = client.get(FILM).headers
    assert (first["RateLimit-Policy"], first["RateLimit"]) == (f'"adresse";q={QUOTA};w=60', f'"adresse";r={QUOTA - 1};t=60')
    assert client.get("/api/v1/films?tri=prix").headers["RateLimit"] == f'"adresse";r={QUOTA - 2};t=60'
    batch = client.post("/api/v1/lookup", json={"items": [{"id": 1}]}).headers
    assert batch["RateLimit"] == f'"adresse";r={QUOTA - 12};t=60'


def test_an_answer_kept_in_memory_costs_nothing_and_tells_nothing_of_who_asked_first(client: FlaskClient) -> None:
    etag = client.get(FILM).headers["ETag"]
    for again in (client.get(FILM), client.get(FILM, headers={"If-None-Match": etag})):
        assert again.status_code in (200, 304) and "RateLimit" not in again.headers and "RateLimit-Policy" not in again.headers
    assert client.get("/api/v1/windows").headers["RateLimit"] == f'"adresse";r={QUOTA - 2};t=60'


def test_who_asks_too_much_is_told_how_long_to_wait(app: Flask, client: FlaskClient, moment: datetime) -> None:
    set_quota(app, 2)
    answers = [client.get(f"/api/v1/films/{film}") for film in (1, 2, 3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "attendez" in read_problem(answers[-1], 429, "trop-de-demandes")
    assert (answers[-1].headers["Retry-After"], answers[-1].headers["RateLimit"]) == ("60", '"adresse";r=0;t=60')
    assert client.get(FILM).status_code == 200  # kept
    assert client.get("/api/v1/films/3", environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 200
    with time_machine.travel(moment + timedelta(seconds=60), tick=False):
        assert client.get("/api/v1/films/3").status_code == 200


def test_pages_for_people_are_not_counted(app: Flask, client: FlaskClient) -> None:
    set_quota(app, 0)
    for address in ("/", "/api", "/api/v1/openapi.json"):
        assert client.get(address).status_code == 200 and "RateLimit" not in client.get(address).headers
    assert client.options(FILM).status_code == 200


def test_addresses_are_not_held_and_networks_count_as_one(moment: datetime) -> None:
    rate = RateLimiter(10)
    assert rate.consume_units("2001:db8::1", 1).remaining == 9 and rate.consume_units("2001:db8::2", 1).remaining == 8
    assert rate.consume_units("2001:db8:1::1", 1).remaining == 9 and rate.consume_units("pas une adresse", 1).remaining == 9
    assert all(len(who) == 16 for who in rate._spent) and "2001" not in repr(rate._spent)
    rate._end_window(rate._window)
    assert rate._spent == {}
