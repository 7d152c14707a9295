"""What a proxy of ours says of who asks, and how, is believed; what anybody else says is not."""

from typing import Any
from urllib.request import Request, urlopen

import pytest
from flask import Flask
from sqlalchemy import Engine
from werkzeug.test import Client
from werkzeug.wrappers import Response

from tests.webapp.serving import serve_site
from webapp.api.rate_limit import QUOTA
from webapp.core.proxy import TrustedProxyMiddleware


@pytest.mark.parametrize(
    ("peer", "forwarded", "who"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # anyone may write the header
        ("127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.4", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("", "203.0.113.9", ""),
    ],
)
def test_behind_a_proxy_of_ours_the_address_is_what_it_says(peer: str, forwarded: str, who: str) -> None:
    def echo_address(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        return list(Response(environ["REMOTE_ADDR"])(environ, start_response))

    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    response = Client(TrustedProxyMiddleware(echo_address)).get("/", headers=headers, environ_base={"REMOTE_ADDR": peer})
    assert response.text == who


@pytest.mark.parametrize(
    ("peer", "header", "scheme"),
    [
        ("127.0.0.1", "https", "https"),
        ("10.0.0.4", "http, HTTPS", "https"),
        ("fd00::4", "https", "https"),
        ("203.0.113.9", "https", "http"),
        ("127.0.0.1", "javascript", "http"),
        ("127.0.0.1", "https, http", "http"),
        ("", "https", "http"),
    ],
)
def test_addresses_printed_are_those_that_the_proxy_is_asked_for(app: Flask, peer: str, header: str, scheme: str) -> None:
    client = Client(TrustedProxyMiddleware(app))
    sent: dict[str, Any] = {"headers": {"X-Forwarded-Proto": header}, "environ_base": {"REMOTE_ADDR": peer}}
    for address in ("/api/v1/films/1", "/integrer", "/widget/v1/film.json?film=1"):
        assert f"{scheme}://localhost/films/1-la-grande-vadrouille" in client.get(address, **sent).text, address
        assert "http://localhost/films/1-la-grande-vadrouille" in client.get(address, environ_base={"REMOTE_ADDR": peer}).text


def test_the_server_of_production_hears_its_proxy(sqlite_engine: Engine) -> None:
    with serve_site(sqlite_engine) as site:
        for limit, visitor in enumerate(("203.0.113.1", "203.0.113.2"), 1):
            headers = {"X-Forwarded-For": visitor, "X-Forwarded-Proto": "https"}
            with urlopen(Request(f"{site}/api/v1/identifiers?limit={limit}", headers=headers)) as answer:
                assert answer.headers["RateLimit"].startswith(f'"adresse";r={QUOTA - 1};')
                assert b'"source":"https://' in answer.read()
