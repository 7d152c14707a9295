"""Atom feeds: valid, stable, conditional."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree  # type: ignore[import-untyped]
from sqlmodel import select

from domain.db.engine import write_session
from domain.films.directors import replace_directors
from domain.models.film import Film
from tests.conftest import NOW
from tests.scene import GUEPARD, HOSTILE, VADROUILLE, add_film
from tests.webapp.public.browse.conftest import RENT, collect_service
from webapp.core.context import ENGINE_KEY
from webapp.public.browse.atom import MAX_ENTRIES

A = "{http://www.w3.org/2005/Atom}"
LISTS = ("/nouveautes", "/derniers-jours", "/gratuit", "/patrimoine")
FEEDS = (*(f"{path}/atom.xml" for path in LISTS), f"/films/{VADROUILLE}/atom.xml", "/services/neuf/atom.xml")


def read(client: FlaskClient, path: str) -> etree._Element:
    answer = client.get(path)
    assert answer.status_code == 200 and answer.content_type.startswith("application/atom+xml")
    return etree.fromstring(answer.data)


def summaries(client: FlaskClient, path: str) -> list[str]:
    return [entry.findtext(f"{A}summary") for entry in read(client, path).iter(f"{A}entry")]


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_has_what_rfc_4287_asks(reader: FlaskClient, path: str) -> None:
    feed = read(reader, path)
    entries = feed.findall(f"{A}entry")
    assert entries and feed.find(f"{A}author/{A}name").text == "OùVoir"
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{A}link")}
    assert links["self"] == f"http://localhost{path}" and reader.get(urlsplit(links["alternate"]).path).status_code == 200
    ids = [element.findtext(f"{A}id") for element in (feed, *entries)]
    assert len(set(ids)) == len(ids) and all(name.startswith("tag:localhost,2026:") for name in ids)
    moments = [datetime.fromisoformat(element.findtext(f"{A}updated")) for element in (feed, *entries)]
    assert moments[0] == max(moments) <= NOW and moments[1:] == sorted(moments[1:], reverse=True)
    for element in (feed, *entries):
        assert element.findtext(f"{A}title") and len(element.findall(f"{A}id")) == 1
    assert all(entry.findtext(f"{A}summary") and entry.find(f"{A}link").get("rel") == "alternate" for entry in entries)


@pytest.mark.parametrize("path", FEEDS)
def test_an_hour_later_nothing_changed_but_what_became_true(reader: FlaskClient, path: str) -> None:
    before = reader.get(path).data
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert reader.get(path).data == before


@pytest.mark.parametrize("path", FEEDS)
def test_who_holds_a_feed_is_told_that_it_did_not_change(reader: FlaskClient, path: str) -> None:
    first = reader.get(path)
    assert reader.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert reader.get(path, headers={"If-Modified-Since": first.headers["Last-Modified"]}).status_code == 304
    assert reader.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("page", [*LISTS, "/services/neuf"])
def test_each_page_leads_to_its_feed(reader: FlaskClient, page: str) -> None:
    html = reader.get(page).text
    assert '<link rel="alternate" type="application/atom+xml"' in html and f'href="http://localhost{page}/atom.xml"' in html


def test_what_happened_is_told_with_its_moment(reader: FlaskClient) -> None:
    assert "Nouveau : Film Neuf (achat)" in summaries(reader, "/nouveautes/atom.xml")
    assert "Parti de Vieux Fonds : par abonnement" in summaries(reader, f"/films/{VADROUILLE}/atom.xml")
    assert "Arrivé sur Film Neuf : gratuit" in summaries(reader, f"/films/{VADROUILLE}/atom.xml")
    assert "Parti le 13 novembre 2026 : Vieux Fonds (par abonnement)" in [
        summary.replace("\xa0", " ") for summary in summaries(reader, "/services/fonds/atom.xml")
    ]
    near = read(reader, "/derniers-jours/atom.xml").find(f"{A}entry")
    assert near.findtext(f"{A}updated") == "2026-11-17T23:00:00Z"


def test_a_film_that_comes_back_is_told_each_time(reader: FlaskClient, app: Flask) -> None:
    sentences = summaries(reader, f"/films/{GUEPARD}/atom.xml")
    assert sentences == [
        *("Arrivé sur Film Neuf : achat", "Arrivé sur Film Neuf : location"),
        *("Parti de Vieux Fonds : location", "Vu pour la première fois sur Vieux Fonds : location"),
    ]


def test_a_director_is_followed(reader: FlaskClient, app: Flask) -> None:
    with write_session(app.extensions[ENGINE_KEY]) as session:
        replace_directors(session, [(film.id, film.directors) for film in session.exec(select(Film))])
    assert "Arrivé sur Film Neuf : achat" in summaries(reader, "/realisations/luchino-visconti/atom.xml")
    assert 'href="http://localhost/realisations/luchino-visconti/atom.xml"' in reader.get("/realisations/luchino-visconti").text


def test_a_feed_may_be_of_my_services_only(reader: FlaskClient) -> None:
    assert summaries(reader, "/nouveautes/atom.xml?services=cine") == []
    mine = read(reader, "/nouveautes/atom.xml?services=neuf")
    assert mine.findtext(f"{A}id") == "tag:localhost,2026:nouveautes/neuf" and mine.find(f"{A}entry") is not None


def test_a_feed_holds_the_fifty_latest(reader: FlaskClient, app: Flask) -> None:
    many = range(100, 170)
    with write_session(app.extensions[ENGINE_KEY]) as session:
        for film_id in many:
            add_film(session, film_id, f"Film {film_id}", year=1964)
        collect_service(session, "plein", "Plein", 40, {})
        collect_service(session, "plein", "Plein", 2, {film_id: [RENT] for film_id in many})
    assert len(summaries(reader, "/nouveautes/atom.xml")) == MAX_ENTRIES


def test_a_hostile_title_is_text(reader: FlaskClient) -> None:
    assert "<script>alert(1)</script>" in read(reader, f"/films/{HOSTILE}/atom.xml").findtext(f"{A}title")


def test_a_feed_in_english_tells_the_same_facts(reader: FlaskClient) -> None:
    french, english = read(reader, "/nouveautes/atom.xml"), read(reader, "/en/nouveautes/atom.xml")
    moments = [[element.findtext(f"{A}updated") for element in feed.iter(f"{A}entry")] for feed in (french, english)]
    assert moments[0] == moments[1] and english.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"


@pytest.mark.parametrize("path", FEEDS)
def test_what_is_named_otherwise_in_english_has_another_name_for_ever(reader: FlaskClient, path: str) -> None:
    french, english = ({name.text for name in read(reader, address).iter(f"{A}id")} for address in (path, f"/en{path}"))
    assert french and not french & english and {name.replace(":en/", ":") for name in english} == french


def test_a_sign_that_xml_cannot_hold_is_left_out(reader: FlaskClient, app: Flask) -> None:
    with write_session(app.extensions[ENGINE_KEY]) as session:
        session.get_one(Film, VADROUILLE).title = "La Grande\x0b Vadrouille\u202e"
    assert read(reader, f"/films/{VADROUILLE}/atom.xml").findtext(f"{A}title") == "La Grande Vadrouille (1966)"


def test_a_search_without_words_has_a_title(reader: FlaskClient) -> None:
    feed = read(reader, "/recherche/atom.xml?disponible=1")
    assert feed.findtext(f"{A}title") == "OùVoir – Films à voir en ce moment"


@pytest.mark.parametrize("path", ["/services/muet/atom.xml", "/films/999/atom.xml", "/realisations/personne/atom.xml"])
def test_there_is_no_feed_of_what_is_unknown(reader: FlaskClient, path: str) -> None:
    assert reader.get(path).status_code == 404


def test_the_long_address_of_a_film_leads_to_its_feed(reader: FlaskClient) -> None:
    answer = reader.get(f"/films/{VADROUILLE}-la-grande-vadrouille/atom.xml")
    assert answer.status_code == 301 and answer.headers["Location"] == f"/films/{VADROUILLE}/atom.xml"
