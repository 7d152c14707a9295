"""The lists, as the scene and later collections make them."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.db.engine import write_session
from domain.models.film import Film
from tests.conftest import NOW
from tests.scene import add_film
from tests.webapp.public.browse.conftest import ADULT, RENT, collect_service, get_text
from webapp.core.context import ENGINE_KEY
from webapp.public.browse.cards import PER_PAGE

LISTS = ("/nouveautes", "/derniers-jours", "/gratuit", "/gratuit/bibliotheque", "/patrimoine", "/decennies/1960")


@pytest.mark.parametrize("path", [*LISTS, "/decennies"])
def test_every_list_answers_even_empty(client: FlaskClient, path: str) -> None:
    for address in (path, f"/en{path}"):
        answer = client.get(address)
        assert answer.status_code == 200 and "<h1>" in answer.text and 'class="browse"' in answer.text


def test_nothing_is_new_where_every_service_was_read_once(client: FlaskClient) -> None:
    text = get_text(client.get("/nouveautes").text)
    assert "Rien de nouveau depuis sept jours" in text
    assert "Abonné Exemple , Antenne Exemple , Boîtier Exemple , Ciné Exemple , Kiosque Exemple ." in text


def test_news_stand_by_day_with_what_is_truly_new_first(reader: FlaskClient) -> None:
    text = get_text(reader.get("/nouveautes").text)
    assert text.index("21 novembre 2026") < text.index("19 novembre 2026")
    assert re.findall(r"(?:Nouveau :|Aussi sur|De retour sur) [^)]*\)", text) == [
        *("Nouveau : Film Neuf (achat)", "Aussi sur Film Neuf (gratuit)", "Aussi sur Film Neuf (achat)"),
        *("Aussi sur Film Neuf (gratuit)", "De retour sur Film Neuf (location)"),
    ]


def test_last_days_are_known_ends_and_say_what_remains(reader: FlaskClient) -> None:
    text = get_text(reader.get("/derniers-jours").text)
    assert "Seules les dates de fin que les services communiquent sont connues." in text
    first, then = text.index("24 novembre 2026"), text.index("1er décembre 2026")
    assert "Dune : première partie" in text[first:then] and "ensuite, d’autres offres restent" in text[first:then]
    assert "Une femme est une femme" in text[then:] and "Jusqu’au 1er décembre 2026 sur Vieux Fonds" in text[then:]


def test_free_films_stand_by_title_and_the_library_is_apart(reader: FlaskClient) -> None:
    free, library = get_text(reader.get("/gratuit").text), get_text(reader.get("/gratuit/bibliotheque").text)
    assert free.index("Dune : première partie") < free.index("La Grande Vadrouille") and "Une femme est" not in free
    assert "Une femme est une femme" in library and "Dune" not in library


def test_heritage_is_defined_and_holds_what_nobody_showed(reader: FlaskClient) -> None:
    text = get_text(reader.get("/patrimoine").text)
    assert "2015 ou avant" in text and "De retour sur Film Neuf (location, achat)" in text
    assert all(title not in text for title in ("Dune", "Vadrouille", "Inédit"))


def test_decades_with_a_film_to_see_lead_to_its_films(reader: FlaskClient) -> None:
    decades = re.findall(r"/decennies/(\d+)", reader.get("/decennies").text)
    assert decades == ["1960", "1970", "1980", "2020"]
    text = get_text(reader.get("/decennies/1960").text)
    assert text.index("Une femme est une femme") < text.index("Le Guépard") < text.index("La Grande Vadrouille")
    assert "3 films de 1960 à 1969" in text


@pytest.mark.parametrize("path", ["/decennies/1965", "/decennies/1870", "/decennies/99999", "/gratuit?page=2", "/decennies/x"])
def test_what_is_no_list_is_not_found(reader: FlaskClient, path: str) -> None:
    assert reader.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/nouveautes", "/gratuit", "/decennies/1970", "/services/neuf", "/gratuit/atom.xml"])
def test_pornographic_works_stand_in_no_list(reader: FlaskClient, app: Flask, path: str) -> None:
    assert "Rouge" not in reader.get(path).text
    with write_session(app.extensions[ENGINE_KEY]) as session:
        session.get_one(Film, ADULT).age_rating = "12"
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        assert "Rouge" in reader.get(path).text


def test_a_list_may_be_of_my_services_only(reader: FlaskClient) -> None:
    page = reader.get("/gratuit?services=antenne").text
    assert "Dune" not in get_text(page) and "La Grande Vadrouille" in get_text(page)
    assert 'value="antenne" checked' in page and "Gratuit" in get_text(page)
    assert "Aucun film ici pour ces services." in get_text(reader.get("/gratuit?services=cine&services=kiosque").text)
    refused = reader.get("/gratuit?services=inconnu")
    assert refused.status_code == 400 and "« inconnu »" in get_text(refused.text)


def test_pages_carry_the_choice_over(reader: FlaskClient, app: Flask) -> None:
    many = range(100, 101 + PER_PAGE)
    with write_session(app.extensions[ENGINE_KEY]) as session:
        for film_id in many:
            add_film(session, film_id, f"Film {film_id}", year=1964)
        collect_service(session, "plein", "Plein", 10, {film_id: [RENT] for film_id in many})
    first = reader.get("/decennies/1960?services=plein").text
    assert 'href="/decennies/1960?page=2&amp;services=plein"' in first and "Page 1 sur 2" in get_text(first)
    assert get_text(first).count("Film 1") == PER_PAGE
    last = reader.get("/decennies/1960?page=2&services=plein").text
    assert get_text(last).count("Film 1") == 1 and 'rel="prev"' in last and 'rel="next"' not in last


def test_a_list_follows_what_is_accepted_since(reader: FlaskClient, app: Flask) -> None:
    assert "Film 60" not in reader.get("/decennies/1960").text
    with write_session(app.extensions[ENGINE_KEY]) as session:
        add_film(session, 60, "Film 60", year=1960)
        collect_service(session, "autre", "Autre", 10, {60: [RENT]})
    assert "Film 60" in reader.get("/decennies/1960").text


@given(st.dictionaries(st.sampled_from(["page", "services", "q"]), st.text(max_size=30)), st.sampled_from(LISTS))
@example({"page": "-1"}, "/gratuit")
@settings(max_examples=30)
def test_whatever_is_asked_is_answered_in_words(client: FlaskClient, params: dict[str, str], path: str) -> None:
    try:
        query = urlencode(params)
    except UnicodeEncodeError:
        query = urlencode(params, errors="replace")
    assert client.get(f"{path}?{query}").status_code in (200, 400, 404)


def test_my_services_follow_from_list_to_list_and_into_the_search(reader: FlaskClient) -> None:
    for path in ("/nouveautes", "/decennies", "/decennies/1960", "/gratuit/bibliotheque"):
        page = reader.get(f"{path}?services=neuf,cine").text
        assert 'href="/derniers-jours?services=cine,neuf"' in page or 'href="/derniers-jours?services=cine%2Cneuf"' in page, path
        assert '<input type="hidden" name="services" value="cine,neuf">' in page, path
    assert "services=" not in reader.get("/services").text and 'name="services" value="cine' not in reader.get("/").text
    assert '<input type="hidden" name="services" value="neuf">' in reader.get("/recherche?q=dune&services=neuf").text
