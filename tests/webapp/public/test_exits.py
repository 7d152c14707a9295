"""The way out to a service: where it leads, where it never leads, what is counted."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import col, select

from domain.common.enums import Access, LegalBasis, Verdict
from domain.db.engine import read_session, write_session
from domain.linking.judgements import record_decision
from domain.models.entry import Entry
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.public_use import FilmExit
from domain.offers.availability import AvailableOffer
from tests.domain.builders import make_decision
from tests.scene import SERVICE_URL, VADROUILLE
from webapp.core.offer_labels import get_offer_url, get_site_name

PAGE = "/films/1-la-grande-vadrouille"


def offer_of(engine: Engine, slug: str, access: Access = Access.RENT) -> int:
    """Return the id of a service's offer of La Grande Vadrouille."""
    with read_session(engine) as session:
        stmt = select(Offer.id).join(Entry).join(Platform).where(Platform.slug == slug, Entry.ref == str(VADROUILLE))
        return session.exec(stmt.where(Offer.access == access)).one() or 0


def change(engine: Engine, offer_id: int, **facts: object) -> None:
    with write_session(engine) as session:
        session.get_one(Offer, offer_id).sqlmodel_update(facts)


def counted(app: Flask, engine: Engine) -> dict[tuple[int, str], int]:
    app.extensions["ouvoir.tally"].flush()
    with read_session(engine) as session:
        return {(row.film_id, str(row.day)): row.count for row in session.exec(select(FilmExit))}


def test_a_link_of_the_page_leads_to_the_service(app: Flask, client: FlaskClient, sqlite_engine: Engine) -> None:
    (link,) = re.findall(r'href="(/sortie/\d+)"[^>]*>Abonné Exemple', client.get(PAGE).text)
    answer = client.get(link)
    assert (answer.status_code, answer.headers["Location"], answer.data) == (303, f"{SERVICE_URL}/film", b"")
    headers = answer.headers
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert "noindex" in headers["X-Robots-Tag"] and "Set-Cookie" not in headers
    client.get(f"/en{link}")
    assert counted(app, sqlite_engine) == {(VADROUILLE, "2026-11-22"): 2}


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"}],
)
def test_looking_ahead_is_not_counted(app: Flask, client: FlaskClient, sqlite_engine: Engine, headers: dict[str, str]) -> None:
    link = f"/sortie/{offer_of(sqlite_engine, 'cine')}"
    assert client.get(link, headers=headers).status_code == client.head(link).status_code == 303
    assert counted(app, sqlite_engine) == {}


def test_nothing_said_in_the_address_changes_where_it_leads(client: FlaskClient, sqlite_engine: Engine) -> None:
    offer_id = offer_of(sqlite_engine, "cine")
    for more in ("?url=https://evil.example", "?next=//evil.example", "?offer_id=2"):
        assert client.get(f"/sortie/{offer_id}{more}").headers["Location"] == f"{SERVICE_URL}/film"


@pytest.mark.parametrize("link", ["/sortie/0", "/sortie/99999", "/sortie/-1", "/sortie/https://evil.example", "/sortie/"])
def test_an_unknown_offer_is_not_found(client: FlaskClient, link: str) -> None:
    assert client.get(link).status_code == 404


def over(client: FlaskClient, offer_id: int) -> str:
    answer = client.get(f"/sortie/{offer_id}")
    assert answer.status_code == 410 and "Location" not in answer.headers and answer.headers["Cache-Control"] == "no-store"
    assert "Ce lien ne mène plus à une offre" in answer.text
    return answer.text


def test_an_offer_that_is_over_leads_back_to_the_film(
    app: Flask, client: FlaskClient, sqlite_engine: Engine, moment: datetime
) -> None:
    closed, ended, unwritten = (offer_of(sqlite_engine, slug) for slug in ("cine", "kiosque", "boitier"))
    change(sqlite_engine, closed, closed_at=moment)
    change(sqlite_engine, ended, ends=moment)
    for offer_id in (closed, ended, unwritten):
        page = over(client, offer_id)
        assert f'href="{PAGE}"' in page and "Où voir La Grande Vadrouille" in page
    assert counted(app, sqlite_engine) == {}


def test_a_service_that_may_not_be_shown_is_no_longer_reached(client: FlaskClient, sqlite_engine: Engine) -> None:
    offer_id = offer_of(sqlite_engine, "cine")
    with write_session(sqlite_engine) as session:
        session.exec(select(Platform).where(Platform.slug == "cine")).one().legal_basis = LegalBasis.FORBIDDEN
    assert "Ciné Exemple" not in over(client, offer_id)


