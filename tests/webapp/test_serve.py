"""The site put on a port."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from sqlalchemy import Engine

from domain.common.environment import ROOT
from domain.common.errors import UserError
from tests.webapp.serving import serve_site
from webapp.serve import run_server


def test_the_site_answers_on_its_port(sqlite_engine: Engine) -> None:
    with serve_site(sqlite_engine) as site, urlopen(f"{site}/robots.txt") as answer:
        assert answer.status == 200 and "Server" not in answer.headers


def test_an_answer_that_says_not_modified_leaves_the_connection_open(sqlite_engine: Engine) -> None:
    with serve_site(sqlite_engine) as site, closing(HTTPConnection(urlsplit(site).netloc)) as connection:
        connection.request("GET", "/methode")
        with connection.getresponse() as whole:
            etag, first = whole.headers["ETag"], whole.read()
        for _ in range(2):
            opened = connection.sock
            connection.request("GET", "/methode", headers={"If-None-Match": etag})
            with connection.getresponse() as answer:
                assert (answer.status, answer.read(), answer.headers["Connection"]) == (304, b"", None)
            assert connection.sock is opened and opened is not None
        connection.request("GET", "/methode", headers={"If-None-Match": etag, "Connection": "close"})
        with connection.getresponse() as last:
            assert (last.status, last.headers["Connection"]) == (304, "close") and first


def test_requests_that_never_end_do_not_shut_the_door_to_others(sqlite_engine: Engine) -> None:
    begun = b"POST /api/v1/lookup HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{"
    with serve_site(sqlite_engine) as site, ExitStack() as held:
        parts = urlsplit(site)
        for _ in range(150):
            half = held.enter_context(socket.create_connection((parts.hostname, parts.port)))
            half.sendall(begun)
        with urlopen(f"{site}/robots.txt", timeout=30) as answer:
            assert answer.status == 200


def test_a_port_already_taken_is_told_in_one_line(sqlite_engine: Engine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"^port {port} : déjà pris par un autre programme"):
            run_server(sqlite_engine, "127.0.0.1", port)


def test_an_address_of_another_machine_is_told_in_one_line(sqlite_engine: Engine) -> None:
    with pytest.raises(UserError, match=r"^port 8000 : impossible à ouvrir sur l'adresse 192\.0\.2\.1"):
        run_server(sqlite_engine, "192.0.2.1", 8000)


def test_what_was_counted_is_written_when_the_program_is_asked_to_end(scene_file: Path, tmp_path: Path) -> None:
    base = tmp_path / "ouvoir.db"
    shutil.copy(scene_file, base)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    env = os.environ | {"OUVOIR_DATABASE_URL": f"sqlite:///{base}", "OUVOIR_VAR": str(tmp_path)}
    command = [sys.executable, "-c", "from cli.main import main; main()", "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as program:
        _wait_for(f"http://127.0.0.1:{port}/recherche?q=xyzzy", program)
        program.terminate()
        assert program.wait(timeout=30) == 0, program.stderr and program.stderr.read()
    with closing(sqlite3.connect(base)) as database:
        assert database.execute("SELECT key, count FROM unfoundtitle").fetchall() == [("xyzzy", 1)]


def _wait_for(address: str, program: "subprocess.Popen[str]") -> None:
    for _ in range(300):
        assert program.poll() is None, program.stderr and program.stderr.read()
        try:
            urlopen(address).close()
        except URLError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the site did not answer")
