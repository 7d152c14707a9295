"""The endpoint's faults and limits: waited for, cut smaller, or the run stops in one line; nothing is lost or believed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from crawlers.wikidata import endpoint as endpoints
from crawlers.wikidata import enrich as enriching
from crawlers.wikidata import queries
from crawlers.wikidata.endpoint import SparqlEndpoint
from domain.common.enums import LookupFinding
from domain.common.environment import ROOT
from domain.common.errors import UserError
from domain.db.engine import read_session
from domain.models.film import EnrichmentRequest
from tests.crawlers.wikidata.conftest import JSON_TYPE, TIMEOUT_TRACE, CannedResponse, FakeEndpoint, run_enrich
from tests.domain.joined import get_identifiers, import_text

BASE = "id,title,imdb\n1,Mon oncle,tt0050706\n2,Playtime,tt0062136\n"
HTML = CannedResponse(200, b"<!doctype html><title>Wikimedia Error</title>", {"Content-Type": "text/html"})
BOTH = {1: LookupFinding.FOUND, 2: LookupFinding.FOUND}


@pytest.fixture
def base(sqlite_engine: Engine, tmp_path: Path) -> Engine:
    """Store two films with their IMDb number."""
    import_text(sqlite_engine, tmp_path, BASE, source="cnc")
    return sqlite_engine


def findings(engine: Engine) -> dict[int, LookupFinding]:
    with read_session(engine) as session:
        return {request.film_id: request.finding for request in session.exec(select(EnrichmentRequest))}


def test_we_say_who_we_are_and_ask_one_batch_at_a_time(
    base: Engine, wikidata: FakeEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUVOIR_CONTACT", "https://ouvoir.example/robot")
    run_enrich(base, wikidata)
    headers, query = wikidata.requests[0]
    assert "OuVoir" in headers["User-Agent"] and "https://ouvoir.example/robot" in headers["User-Agent"]
    assert headers["Accept"] == "application/sparql-results+json" and query.endswith("LIMIT 2000 OFFSET 0")
    assert len(wikidata.requests) == 2 and 0 < wikidata.waits[1] <= 1


@pytest.mark.parametrize(
    ("fault", "waited"),
    [
        (CannedResponse(429, headers={"Retry-After": "17"}), [17]),
        (CannedResponse(429), [60]),
        (CannedResponse(429, headers={"Retry-After": "soon"}), [60]),
        (CannedResponse(503, headers={"Retry-After": "9"}), [9]),
        (CannedResponse(503), [5]),
        (CannedResponse(500, b"oops"), [5]),
        (CannedResponse(502, b"<html>", {"Content-Type": "text/html"}), [5]),
        (CannedResponse(0), [5]),
        (HTML, [5]),
        (CannedResponse(200, b'{"head": {}, "boolean": true}', {"Content-Type": JSON_TYPE}), [5]),
        (CannedResponse(200, b"\x1f\x8b not gzip", {"Content-Type": JSON_TYPE, "Content-Encoding": "gzip"}), [5]),
    ],
)
def test_a_passing_fault_is_waited_for(base: Engine, wikidata: FakeEndpoint, fault: CannedResponse, waited: list[float]) -> None:
    wikidata.faults = [fault]
    run_enrich(base, wikidata)
    assert findings(base) == BOTH and wikidata.list_long_waits() == waited


def test_waits_grow_to_a_ceiling_then_the_run_stops_and_keeps_what_it_has(base: Engine, wikidata: FakeEndpoint) -> None:
    wikidata.faults = [CannedResponse(503)] * 6
    with pytest.raises(UserError, match=r"127\.0\.0\.1 ne répond pas \(réponse 503\) : ce qui est fait est gardé"):
        run_enrich(base, wikidata)
    assert wikidata.list_long_waits() == [5, 10, 20, 40, 80, 160] and findings(base) == {}
    run_enrich(base, wikidata)
    assert findings(base) == BOTH


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (CannedResponse(403, b"You have been banned until 2026-12-01"), "refuse la demande (réponse 403)"),
        (CannedResponse(400, b"Malformed query"), "refuse la demande (réponse 400)"),
        (CannedResponse(302, headers={"Location": "http://127.0.0.1:1/"}), "refuse la demande (réponse 302)"),
        (CannedResponse(429, headers={"Retry-After": "86400"}), "demande d'attendre 86400 secondes"),
    ],
)
def test_a_refusal_is_not_insisted_upon(base: Engine, wikidata: FakeEndpoint, fault: CannedResponse, message: str) -> None:
    wikidata.faults = [fault]
    with pytest.raises(UserError) as caught:
        run_enrich(base, wikidata)
    assert message in str(caught.value) and len(wikidata.requests) == 1


@pytest.mark.parametrize("fault", [CannedResponse(500, TIMEOUT_TRACE), CannedResponse(is_truncated=True)])
def test_a_query_too_heavy_is_cut_in_two(base: Engine, wikidata: FakeEndpoint, fault: CannedResponse) -> None:
    wikidata.fault_for = lambda query: fault if "Q101" in query and "Q102" in query else None
    run_enrich(base, wikidata)
    assert findings(base) == BOTH and wikidata.list_long_waits() == [5]


def test_a_film_too_heavy_alone_is_left_for_another_run(base: Engine, wikidata: FakeEndpoint) -> None:
    wikidata.fault_for = lambda query: CannedResponse(500, TIMEOUT_TRACE) if "Q101" in query else None
    run_enrich(base, wikidata)
    assert findings(base) == {2: LookupFinding.FOUND}


def test_a_body_without_end_is_not_swallowed(base: Engine, wikidata: FakeEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "_RESPONSE_SIZE_LIMIT", 20_000)
    wikidata.fault_for = lambda query: (
        CannedResponse(200, b" " * 30_000, {"Content-Type": JSON_TYPE}) if "Q101" in query else None
    )
    run_enrich(base, wikidata)
    assert findings(base) == {2: LookupFinding.FOUND}


def test_an_endpoint_that_fails_again_and_again_is_left_alone(base: Engine, wikidata: FakeEndpoint, tmp_path: Path) -> None:
    many = "".join(f"{number},Film {number},tt{number:07}\n" for number in range(3, 60))
    import_text(base, tmp_path, BASE + many, source="cnc")
    wikidata.fault_for = lambda query: CannedResponse(500, TIMEOUT_TRACE)
    with pytest.raises(UserError, match="10 échecs de suite"):
        run_enrich(base, wikidata)
    assert len(wikidata.requests) == 10


def test_an_answer_in_pages_is_read_whole(base: Engine, wikidata: FakeEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (queries, enriching):
        monkeypatch.setattr(module, "PAGE_SIZE", 3)
    run_enrich(base, wikidata)
    assert wikidata.requests[-1][1].endswith("LIMIT 3 OFFSET 24") and findings(base) == BOTH
    with read_session(base) as session:
        assert len(get_identifiers(session, 1)) == 6


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://query.wikidata.org/sparql", "adresse https attendue"),
        ("ftp://127.0.0.1/", "adresse https attendue"),
        ("https://localhost/sparql", "adresse locale refusée"),
        ("http://127.0.0.1:1/sparql", "adresse locale refusée"),
        ("https://10.0.0.1/sparql", "adresse locale refusée"),
    ],
)
def test_an_address_that_may_not_be_asked_is_refused(url: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OUVOIR_ALLOW_LOOPBACK", raising=False)
    monkeypatch.setenv("OUVOIR_CONTACT", "robot@ouvoir.example")
    with pytest.raises(UserError, match=message):
        SparqlEndpoint(url)


def test_nobody_asks_a_real_site_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OUVOIR_CONTACT", raising=False)
    with pytest.raises(UserError, match="OUVOIR_CONTACT"):
        SparqlEndpoint(queries.ENDPOINT_URL)


def test_a_run_killed_outright_goes_on_from_its_last_batch(base: Engine, wikidata: FakeEndpoint, tmp_path: Path) -> None:
    many = "".join(f"{number},Film {number},tt9{number:06}\n" for number in range(3, 60))
    import_text(base, tmp_path, BASE + many, source="cnc")
    wikidata.fault_for = lambda query: time.sleep(30) if "tt9000055" in query else None
    environment = os.environ | {"OUVOIR_DATABASE_URL": str(base.url), "OUVOIR_LOOPBACK_DELAY": "0", "OUVOIR_VAR": str(tmp_path)}
    command = [
        sys.executable,
        "-c",
        "from cli.main import main; main()",
        "enrich",
        "--from",
        "wikidata",
        "--endpoint",
        wikidata.url,
    ]
    with subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.PIPE) as child:
        while not any("tt9000055" in query for _, query in wikidata.requests):
            assert child.poll() is None
            time.sleep(0.05)
        child.send_signal(signal.SIGKILL)
    assert len(findings(base)) == 50
    wikidata.fault_for = lambda query: None
    wikidata.requests.clear()
    assert run_enrich(base, wikidata).findings.total() == 9
    assert "tt9000055" in wikidata.requests[0][1] and "tt0050706" not in wikidata.requests[0][1]
