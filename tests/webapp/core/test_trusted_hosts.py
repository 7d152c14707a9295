"""The site answers under its own names, and no other."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp.core.trusted_hosts import is_trusted_host


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1", "[::1]", "[::1]:8000"])
def test_this_machine_is_answered_however_it_is_named(client: FlaskClient, host: str) -> None:
    answer = client.get("/films/1-la-grande-vadrouille", headers={"Host": host})
    assert answer.status_code == 200 and f"http://{host.lower()}/films/1-la-grande-vadrouille" in answer.text


@pytest.mark.parametrize(
    "host", ["mal.example", "localhost.mal.example", "[::2]", "[::1].mal.example", "local host", "127.0.0.1@x"]
)
def test_another_name_is_refused_and_never_printed(client: FlaskClient, host: str) -> None:
    answer = client.get("/films/1-la-grande-vadrouille", headers={"Host": host})
    assert answer.status_code == 400 and host not in answer.text


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("ouvoir.example", True),
        ("ouvoir.example:8443", True),
        ("ouvoir.example:8444", False),
        ("www.cinema.example:8443", False),
        ("autre.example:9000", True),
        ("autre.example", True),
        ("cinema.example", True),
        ("www.cinema.example", True),
        ("xn--cinma-dsa.example", True),
        ("cinema.example.mal", False),
        ("malcinema.example", False),
        ("localhost", False),
        ("", False),
    ],
)
def test_the_names_are_those_of_the_environment(app: Flask, monkeypatch: pytest.MonkeyPatch, host: str, ours: bool) -> None:
    monkeypatch.setenv("OUVOIR_HOSTS", "OuVoir.example, ouvoir.example:8443,.cinema.example,cinéma.example,autre.example:9000,")
    assert is_trusted_host(host) is ours
