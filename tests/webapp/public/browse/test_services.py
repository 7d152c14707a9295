"""The pages of services and of directors."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select

from domain.common.enums import LegalBasis, PlatformStatus
from domain.db.engine import write_session
from domain.films.directors import replace_directors
from domain.models.film import Film
from domain.models.platform import Platform
from tests.domain.builders import make_platform
from tests.scene import DUNE_1984, GUEPARD, LA_FEMME, VADROUILLE
from tests.webapp.public.browse.conftest import get_text
from webapp.core.context import ENGINE_KEY


def change(app: Flask, slug: str, **facts: object) -> None:
    with write_session(app.extensions[ENGINE_KEY]) as session:
        platform = session.exec(select(Platform).where(Platform.slug == slug)).first() or make_platform(session, slug)
        platform.sqlmodel_update(facts)


@pytest.fixture
def directed(app: Flask) -> None:
    def told(session: Session) -> list[tuple[int, list[str]]]:
        return [(film.id, film.directors) for film in session.exec(select(Film))]

    with write_session(app.extensions[ENGINE_KEY]) as session:
        replace_directors(session, told(session))


def test_services_shown_stand_first_then_those_that_are_not_with_the_reason(reader: FlaskClient, app: Flask) -> None:
    change(app, "zed", name="Zèbre", blocked="un accord est nécessaire : aucun n'est signé à ce jour")
    change(app, "ferme", name="Ancien", status=PlatformStatus.CLOSED)
    change(app, "interdit", name="Éteint", legal_basis=LegalBasis.FORBIDDEN)
    change(app, "attend", name="Attendu")
    shown_text, absent = get_text(reader.get("/services").text).split("Non référencés ici")
    names = ("Abonné", "Antenne", "Boîtier", "Ciné", "Court Temps", "Film Neuf", "Kiosque", "Vieux Fonds")
    assert [shown_text.index(name) for name in names] == sorted(shown_text.index(name) for name in names)
    assert "dans l’ordre alphabétique" in shown_text and "Zèbre" not in shown_text
    sentences = (
        "Ancien Service fermé.",
        "Attendu Pas encore collecté.",
        "Éteint Ses conditions d’usage",
        "Zèbre Un accord",
    )
    assert [absent.index(sentence) for sentence in sentences] == sorted(absent.index(sentence) for sentence in sentences)


def test_a_service_says_what_it_is_and_by_what_right_it_stands_here(reader: FlaskClient, app: Flask) -> None:
    change(app, "ancien", name="Ancien", status=PlatformStatus.CLOSED, status_note="fermé en mai")
    facts = {"site": "https://neuf.example", "legal_doubt": "liste lue de seconde main", "replaces": ["ancien"]}
    change(app, "neuf", accesses=["free", "buy"], **facts)
    page = reader.get("/services/neuf").text
    text = get_text(page)
    assert "Exemple SA France Gratuit, achat" in text and '<a href="https://neuf.example" rel="noopener">' in page
    assert "un exemple Vérifié le 22 novembre 2026. Doute : liste lue de seconde main." in text
    assert "Prend la suite de Ancien ." in text
    old = get_text(reader.get("/services/ancien").text)
    assert "Non référencé ici. Service fermé." in old and "À savoir : fermé en mai." in old and "Remplacé par Film Neuf ." in old
    assert "Catalogue" not in old


def test_a_service_says_what_came_what_left_and_what_it_shows(reader: FlaskClient) -> None:
    entries, exits, catalogue = re.split(r"Partis depuis|Catalogue (?=\d)", get_text(reader.get("/services/neuf").text))
    assert "Arrivés depuis trente jours (4)" in entries and "Inédit 2026 · 21 novembre 2026" in entries
    assert "Aucun départ" in exits and "5 films à voir en ce moment" in catalogue
    gone = get_text(reader.get("/services/fonds").text).split("Partis depuis")[1]
    assert "trente jours (1) La Grande Vadrouille 1966 · 13 novembre 2026" in gone and "Le Guépard" not in gone


def test_a_service_says_how_fresh_it_is_and_that_a_run_is_held(client: FlaskClient) -> None:
    text = get_text(client.get("/services/cine").text)
    assert "Catalogue lu le 22 novembre 2026 à 13 h 37. La collecte du 22 novembre 2026 n’a pas semblé fiable" in text
    assert "3 lignes reçues 2 reliées à un film 1 douteuses 0 non reliées" in re.sub(
        r"(lignes reçues|reliées à un film|douteuses|non reliées) (\d+)", r"\2 \1", text
    )
    assert "n’a pas semblé fiable" not in client.get("/services/kiosque").text


@pytest.mark.parametrize("slug", ["inconnu", "%00", "%ff", "é", "a" * 5000])
def test_an_unknown_service_or_director_is_not_found(client: FlaskClient, slug: str) -> None:
    for path in (f"/services/{slug}", f"/services/{slug}/atom.xml", f"/realisations/{slug}", f"/realisations/{slug}/atom.xml"):
        assert client.get(path).status_code == 404


def test_films_of_a_director_that_can_be_seen_come_first(reader: FlaskClient, app: Flask, directed: None) -> None:
    with write_session(app.extensions[ENGINE_KEY]) as session:
        films = [(GUEPARD, ["Jean Renoir"]), (LA_FEMME, ["Jean Renoir"]), (VADROUILLE, ["Jean RENOIR"]), (5, ["Jean Renoir"])]
        replace_directors(session, films)
    text = get_text(reader.get("/realisations/jean-renoir").text)
    assert text.index("Guépard") < text.index("Aucune offre connue") and "4 films dans la base" in text
    assert "Plusieurs noms, qui s’écrivent pareil dans une adresse, partagent cette page" in text
    assert reader.get("/realisations/jean-renoir?page=2").status_code == 404
    assert "Deux personnes du même nom partageraient cette page." in get_text(reader.get("/realisations/david-lynch").text)


def test_coverage_counts_services_without_a_run_apart(client: FlaskClient, app: Flask) -> None:
    assert "pas encore collecté" not in get_text(client.get("/couverture").text)
    change(app, "attend", name="Attendu")
    change(app, "attend-aussi", name="Attendu Aussi")
    page = client.get("/couverture").text
    assert "Attendu" not in page and "2 autres services sont connus, mais pas encore collectés." in get_text(page)
    assert 'href="/services"' in page and "attend" not in client.get("/couverture.csv").text


def test_the_film_of_a_page_is_the_one_meant(reader: FlaskClient) -> None:
    assert f"/films/{DUNE_1984}-dune" in reader.get("/services/court").text
