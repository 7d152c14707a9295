"""The lists, as the scene and two later collections make them."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from records.catalogue import Entry, Platform
from records.checks import Expect
from records.database import writing
from records.films import Film
from records.observed import ObservedOffer
from records.vocabulary import Access, LegalBasis
from tests.records.builders import a_line, a_platform, collected, linked
from tests.webapp.conftest import NOW
from tests.webapp.scene import DUNE_1984, DUNE_2021, GUEPARD, LA_FEMME, VADROUILLE, add_film, an_offer
from webapp.context import ENGINE

LISTS = ("/nouveautes", "/derniers-jours", "/gratuit", "/gratuit/bibliotheque", "/patrimoine", "/decennies/1960", "/decennies")
INEDIT = 50
DAY = timedelta(days=1)
RENT, BUY, FREE = an_offer(Access.RENT, 299), an_offer(Access.BUY, 799), an_offer(Access.FREE)


def words(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def collect(session: Session, slug: str, name: str, days_ago: float, shown: dict[int, list[ObservedOffer]]) -> None:
    """A service is read some days ago; it always shows Dune (1984) too, so that each of its runs is believed."""
    found = session.exec(select(Platform).where(Platform.slug == slug)).first()
    platform = found or a_platform(session, slug, LegalBasis.OPEN)
    platform.name = name
    films = {DUNE_1984: [BUY], **shown}
    lines = [a_line(str(film), f"Ligne {film}", *offers) for film, offers in films.items()]
    run = collected(session, platform, lines, NOW - days_ago * DAY, Expect(max_drop=1))
    for entry in session.exec(select(Entry).where(col(Entry.first_run_id) == run.id)).all():
        linked(session, entry, session.get_one(Film, int(entry.ref)), NOW)


@pytest.fixture
def stirred(app: Flask) -> Flask:
    """Two more services: Film Neuf gained films this week, Vieux Fonds lost one."""
    soon, midnight = NOW + 2 * DAY, datetime(2026, 12, 1, 23, tzinfo=NOW.tzinfo)
    with writing(app.extensions[ENGINE]) as session:
        add_film(session, INEDIT, "Inédit", year=2026)
        collect(session, "neuf", "Film Neuf", 40, {})
        collect(session, "neuf", "Film Neuf", 3, {GUEPARD: [RENT], VADROUILLE: [FREE]})
        collect(session, "neuf", "Film Neuf", 1, {GUEPARD: [RENT, BUY], VADROUILLE: [FREE], DUNE_2021: [FREE], INEDIT: [BUY]})
        collect(session, "fonds", "Vieux Fonds", 50, {LA_FEMME: [an_offer(Access.LIBRARY, ends=midnight)], GUEPARD: [RENT]})
        collect(session, "fonds", "Vieux Fonds", 45, {LA_FEMME: [an_offer(Access.LIBRARY, ends=midnight)]})
        collect(session, "fonds", "Vieux Fonds", 42, {LA_FEMME: [an_offer(Access.LIBRARY, ends=midnight)]})
        collect(session, "court", "Court Temps", 1, {DUNE_2021: [an_offer(Access.RENT, 299, ends=soon)]})
    return app


@pytest.fixture
def reader(stirred: Flask, client: FlaskClient) -> FlaskClient:
    return client


@pytest.mark.parametrize("path", LISTS)
def test_every_list_answers_even_empty(client: FlaskClient, path: str) -> None:
    for address in (path, f"/en{path}"):
        answer = client.get(address)
        assert answer.status_code == 200 and "<h1>" in answer.text and 'aria-label="' in answer.text


def test_nothing_is_new_where_every_service_was_read_once(client: FlaskClient) -> None:
    text = words(client.get("/nouveautes").text)
    assert "Rien de nouveau depuis sept jours" in text
    assert "Abonné Exemple , Antenne Exemple , Boîtier Exemple , Ciné Exemple , Kiosque Exemple ." in text


def test_news_stand_by_day_with_what_is_truly_new_first(reader: FlaskClient) -> None:
    text = words(reader.get("/nouveautes").text)
    latest, before = text.index("21 novembre 2026"), text.index("19 novembre 2026")
    assert latest < before
    assert re.findall(r"(?:Nouveau :|Aussi sur|De retour sur) [^)]*\)", text[latest:].replace("\xa0", " ")) == [
        *("Nouveau : Film Neuf (achat)", "Aussi sur Film Neuf (gratuit)", "Aussi sur Film Neuf (achat)"),
        *("Aussi sur Film Neuf (gratuit)", "De retour sur Film Neuf (location)"),
    ]


def test_a_film_nobody_showed_any_more_is_back_and_not_new(reader: FlaskClient) -> None:
    text = words(reader.get("/patrimoine").text)
    assert "2015 ou avant" in text and "De retour sur Film Neuf (location, achat)" in text
    assert "Dune" not in text.split("Patrimoine veut dire")[1]
