"""A key lent by a partner goes to its server alone: not to a log, the database or a message, whatever that server does."""

import base64
import json
from urllib.parse import quote

import pytest
from sqlalchemy import Engine, MetaData

from domain.common.enums import Outcome
from domain.common.errors import UserError
from domain.common.settings import get_settings
from domain.db.engine import create_db_engine, read_session, write_session
from domain.models.run import Run
from domain.runs.hold_reasons import format_verdict
from tests.crawlers.conftest import FEED, CannedResponse, Collect, Site, WriteFile
from tests.domain.builders import make_film

KEY = "lecteur:Tr3s-Secret/çà+12"
BASIC = base64.b64encode(KEY.encode()).decode()
FORMS = (KEY, "Tr3s-Secret", BASIC, "Tr3s%2DSecret", "Secret%2F")


def stored(engine: Engine) -> str:
    """Return everything that the database holds, as text."""
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        return str([connection.execute(table.select()).all() for table in tables.sorted_tables])


def dump_stored_texts(engine: Engine, run: Run) -> str:
    """Return all that a run leaves behind: the database, the logs, what it says of itself."""
    files = [path for path in get_settings().var.rglob("*") if path.is_file() and path.suffix != ".db"]
    logs = [path.read_text("utf-8", "replace") for path in files if "log" in path.suffix or path.suffix == ".jsonl"]
    assert len(logs) == 2
    return "".join([stored(engine), format_verdict(run), *logs])


@pytest.fixture
def echoing(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Serve a site that sends back, in every way, the key that it was given."""
    monkeypatch.setenv("ESSAI_CLE", KEY)
    for place, answer in (ECHOES | {"busy": CannedResponse(status=429)}).items():
        site.responses[f"/{place}?key={BASIC}"] = answer
        site.responses[f"/search?term={place}"] = CannedResponse(status=302, headers={"Location": f"/{place}?key={BASIC}"})
    return site


ROWS = [{"id": n, "title": f"{KEY} {BASIC}", "price": KEY} for n in range(3)]
ECHOES = {
    "data": CannedResponse(json.dumps({"results": ROWS}).encode()),
    "login": CannedResponse(b"<p>Connexion"),
    "odd": CannedResponse(b"{}"),
    "unreadable": CannedResponse(f"<html>{KEY} {BASIC}".encode()),
    "error": CannedResponse(f"bad key {KEY}".encode(), 500, {"X-Echo": BASIC}),
    "elsewhere": CannedResponse(status=302, headers={"Location": f"https://evil.example/?key={quote(BASIC, safe='')}"}),
}
SIGNED = 'items = "results"\nauth = {scheme = "basic", secret = "ESSAI_CLE"}'
SOURCES = {
    "feed": {'kind = "feed"': f'kind = "feed"\n{SIGNED}\ndetails = {{path = "places"}}'},
    "lookup": {'kind = "feed"': f'kind = "lookup"\n{SIGNED}', "films.json": "search?term={title}"},
}


@pytest.mark.parametrize("source", SOURCES)
def test_a_key_that_its_server_echoes_is_kept_nowhere(
    echoing: Site, write_file: WriteFile, run_once: Collect, sqlite_engine: Engine, source: str
) -> None:
    echoing.set_response("/films.json", {"places": [f"/search?term={place}" for place in ECHOES]})
    with write_session(sqlite_engine) as session:
        session.add_all(make_film(number, place, 2000) for number, place in enumerate(ECHOES, 1))
    run = run_once(write_file(FEED, SOURCES[source]))
    stored_texts = dump_stored_texts(sqlite_engine, run)
    assert [place for place in ECHOES if f"/search?term={place}" not in echoing.list_paths()] == []
    assert all(headers["Authorization"] == f"Basic {BASIC}" for _, path, headers, _ in echoing.requests if "/search" in path)
    assert [form for form in FORMS if form in stored_texts] == [] and stored_texts.count("[secret]") > 5


@pytest.mark.parametrize("place", ["login", "elsewhere", "busy"])
def test_a_run_that_fails_on_an_echo_does_not_tell_it(
    echoing: Site, write_file: WriteFile, run_once: Collect, sqlite_engine: Engine, place: str
) -> None:
    run = run_once(write_file(FEED, {'kind = "feed"': f'kind = "feed"\n{SIGNED}', "films.json": f"search?term={place}"}))
    assert run.outcome is Outcome.FAILED and "[secret]" in format_verdict(run)
    assert [form for form in FORMS if form in dump_stored_texts(sqlite_engine, run)] == []


@pytest.mark.parametrize("url", ["postgresql://lecteur:Tr3s-Secret@127.0.0.1:1/x", "sqlite:////proc/Tr3s/x.db"])
def test_the_password_of_the_database_is_not_told(url: str) -> None:
    with pytest.raises(UserError) as caught, read_session(create_db_engine(url)) as session:
        session.connection()
    assert "Tr3s-Secret" not in str(caught.value)
