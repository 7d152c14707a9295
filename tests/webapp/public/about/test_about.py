"""The pages that a public service owes: true, complete, and none forgotten."""

import re
from datetime import date, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import select

from domain.common.enums import CaseCause, Verdict
from domain.common.environment import ROOT
from domain.db.engine import write_session
from domain.models.entry import Entry
from domain.models.review_case import ReviewCase
from tests.conftest import NOW
from tests.scene import build_scene
from tests.webapp.public.about.test_facts import declared
from webapp.app import create_app
from webapp.core.matcher_figures import load_matcher_report
from webapp.public.about import facts

PAGES = [
    "/methode",
    "/accessibilite",
    "/ecoconception",
    "/mentions-legales",
    "/donnees-personnelles",
    "/contact",
    "/plan-du-site",
]
PAGES += ["/nouveautes-du-site"]
# What a map for people need not hold: files, programs' addresses, pages reached from a form or from a film's page.
NOT_FOR_READING = {
    "static",
    "about.show_robots_txt",
    "about.show_security_txt",
    "about.show_matcher_report",
    "coverage.download_coverage",
    "search.list_results",
}
MACHINES = re.compile(r"/(agents|api|editeurs/v1|widget|static)/|\.(xml|json|csv|atom|ics|txt)$|^/(oembed|suggestions)")


@pytest.fixture(autouse=True)
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUVOIR_VAR", str(tmp_path))


def said(monkeypatch: pytest.MonkeyPatch, name: str, value: object) -> None:
    monkeypatch.setattr(facts, name, lambda: value)


@pytest.mark.parametrize("address", PAGES)
def test_a_page_in_french_says_so_under_its_english_address(client: FlaskClient, address: str) -> None:
    page, english = client.get(address).text, client.get(f"/en{address}").text
    assert 'lang="fr"' in page and english.count("<h1") == 1 and '<html lang="en">' in english
    assert ('<div class="long" lang="fr">' in english) == (address not in ("/contact", "/plan-du-site"))
    assert '<div class="long" lang="fr">' not in page


def test_every_page_of_the_map_answers(client: FlaskClient) -> None:
    body = client.get("/plan-du-site").text.partition("<main")[2].partition("</main>")[0]
    links = re.findall(r'<a href="([^"]+)"', body)
    assert len(links) == len(set(links)) and {*PAGES, "/", "/signaler", "/couverture"} - {"/plan-du-site"} <= set(links)
    assert {address: client.get(address).status_code for address in links} == dict.fromkeys(links, 200)


def test_no_public_page_is_forgotten_by_the_map(app: Flask, client: FlaskClient) -> None:
    """Whoever adds a page adds it to `webapp/public/about/site_map.py`, or says above why not."""
    body = client.get("/plan-du-site").text
    pages = {
        rule.rule: rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments
    }
    missing = {
        rule
        for rule, endpoint in pages.items()
        if endpoint not in NOT_FOR_READING and not MACHINES.search(rule) and f'href="{rule}"' not in body
    }
    assert missing == set()


def test_robots_are_kept_from_forms_and_searches_in_both_languages(client: FlaskClient) -> None:
    lines = client.get("/robots.txt").text.splitlines()
    for path in ("/recherche", "/signaler", "/signalements/", "/sortie/", "/liste", "/introuvable"):
        assert f"Disallow: {path}" in lines and f"Disallow: /en{path}" in lines
    assert "Disallow: /api/" in lines and "Disallow: /en/api/" not in lines and "Disallow: /films" not in lines
    assert "Sitemap: http://localhost/sitemap.xml" in lines


@pytest.mark.parametrize(
    ("contact", "field"),
    [
        ("securite@exemple.fr", "Contact: mailto:securite@exemple.fr"),
        ("mailto:securite@exemple.fr", "Contact: mailto:securite@exemple.fr"),
        ("https://exemple.fr/contact", "Contact: https://exemple.fr/contact"),
    ],
)
def test_security_txt_says_whom_to_tell(client: FlaskClient, monkeypatch: pytest.MonkeyPatch, contact: str, field: str) -> None:
    monkeypatch.setenv("OUVOIR_CONTACT", contact)
    answer = client.get("/.well-known/security.txt")
    fields = dict(text.split(": ", 1) for text in answer.text.splitlines())
    assert answer.content_type == "text/plain; charset=utf-8" and field in answer.text.splitlines()
    expires = datetime.fromisoformat(fields["Expires"])
    assert 30 < (expires - NOW).days < 365 and "Canonical" not in fields
    secure = client.get("/.well-known/security.txt", base_url="https://localhost").text
    assert "Canonical: https://localhost/.well-known/security.txt" in secure
    assert contact.removeprefix("mailto:") in client.get("/contact").text


@pytest.mark.parametrize("contact", ["", "http://exemple.fr/contact", "chez nous", "a@b@c", 'x"onclick=a@b'])
def test_without_a_sure_contact_there_is_no_security_txt(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, contact: str
) -> None:
    monkeypatch.setenv("OUVOIR_CONTACT", contact)
    assert client.get("/.well-known/security.txt").status_code == 404