def test_an_offer_of_no_film_any_more_leads_home(client: FlaskClient, sqlite_engine: Engine, moment: datetime) -> None:
    offer_id = offer_of(sqlite_engine, "cine")
    with write_session(sqlite_engine) as session:
        entry = session.get_one(Offer, offer_id).entry_id
        live = session.exec(select(Judgement).where(Judgement.entry_id == entry, col(Judgement.superseded_at).is_(None))).one()
        record_decision(session, entry, live, make_decision(Verdict.NONE, None, "agent", "autre film"), moment)
    page = over(client, offer_id)
    assert "/films/" not in page[page.index("<main") : page.index("</main")]


def test_an_old_page_leads_to_the_offer_at_its_new_price(client: FlaskClient, sqlite_engine: Engine, moment: datetime) -> None:
    offer_id = offer_of(sqlite_engine, "abonne", Access.SUBSCRIPTION)
    with write_session(sqlite_engine) as session:
        old = session.get_one(Offer, offer_id)
        session.add(Offer(**old.model_dump(exclude={"id", "price_cents", "url"}), price_cents=1099, url=f"{SERVICE_URL}/nouveau"))
        old.closed_at = moment - timedelta(minutes=1)
        session.flush()
    assert client.get(f"/sortie/{offer_id}").headers["Location"] == f"{SERVICE_URL}/nouveau"


def shown(url: str | None, hosts: list[str], entry_url: str | None = None) -> AvailableOffer:
    facts: dict[str, Any] = {}
    platform, entry = Platform(hosts=hosts, **facts), Entry(url=entry_url, **facts)
    return AvailableOffer(Offer(url=url, **facts), entry, platform, Judgement(**facts))


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://a.example.evil.example/",
        "https://evil.example\\@a.example/",
        "https://a.example@evil.example/",
        "https://user:word@a.example/",
        "//a.example/",
        "/interne",
        "javascript:alert(1)//a.example",
        "data:text/html,a.example",
        "ftp://a.example/",
        "https://a.example/\r\nSet-Cookie: a=1",
        "https://a.example/un espace",
        "https://a.example/\u202egpj",
        "https://[::1",
        "https://",
        "",
        None,
    ],
)
def test_an_address_that_is_not_the_services_own_is_never_followed(url: str | None) -> None:
    assert get_offer_url(shown(url, ["a.example"])) is None
    assert get_offer_url(shown(url, ["a.example"], "https://a.example/film")) == "https://a.example/film"


def test_an_address_of_the_service_is_followed_wherever_it_stands_on_it() -> None:
    for url in ("https://a.example/film?x=1#y", "http://A.example:8080/é", "HTTPS://b.example/"):
        assert get_offer_url(shown(url, ["a.example", "b.example"])) == url
    assert get_offer_url(shown("https://anywhere.example/", [])) == "https://anywhere.example/"
    assert get_site_name("https://www.a.example/film") == "a.example"


@given(st.text(max_size=60), st.sampled_from(["", "https://", "https://a.example", "http:", "https://a.example@", "\t"]))
def test_whatever_is_written_leads_to_the_service_or_nowhere(rest: str, start: str) -> None:
    url = get_offer_url(shown(start + rest, ["a.example"]))
    assert url is None or re.match(r"https?://a\.example(?![\w.@-])", url, re.IGNORECASE)


def test_a_busy_database_keeps_no_visitor_waiting(
    app: Flask, client: FlaskClient, sqlite_engine: Engine, moment: datetime
) -> None:
    offer_id = offer_of(sqlite_engine, "cine")
    with write_session(sqlite_engine) as session:
        session.get_one(Offer, offer_id).last_seen = moment
        session.flush()
        assert client.get(f"/sortie/{offer_id}").status_code == 303
    assert sum(counted(app, sqlite_engine).values()) == 1


def test_the_day_counted_is_that_of_paris(app: Flask, client: FlaskClient, sqlite_engine: Engine, moment: datetime) -> None:
    with time_machine.travel(moment.replace(hour=23, minute=30), tick=False):
        client.get(f"/sortie/{offer_of(sqlite_engine, 'cine')}")
    assert counted(app, sqlite_engine) == {(VADROUILLE, "2026-11-23"): 1}
