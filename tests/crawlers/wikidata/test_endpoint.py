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
from crawlers.wikidata.endpoint import Endpoint
from domain.common.enums import Finding
from domain.common.errors import Problem
from domain.common.settings import ROOT
from domain.db.engine import reading
from domain.models.film import Enquiry
from tests.crawlers.wikidata.conftest import JSON, TIMEOUT, Answer, StandIn, enriched
from tests.domain.joined import identifiers, taken

BASE = "id,title,imdb\n1,Mon oncle,tt0050706\n2,Playtime,tt0062136\n"
HTML = Answer(200, b"<!doctype html><title>Wikimedia Error</title>", {"Content-Type": "text/html"})
BOTH = {1: Finding.FOUND, 2: Finding.FOUND}


@pytest.fixture
def base(sqlite_engine: Engine, tmp_path: Path) -> Engine:
    """Two films with their IMDb number."""
    taken(sqlite_engine, tmp_path, BASE, source="cnc")
    return sqlite_engine


def findings(engine: Engine) -> dict[int, Finding]:
    with reading(engine) as session:
        return {told.film_id: told.finding for told in session.exec(select(Enquiry))}


def test_we_say_who_we_are_and_ask_one_batch_at_a_time(base: Engine, wikidata: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUVOIR_CONTACT", "https://ouvoir.example/robot")
    enriched(base, wikidata)
    headers, query = wikidata.seen[0]
    assert "OuVoir" in headers["User-Agent"] and "https://ouvoir.example/robot" in headers["User-Agent"]
    assert headers["Accept"] == "application/sparql-results+json" and query.endswith("LIMIT 2000 OFFSET 0")
    assert len(wikidata.seen) == 2 and 0 < wikidata.waits[1] <= 1


@pytest.mark.parametrize(
    ("fault", "waited"),
    [
        (Answer(429, headers={"Retry-After": "17"}), [17]),
        (Answer(429), [60]),
        (Answer(429, headers={"Retry-After": "soon"}), [60]),
        (Answer(503, headers={"Retry-After": "9"}), [9]),
        (Answer(503), [5]),
        (Answer(500, b"oops"), [5]),
        (Answer(502, b"<html>", {"Content-Type": "text/html"}), [5]),
        (Answer(0), [5]),
        (HTML, [5]),
        (Answer(200, b'{"head": {}, "boolean": true}', {"Content-Type": JSON}), [5]),
        (Answer(200, b"\x1f\x8b not gzip", {"Content-Type": JSON, "Content-Encoding": "gzip"}), [5]),
    ],
)
def test_a_passing_fault_is_waited_for(base: Engine, wikidata: StandIn, fault: Answer, waited: list[float]) -> None:
    wikidata.faults = [fault]
    enriched(base, wikidata)
    assert findings(base) == BOTH and wikidata.waited() == waited


def test_waits_grow_to_a_ceiling_then_the_run_stops_and_keeps_what_it_has(base: Engine, wikidata: StandIn) -> None:
    wikidata.faults = [Answer(503)] * 6
    with pytest.raises(Problem, match=r"127\.0\.0\.1 ne répond pas \(réponse 503\) : ce qui est fait est gardé"):
        enriched(base, wikidata)
    assert wikidata.waited() == [5, 10, 20, 40, 80, 160] and findings(base) == {}
    enriched(base, wikidata)
    assert findings(base) == BOTH


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Answer(403, b"You have been banned until 2026-12-01"), "refuse la demande (réponse 403)"),
        (Answer(400, b"Malformed query"), "refuse la demande (réponse 400)"),
        (Answer(302, headers={"Location": "http://127.0.0.1:1/"}), "refuse la demande (réponse 302)"),
        (Answer(429, headers={"Retry-After": "86400"}), "demande d'attendre 86400 secondes"),
    ],
)
def test_a_refusal_is_not_insisted_upon(base: Engine, wikidata: StandIn, fault: Answer, said: str) -> None:
    wikidata.faults = [fault]
    with pytest.raises(Problem) as told:
        enriched(base, wikidata)
    assert said in str(told.value) and len(wikidata.seen) == 1


