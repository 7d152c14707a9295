"""The site put on a port."""

import socket
from urllib.request import urlopen

import pytest
from sqlalchemy import Engine

from records.errors import Problem
from tests.webapp.serving import serving
from webapp.serve import serve


def test_the_site_answers_on_its_port(sqlite_engine: Engine) -> None:
    with serving(sqlite_engine) as site, urlopen(f"{site}/robots.txt") as answer:
        assert answer.status == 200 and "Server" not in answer.headers


def test_a_port_already_taken_is_told_in_one_line(sqlite_engine: Engine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Problem, match=f"^port {port} : déjà pris par un autre programme"):
            serve(sqlite_engine, "127.0.0.1", port)


def test_an_address_of_another_machine_is_told_in_one_line(sqlite_engine: Engine) -> None:
    with pytest.raises(Problem, match=r"^port 8000 : impossible à ouvrir sur l'adresse 192\.0\.2\.1"):
        serve(sqlite_engine, "192.0.2.1", 8000)
