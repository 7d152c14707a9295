"""What holds for every page: links, headers, errors, languages, the notice of the demonstration."""

import gzip
import re
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import select

from domain.common.enums import LegalBasis
from domain.db.engine import create_db_engine, write_session
from domain.models.platform import Platform
from webapp.app import create_app

PAGES = [
    "/",
    "/recherche?q=dune",
    "/recherche",
    "/films/1-la-grande-vadrouille",
    "/films/2-le-guepard",
    "/couverture",
    "/integrer",
]
PAGES += ["/methode", "/accessibilite", "/nulle-part"]
ANSWERS = [
    *PAGES,
    "/widget/1",
    "/widget/v1/ouvoir.js",
    "/couverture.csv",
    "/robots.txt",
    "/api/v1/films/1",
    "/api/v1/films",
    "/films/1",
]


def links(page: str) -> set[str]:
    return {unescape(link) for link in re.findall(r'(?:href|src|action)="([^"#]+)', page)}


def test_no_internal_link_is_dead(client: FlaskClient) -> None:
    seen, waiting = set[str](), ["/", "/films/2-le-guepard", "/widget/1", "/recherche?q=e"]
    while waiting:
        address = waiting.pop()
        answer = client.get(address)
        assert answer.status_code in (200, 301, 303, 308), address
        seen.add(address)
        if answer.mimetype == "text/html":
            urls = {urlsplit(urljoin(f"http://localhost{address}", link)) for link in links(answer.text)}
            inside = {url._replace(scheme="", netloc="").geturl() for url in urls if url.netloc == "localhost"}
            waiting += sorted(inside - seen - set(waiting))
    assert {"/couverture.csv", "/accessibilite", "/methode", "/integrer", "/api", "/donnees", "/rapprocher"} <= seen


@pytest.mark.parametrize("address", ANSWERS)
def test_every_answer_carries_the_security_headers_and_no_cookie(client: FlaskClient, address: str) -> None:
    headers = client.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy
    assert ("frame-ancestors *" if address == "/widget/1" else "frame-ancestors 'none'") in policy
    assert headers.get("X-Frame-Options") == (None if address == "/widget/1" else "DENY")
    assert "script-src 'self'; connect-src 'self'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff" and "Referrer-Policy" in headers and "Permissions-Policy" in headers
    assert "Set-Cookie" not in headers
    assert headers.get("Access-Control-Allow-Origin") == ("*" if address.startswith(("/api/", "/widget/v1/")) else None)


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_its_landmarks_and_one_title(client: FlaskClient, address: str) -> None:
    page = client.get(address).text
    assert '<html lang="fr">' in page and len(re.findall(r"<h1", page)) == 1 and 'href="#contenu"' in page
    assert "Accessibilité&nbsp;: non conforme" in page
    levels = [int(level) for level in re.findall(r"<h(\d)", page)]
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("address", PAGES)
def test_the_demonstration_says_so_on_every_page(client: FlaskClient, sqlite_engine: Engine, address: str) -> None:
    assert "Données de démonstration." in client.get(address).text
    with write_session(sqlite_engine) as session:
        for platform in session.exec(select(Platform)):
            platform.legal_basis = LegalBasis.CONTRACT
    assert "Données de démonstration." not in client.get(address).text


@pytest.mark.parametrize("address", ANSWERS)
def test_head_answers_as_get_without_the_body(client: FlaskClient, address: str) -> None:
    head, get = client.head(address), client.get(address)
    assert head.status_code == get.status_code and head.data == b""


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_the_site_is_only_read(client: FlaskClient, method: str) -> None:
    answer = getattr(client, method)("/")
    assert answer.status_code == 405 and "Méthode refusée" in answer.text and "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("address", ["/recherche?q=dune&page=0", "/recherche?q=dune&page=x", f"/recherche?q={'a' * 201}"])
def test_a_bad_value_is_told_in_french(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 400 and "Demande incomprise" in answer.text and "paramètre" in answer.text


def test_a_page_of_results_too_far_is_not_found(client: FlaskClient) -> None:
    assert client.get("/recherche?q=dune&page=2").status_code == 404


def test_nothing_found_gives_ways_on(client: FlaskClient) -> None:
    page = client.get("/recherche?q=xyzzy").text
    assert "Aucun film pour «&nbsp;xyzzy&nbsp;»" in page and "titre original" in page


def test_a_fault_of_ours_shows_no_trace(app: Flask) -> None:
    def broken() -> str:
        raise RuntimeError("détail secret")

    app.add_url_rule("/api/panne", view_func=broken)
    app.view_functions["about.show_method"] = broken
    for address, kind in (("/methode", "text/html"), ("/api/panne", "application/problem+json")):
        answer = app.test_client().get(address)
        assert (answer.status_code, answer.mimetype) == (500, kind)
        assert "secret" not in answer.text and "Traceback" not in answer.text and "Erreur du site" in answer.text


@pytest.mark.parametrize(("address", "kind"), [("/", "text/html"), ("/api/v1/films/1", "application/problem+json")])
def test_a_database_out_of_reach_is_one_clear_line(tmp_path: Path, address: str, kind: str) -> None:
    path = tmp_path / "base.db"
    path.write_text("ceci n'est pas une base de données, mais un texte assez long")
    answer = create_app(create_db_engine(f"sqlite:///{path}")).test_client().get(address)
    assert (answer.status_code, answer.mimetype, answer.headers["Retry-After"]) == (503, kind, "30")
    assert "La base de données ne répond pas." in answer.text and str(tmp_path) not in answer.text


def test_a_static_file_is_kept_for_ever_only_under_its_mark(client: FlaskClient) -> None:
    (marked,) = [link for link in links(client.get("/").text) if "ouvoir.css" in link]
    assert "immutable" in client.get(marked).headers["Cache-Control"]
    for other in ("/static/ouvoir.css", "/static/ouvoir.css?v=autre", "/static/absent.css?v="):
        assert client.get(other).headers["Cache-Control"] == "public, max-age=300"


def test_the_pages_keep_to_their_budget(client: FlaskClient) -> None:
    def weight(address: str) -> int:
        answer: Any = client.get(address)
        return len(gzip.compress(answer.data))

    assert max(map(weight, PAGES)) <= 14_000
    assert (
        weight("/static/ouvoir.css") <= 6_000 and weight("/widget/v1/ouvoir.js") <= 3_000 and weight("/api/v1/films/1") <= 2_000
    )


def test_robots_may_read_films_but_not_searches(client: FlaskClient) -> None:
    text = client.get("/robots.txt").text
    assert "Disallow: /recherche" in text and "Disallow: /films" not in text
