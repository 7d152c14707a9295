"""A stand-in for Wikidata's endpoint on loopback: a real SPARQL engine on invented items, and the faults of the real one."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast
from urllib.parse import parse_qs

import pytest
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.query import ResultRow
from sqlalchemy import Engine

from crawlers.wikidata.endpoint import SparqlEndpoint
from crawlers.wikidata.enrich import enrich_from_wikidata
from domain.films.enrichment import EnrichmentReport
from tests.crawlers.wikidata.items import ITEMS

PREFIXES = """
PREFIX wd: <http://www.wikidata.org/entity/> PREFIX wdt: <http://www.wikidata.org/prop/direct/>
PREFIX p: <http://www.wikidata.org/prop/> PREFIX ps: <http://www.wikidata.org/prop/statement/>
PREFIX psv: <http://www.wikidata.org/prop/statement/value/> PREFIX pq: <http://www.wikidata.org/prop/qualifier/>
PREFIX wikibase: <http://wikiba.se/ontology#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
JSON_TYPE = "application/sparql-results+json;charset=utf-8"
TIMEOUT_TRACE = (
    b"SPARQL-QUERY: queryStr=SELECT ?item WHERE {}\njava.util.concurrent.TimeoutException\n\tat java.util.concurrent.FutureTask"
)


@dataclass(frozen=True)
class CannedResponse:
    """Represent what is answered instead of, or after, the rows."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    is_truncated: bool = False


@dataclass
class FakeEndpoint:
    """Represent the endpoint: its graph, faults to give first or to some queries, the requests and the waits that it saw."""

    graph: Graph
    url: str = ""
    faults: list[CannedResponse] = field(default_factory=list)
    fault_for: Callable[[str], CannedResponse | None] = lambda query: None
    requests: list[tuple[dict[str, str], str]] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def get_response(self, query: str) -> CannedResponse:
        fault = self.faults.pop(0) if self.faults else self.fault_for(query)
        if fault and not fault.is_truncated:
            return fault
        body = json.dumps(self.run_query(query)).encode()
        return CannedResponse(body=body[:-40] + TIMEOUT_TRACE if fault else body, headers={"Content-Type": JSON_TYPE})

    def run_query(self, query: str) -> dict[str, object]:
        """Return the rows as the service writes them; an unknown value is a node with an address of its own."""
        result = self.graph.query(PREFIXES + query)
        names = [str(name) for name in result.vars or []]
        rows = [
            {name: _to_sparql_term(value) for name, value in zip(names, cast(ResultRow, row), strict=True) if value is not None}
            for row in result
        ]
        return {"head": {"vars": names}, "results": {"bindings": rows}}

    def list_long_waits(self) -> list[float]:
        """Return the waits that were more than a pause."""
        return [seconds for seconds in self.waits if seconds > 1]


def _to_sparql_term(value: object) -> dict[str, str]:
    match value:
        case BNode():
            return {"type": "uri", "value": f"http://www.wikidata.org/.well-known/genid/{value}"}
        case URIRef():
            return {"type": "uri", "value": str(value)}
        case Literal(language=str() as language):
            return {"type": "literal", "value": str(value), "xml:lang": language}
    return {"type": "literal", "value": str(value)}


def _make_handler(stand_in: FakeEndpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            query = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())["query"][0]
            stand_in.requests.append((dict(self.headers.items()), query))
            answer = stand_in.get_response(query)
            if answer.status == 0:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in {"Content-Type": "text/plain", **answer.headers, "Content-Length": str(len(answer.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *args: object) -> None:
            """Log nothing."""

    return Handler


@pytest.fixture
def wikidata(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEndpoint]:
    """Serve the stand-in; waits are written down, not waited."""
    monkeypatch.setenv("OUVOIR_ALLOW_LOOPBACK", "1")
    stand_in = FakeEndpoint(Graph().parse(data=ITEMS, format="turtle"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _make_handler(stand_in))
    server.daemon_threads = True
    stand_in.url = f"http://127.0.0.1:{server.server_address[1]}/sparql"
    threading.Thread(target=server.serve_forever, args=(0.01,)).start()
    yield stand_in
    server.shutdown()
    server.server_close()


def run_enrich(engine: Engine, stand_in: FakeEndpoint, older_than: int = 90) -> EnrichmentReport:
    """Run `ouvoir enrich` against the stand-in."""
    with SparqlEndpoint(stand_in.url, stand_in.waits.append) as endpoint:
        return enrich_from_wikidata(engine, endpoint, older_than, lambda line: None)
