"""Answers kept in memory: no longer than caches may, never after a write, and compressed."""

import gzip
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.http import parse_accept_header
from werkzeug.test import Client
from werkzeug.wrappers import Response

from domain.db.engine import write_session
from domain.models.film import Film
from tests.scene import VADROUILLE
from webapp.core.response_cache import ResponseCache

PAGE = "/films/1-la-grande-vadrouille"


@pytest.fixture
def made(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """List the addresses that the application itself has answered, in order."""
    paths: list[str] = []
    app.before_request_funcs.setdefault(None, []).append(lambda: paths.append(_asked()))
    return paths


def _asked() -> str:
    from flask import request

    return request.path


def test_a_page_is_made_once_for_all_who_ask(made: list[str], client: FlaskClient) -> None:
    first, second = client.get(PAGE), client.get(PAGE)
    assert made == [PAGE] and first.data == second.data and first.headers["ETag"] == second.headers["ETag"]


def test_it_is_made_again_when_the_period_ends(made: list[str], client: FlaskClient, moment: datetime) -> None:
    first = client.get(PAGE)
    assert first.headers["Cache-Control"] == "public, max-age=180"
    with time_machine.travel(moment + timedelta(seconds=100), tick=False):
        assert client.get(PAGE).headers["Cache-Control"] == "public, max-age=80"
    with time_machine.travel(moment + timedelta(seconds=180), tick=False):
        client.get(PAGE)
    assert made == [PAGE, PAGE]


def test_it_is_made_again_when_anything_was_written(
    made: list[str], client: FlaskClient, app: Flask, sqlite_engine: Engine
) -> None:
    client.get(PAGE)
    with write_session(sqlite_engine) as session:
        session.get_one(Film, VADROUILLE).runtime_min = 99
    assert "1&nbsp;h&nbsp;39" in client.get(PAGE).text.replace("\N{NO-BREAK SPACE}", "&nbsp;")
    assert made == [PAGE, PAGE]


def test_who_has_it_already_is_told_so(made: list[str], client: FlaskClient) -> None:
    etag = client.get(PAGE).headers["ETag"]
    again = client.get(PAGE, headers={"If-None-Match": etag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag) and made == [PAGE]
    assert "Content-Security-Policy" in again.headers and "Content-Length" not in again.headers


def test_addresses_names_and_languages_are_kept_apart(made: list[str], client: FlaskClient) -> None:
    pages = {client.get(address).text for address in (PAGE, f"{PAGE}?q=1", f"/en{PAGE}")}
    client.get(PAGE, headers={"Host": "127.0.0.1"})
    assert len(made) == 4 and len(pages) == 3


def test_answers_travel_compressed_to_those_who_can_read_them(client: FlaskClient) -> None:
    plain, packed = client.get(PAGE), client.get(PAGE, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data and packed.headers["Vary"] == "Accept-Encoding"
    assert packed.headers["ETag"] != plain.headers["ETag"]


def test_heads_faults_and_private_pages_are_not_kept(made: list[str], client: FlaskClient) -> None:
    for _ in range(2):
        assert client.head(PAGE).data == b""
        assert client.get("/films/999").status_code == 404
        assert client.get("/agents/", headers={"Accept-Encoding": "gzip"}).headers.get("Content-Encoding") is None
    assert made == [PAGE, "/films/999", "/agents/"] * 2


@pytest.mark.parametrize("encodings", ["*", "GZIP", "br;q=0, gzip", "gzip;q=0, br;q=0", "zstd;q=0.5, gzip;q=0.9", "identity", ""])
def test_nobody_receives_an_encoding_that_was_not_asked_for(client: FlaskClient, encodings: str) -> None:
    plain = client.get(PAGE).data
    for _ in range(2):
        answer = client.get(PAGE, headers={"Accept-Encoding": encodings})
        encoding = answer.headers.get("Content-Encoding")
        assert encoding is None or parse_accept_header(encodings).quality(encoding) > 0
    assert client.get(PAGE).data == plain


def test_the_addresses_kept_are_short(made: list[str], client: FlaskClient) -> None:
    for _ in range(2):
        client.get(f"{PAGE}?x={'a' * 2_000}")
    assert made == [PAGE, PAGE]


def answering(body: bytes, **headers: str) -> tuple[ResponseCache, list[str]]:
    """Return a cache before an application that always answers the same, and the conditions that it was asked with."""
    conditions: list[str] = []

    def application(environ: dict[str, Any], start: Any) -> list[bytes]:
        conditions.append(environ.get("HTTP_IF_NONE_MATCH", ""))
        response_headers = {"Content-Type": "text/plain", "Cache-Control": "public, max-age=60"} | headers
        return list(Response(body, headers=response_headers)(environ, start))

    return ResponseCache(application, lambda: "mark"), conditions


def get_twice(cache: ResponseCache, **headers: str) -> None:
    for _ in range(2):
        Client(cache).get("/", headers=headers).close()


def test_what_depends_on_the_asker_is_not_kept() -> None:
    cache, conditions = answering(b"secret", Vary="Cookie")
    get_twice(cache)
    assert len(conditions) == 2


def test_what_is_very_long_is_not_kept() -> None:
    cache, conditions = answering(b"a" * 600_000)
    get_twice(cache)
    assert len(conditions) == 2


def test_the_application_always_makes_the_whole_answer() -> None:
    cache, conditions = answering(b"body")
    get_twice(cache, **{"If-None-Match": '"another"'})
    assert conditions == [""]


def test_the_pages_of_agents_are_never_compressed(client: FlaskClient) -> None:
    page = client.get("/agents/connexion", headers={"Accept-Encoding": "gzip"})
    assert len(page.data) > 1_000 and "Content-Encoding" not in page.headers