@pytest.mark.parametrize("fault", [Answer(500, TIMEOUT), Answer(cut=True)])
def test_a_query_too_heavy_is_cut_in_two(base: Engine, wikidata: StandIn, fault: Answer) -> None:
    wikidata.fault_for = lambda query: fault if "Q101" in query and "Q102" in query else None
    enriched(base, wikidata)
    assert findings(base) == BOTH and wikidata.waited() == [5]


def test_a_film_too_heavy_alone_is_left_for_another_run(base: Engine, wikidata: StandIn) -> None:
    wikidata.fault_for = lambda query: Answer(500, TIMEOUT) if "Q101" in query else None
    enriched(base, wikidata)
    assert findings(base) == {2: Finding.FOUND}


def test_a_body_without_end_is_not_swallowed(base: Engine, wikidata: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "_LARGEST_ANSWER", 20_000)
    wikidata.fault_for = lambda query: Answer(200, b" " * 30_000, {"Content-Type": JSON}) if "Q101" in query else None
    enriched(base, wikidata)
    assert findings(base) == {2: Finding.FOUND}


def test_an_endpoint_that_fails_again_and_again_is_left_alone(base: Engine, wikidata: StandIn, tmp_path: Path) -> None:
    many = "".join(f"{number},Film {number},tt{number:07}\n" for number in range(3, 60))
    taken(base, tmp_path, BASE + many, source="cnc")
    wikidata.fault_for = lambda query: Answer(500, TIMEOUT)
    with pytest.raises(Problem, match="10 échecs de suite"):
        enriched(base, wikidata)
    assert len(wikidata.seen) == 10


def test_an_answer_in_pages_is_read_whole(base: Engine, wikidata: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (queries, enriching):
        monkeypatch.setattr(module, "PAGE", 3)
    enriched(base, wikidata)
    assert wikidata.seen[-1][1].endswith("LIMIT 3 OFFSET 21") and findings(base) == BOTH
    with reading(base) as session:
        assert len(identifiers(session, 1)) == 6


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://query.wikidata.org/sparql", "adresse https attendue"),
        ("ftp://127.0.0.1/", "adresse https attendue"),
        ("https://localhost/sparql", "adresse locale refusée"),
        ("http://127.0.0.1:1/sparql", "adresse locale refusée"),
        ("https://10.0.0.1/sparql", "adresse locale refusée"),
    ],
)
def test_an_address_that_may_not_be_asked_is_refused(url: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OUVOIR_ALLOW_LOOPBACK", raising=False)
    monkeypatch.setenv("OUVOIR_CONTACT", "robot@ouvoir.example")
    with pytest.raises(Problem, match=said):
        Endpoint(url)


def test_nobody_asks_a_real_site_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OUVOIR_CONTACT", raising=False)
    with pytest.raises(Problem, match="OUVOIR_CONTACT"):
        Endpoint(queries.ENDPOINT)


def test_a_run_killed_outright_goes_on_from_its_last_batch(base: Engine, wikidata: StandIn, tmp_path: Path) -> None:
    many = "".join(f"{number},Film {number},tt9{number:06}\n" for number in range(3, 60))
    taken(base, tmp_path, BASE + many, source="cnc")
    wikidata.fault_for = lambda query: time.sleep(30) if "tt9000055" in query else None  # type: ignore[func-returns-value]
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
        while not any("tt9000055" in query for _, query in wikidata.seen):
            assert child.poll() is None
            time.sleep(0.05)
        child.send_signal(signal.SIGKILL)
    assert len(findings(base)) == 50
    wikidata.fault_for = lambda query: None
    wikidata.seen.clear()
    assert enriched(base, wikidata).findings.total() == 9
    assert "tt9000055" in wikidata.seen[0][1] and "tt0050706" not in wikidata.seen[0][1]