def test_what_nobody_said_is_shown_as_such(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OUVOIR_CONTACT", raising=False)
    page = client.get("/mentions-legales").text
    assert page.count("<strong>non renseigné</strong>") == 7 and "n’est pas encore déclaré" in page
    assert "Aucune adresse n’est encore renseignée" in client.get("/contact").text


def test_the_operator_is_named_once_known(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    said(monkeypatch, "get_operator", facts.Operator(name="L'Organisme <b>", director="Camille Martin"))
    page = client.get("/mentions-legales").text
    assert "L’Organisme &lt;b&gt;" in page and "Camille Martin" in page and "n’est pas encore déclaré" not in page
    assert "L’Organisme" in client.get("/accessibilite").text


def test_the_declaration_of_accessibility_has_its_compulsory_parts(client: FlaskClient) -> None:
    page = client.get("/accessibilite").text
    parts = [
        "État de conformité",
        "Résultats des tests",
        "Contenus non accessibles",
        "Non-conformités",
        "Dérogations pour charge",
    ]
    parts += ["non soumis à l’obligation", "établie le", "Technologies utilisées", "Environnement de test", "Outils utilisés"]
    parts += ["Pages ayant fait l’objet", "Retour d’information et contact", "Voies de recours", "75342"]
    places = [page.find(part) for part in parts]
    assert -1 not in places and places == sorted(places)
    assert (
        "n°&nbsp;2005-102" in page and "OùVoir est non conforme" in page and "aucun résultat d’audit en cours de validité" in page
    )


@pytest.mark.parametrize(("met", "failed", "state"), [(60, 0, "totalement"), (50, 10, "partiellement"), (10, 50, "non")])
def test_an_audit_changes_the_declaration_and_the_mention(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, met: int, failed: int, state: str
) -> None:
    said(monkeypatch, "get_accessibility", declared(met, failed))
    page = client.get("/accessibilite").text
    assert f"OùVoir est {state} conforme" in page and "aucun résultat d’audit" not in page
    assert f"Accessibilité&nbsp;: {state} conforme" in client.get("/").text
    assert f"{100 * met / 60:.1f}".replace(".", ",") in page


def test_weights_are_not_told_before_the_bench_has_measured(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    said(monkeypatch, "get_ecodesign", facts.Ecodesign())
    assert "Pas encore mesuré" in client.get("/ecoconception").text


def test_weights_are_told_once_the_bench_has_measured(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = facts.PageMeasurement(
        name="Page d'un film", weight=12_345, requests=3, nodes=210, score=88.25, day=date(2026, 11, 22)
    )
    said(monkeypatch, "get_ecodesign", facts.Ecodesign(screens=(screen,)))
    page = client.get("/ecoconception").text
    assert "Page d’un film" in page and "12\u202f345\u00a0octets" in page and "88,2" in page and "Pas encore" not in page


def test_the_method_gives_the_bound_of_the_report_and_the_report(client: FlaskClient) -> None:
    page, report = client.get("/methode").text, client.get("/methode/rapport.txt")
    assert "pas encore mesuré sur ce site" in page and report.content_type == "text/plain; charset=utf-8"
    found = load_matcher_report()
    assert found and found.bound.replace(" ", "\u00a0") in page and f"| {found.links} | {found.wrong} |" in report.text


def test_without_a_report_the_method_gives_no_figure(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.public.about.views.load_matcher_report", lambda: None)
    assert "Aucun rapport d’essai" in client.get("/methode").text and client.get("/methode/rapport.txt").status_code == 404


@pytest.mark.parametrize("old", ['"wrong"', '"links"', '"model"', '"precision_lower_bound"'])
def test_a_report_written_otherwise_gives_no_figure(tmp_path: Path, old: str) -> None:
    text = (ROOT / "docs" / "matching" / "figures.json").read_text("utf-8")
    (tmp_path / "autre.json").write_text(text.replace(old, '"autre"'), "utf-8")
    (tmp_path / "même.json").write_text(text, "utf-8")
    assert (
        load_matcher_report(tmp_path / "autre.json") is None
        and load_matcher_report(tmp_path / "absent.json") is None
        and load_matcher_report(tmp_path / "même.json")
    )


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_method_gives_the_error_rates_of_the_checks(request: pytest.FixtureRequest, moment: datetime, kind: str) -> None:
    engine: Engine = request.getfixturevalue(f"{kind}_engine")
    build_scene(engine, NOW)
    with write_session(engine) as session:
        entries = session.exec(select(Entry)).all()
        for entry, chosen in zip(entries[:4], (1, 1, 1, None), strict=True):
            outcome = Verdict.SAME if chosen else Verdict.NONE
            session.add(
                ReviewCase(
                    entry_id=entry.id,
                    cause=CaseCause.AUDIT,
                    film_id=1,
                    opened_at=NOW,
                    closed_at=NOW,
                    outcome=outcome,
                    chosen_id=chosen,
                )
            )
    page = create_app(engine).test_client().get("/methode").text
    assert "25,0\u00a0% de faux sur 4\u00a0liens vérifiés" in page and page.count("pas encore mesuré sur ce site") == 1
