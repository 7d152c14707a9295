"""A key lent by a partner goes to its server alone: not to a log, the database or a message, whatever that server does."""

import base64
import json
from pathlib import Path

import pytest
from sqlalchemy import Engine, MetaData

from records import settings
from records.database import connect, reading
from records.errors import Problem
from tests.crawlers.conftest import FEED, Answer, Collect, Site, WriteFile

KEY = "lecteur:Tr3s-Secret/çà+12"
BASIC = base64.b64encode(KEY.encode()).decode()
FORMS = (KEY, "Tr3s-Secret", BASIC, "Tr3s%2DSecret", "Secret%2F")


def signed(scheme: str) -> dict[str, str]:
    return {'kind = "feed"': f'kind = "feed"\nauth = {{scheme = "{scheme}", secret = "ESSAI_CLE", header = "X-Cle"}}'}


def stored(engine: Engine) -> str:
    """Everything that the database holds, as text."""
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        return str([connection.execute(table.select()).all() for table in tables.sorted_tables])


ECHOES = {
    "redirect": Answer(status=302, headers={"Location": f"/login?key={BASIC}"}),
    "elsewhere": Answer(status=302, headers={"Location": f"https://evil.example/?key={BASIC}"}),
    "error": Answer(f"bad key {KEY}".encode(), 500, {"X-Echo": BASIC}),
    "unreadable": Answer(f"<html>{KEY} {BASIC}".encode()),
    "data": Answer(json.dumps([{"id": n, "title": f"{KEY} {BASIC}", "price": KEY} for n in range(3)]).encode()),
}


@pytest.mark.parametrize("echo", ECHOES)
def test_a_key_that_its_server_echoes_is_kept_nowhere(
    site: Site, write_file: WriteFile, run_once: Collect, sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch, echo: str
) -> None:
    monkeypatch.setenv("ESSAI_CLE", KEY)
    site.answers["/films.json"] = ECHOES[echo]
    run = run_once(write_file(FEED, signed("basic")))
    assert any(f"Basic {BASIC}" in headers.values() for *_, headers, _ in site.seen)
    files = [path for path in Path(settings.VAR).rglob("*") if path.is_file() and path.suffix != ".db"]
    logs = "".join(path.read_text("utf-8", "replace") for path in files)
    assert logs
    for form in FORMS:
        assert form not in logs and form not in stored(sqlite_engine) and form not in run.verdict


@pytest.mark.parametrize("url", ["postgresql://lecteur:Tr3s-Secret@127.0.0.1:1/x", "sqlite:////proc/Tr3s/x.db"])
def test_the_password_of_the_database_is_not_told(url: str) -> None:
    with pytest.raises(Problem) as caught, reading(connect(url)) as session:
        session.connection()
    assert "Tr3s-Secret" not in str(caught.value)
