"""The page of a film."""

import hashlib
import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from domain.common.enums import Access, TitleKind
from domain.common.titles import build_title_key
from domain.db.engine import write_session
from domain.models.film import Film, FilmTitle
from domain.runs.observation import ObservedOffer
from tests.scene import GUEPARD, HOSTILE_TITLE, SERVICE_URL, VADROUILLE, add_film, add_service, make_offer

PAGE = "/films/1-la-grande-vadrouille"


def text_of(client: FlaskClient, address: str) -> str:
    """Return what a person reads, on one line."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    main = answer.text[answer.text.index("<main") :]
    return re.sub(r"[\s\N{WORD JOINER}]+", " ", unescape(re.sub(r"<[^>]+>", " ", main))).strip()


def test_the_film_is_described(client: FlaskClient) -> None:
    text = text_of(client, PAGE)
    assert "Réalisation : Gérard Oury" in text and "1966 2 h 03 France, Royaume-Uni sortie en France le 8 décembre 1966" in text


def test_an_original_title_is_shown_beside_the_french_one(client: FlaskClient) -> None:
    assert '<i lang="it">Il gattopardo</i>' in client.get("/films/2-le-guepard").text


def test_offers_are_grouped_from_free_to_bought(client: FlaskClient) -> None:
    headings = re.findall(r"<h3>([^<]+?) <span", client.get(PAGE).text)
    assert headings == ["En rattrapage (replay)", "Par abonnement", "Location", "Achat"]


def test_an_offer_is_told_in_words(client: FlaskClient) -> None:
    text = text_of(client, PAGE)
    for words in (
        "2,99 € haute définition · version française · audiodescription · sans sous-titres pour sourds et malentendants",
        "7,99 € version restaurée · date de fin non communiquée · vu le 22 novembre 2026",
        "version originale sous-titrée en français · jusqu’au 22 décembre 2026 · vu le 22 novembre 2026",
    ):
        assert words in text


def test_an_unknown_price_is_at_the_service_and_a_subscription_has_none(client: FlaskClient) -> None:
    text = text_of(client, PAGE)
    assert "prix chez le service" in text and "9,99" not in text and "0,00" not in text


def test_an_offer_without_address_is_not_a_link(client: FlaskClient) -> None:
    page = client.get(PAGE).text
    assert "page web non communiquée" in page
    assert not re.search(r"<a[^>]*>\s*Boîtier", page) and 'href="None"' not in page and 'href=""' not in page


def test_links_to_services_are_marked_as_leaving(client: FlaskClient) -> None:
    links = re.findall(r'<a [^>]*href="/sortie/[^>]*>', client.get(PAGE).text)
    assert len(links) == 5 and all('rel="external noopener"' in link for link in links)


def test_the_order_is_the_one_anybody_can_recompute(client: FlaskClient, moment: datetime) -> None:
    names = {"cine": "Ciné Exemple", "kiosque": "Kiosque Exemple", "boitier": "Boîtier Exemple"}
    seen = set()
    for draw in range(12):
        at = moment + timedelta(minutes=5 * draw)
        period = int(at.timestamp()) // 300 * 300
        lots = {hashlib.sha256(f"{VADROUILLE}:{period}:{slug}".encode()).hexdigest(): name for slug, name in names.items()}
        expected = [lots[lot] for lot in sorted(lots)]
        with time_machine.travel(at, tick=False):
            page = client.get(PAGE).text
        rentals = page[page.index("<h3>Location") : page.index("<h3>Achat")]
        assert sorted(expected, key=rentals.index) == expected
        seen.add(tuple(expected))
    assert len(seen) > 3


def test_the_period_of_the_draw_is_printed(client: FlaskClient) -> None:
    for address in (PAGE, "/widget/1"):
        assert "Ordre tiré au sort pour la période commençant à 14\xa0h\xa035" in client.get(address).text


def test_a_page_may_be_kept_until_the_next_draw_only(client: FlaskClient) -> None:
    assert client.get(PAGE).headers["Cache-Control"] == "public, max-age=180"


def test_without_offer_the_page_says_what_is_known(client: FlaskClient) -> None:
    text = text_of(client, "/films/2-le-guepard")
    assert "Aucune offre légale connue à ce jour." in text and "Catalogues lus : 5 services, le 22 novembre 2026." in text


@pytest.mark.parametrize("address", ["/films/1", "/films/1-autre", "/films/1-LA-GRANDE-VADROUILLE"])
def test_another_slug_leads_to_the_right_address(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.headers["Location"]) == (301, PAGE)


@pytest.mark.parametrize(
    "address", ["/films/999", "/films/99999999999999999999", "/films/-1", "/films/abc", "/films/1-", "/films/"]
)
def test_an_unknown_film_is_a_french_404(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404 and "Page introuvable" in answer.text


def test_a_hostile_title_is_only_text(client: FlaskClient) -> None:
    for address in ("/films/5", "/recherche?q=script", "/widget/5", "/recherche?q=<script>alert(1)</script>"):
        page = client.get(address, follow_redirects=True).text
        assert "<script>alert" not in page and "&lt;script&gt;" in page
    assert client.get("/api/v1/films/5").json["title"] == HOSTILE_TITLE  # type: ignore[index]


def test_an_address_that_is_not_of_the_web_is_never_a_link(client: FlaskClient, sqlite_engine: Engine, moment: datetime) -> None:
    with write_session(sqlite_engine) as session:
        film = add_film(session, 50, "Piège")
        add_service(session, "piege", "Piège Exemple", moment, {film.id: [make_offer(Access.FREE)]})
    with sqlite_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE offer SET url = 'javascript:alert(1)' WHERE access = 'free'")
    page = client.get("/films/50-piege").text
    assert "javascript:" not in page and "page web non communiquée" in page


def a_service(engine: Engine, at: datetime, *offers: ObservedOffer, slug: str = "service") -> None:
    """Le Guépard, offered by a service."""
    with write_session(engine) as session:
        add_service(session, slug, slug.title(), at, {GUEPARD: list(offers)})


def rows_of(client: FlaskClient) -> list[str]:
    """Le Guépard's rows, one a service and access, as a person reads them."""
    page = client.get("/films/2-le-guepard").text
    items = re.findall(r"<li>(.*?)</li>", page[page.index("<main") : page.index("Ordre tiré")], re.DOTALL)
    return [re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", row))).strip() for row in items]


def test_the_lines_of_a_service_stand_under_its_name_with_what_they_share_told_once(
    client: FlaskClient, sqlite_engine: Engine, moment: datetime
) -> None:
    shared: dict[str, Any] = {"languages": ["VF"], "url": f"{SERVICE_URL}/film"}
    lines = [make_offer(Access.RENT, cents, quality=quality, **shared) for quality, cents in (("HD", 399), ("SD", 299))]
    a_service(sqlite_engine, moment, *lines)
    (row,) = rows_of(client)
    assert row == (
        "Service (location, 2,99\xa0€) définition standard 2,99\xa0€ haute définition 3,99\xa0€ "
        "version française · date de fin non communiquée · vu le 22\xa0novembre\xa02026 "
        "service.example Fiche du service Signaler une erreur"
    ).replace("\xa0", " ")


def test_offers_that_differ_by_their_version_only_are_one_line(
    client: FlaskClient, sqlite_engine: Engine, moment: datetime
) -> None:
    versions = [make_offer(Access.RENT, 399, languages=[code], url=f"{SERVICE_URL}/film") for code in ("VF", "VOSTFR")]
    a_service(sqlite_engine, moment, *versions)
    (row,) = rows_of(client)
    assert "version française · version originale sous-titrée en français" in row and row.count("3,99") == 2


def test_lines_that_lead_to_several_pages_are_links_of_their_own(
    client: FlaskClient, sqlite_engine: Engine, moment: datetime
) -> None:
    lines = [make_offer(Access.RENT, 299, quality=quality, url=f"{SERVICE_URL}/{quality}") for quality in ("SD", "HD")]
    a_service(sqlite_engine, moment, *lines)
    page = client.get("/films/2-le-guepard").text
    assert re.findall(r'href="/sortie/\d+" rel="external noopener">([^<]+)', page) == ["définition standard", "haute définition"]


def test_beginnings_and_ends_are_told(client: FlaskClient, sqlite_engine: Engine, moment: datetime) -> None:
    day = timedelta(days=1)
    a_service(sqlite_engine, moment, make_offer(Access.FREE, starts=moment - day, ends=moment + day))
    (row,) = rows_of(client)
    assert "depuis le 21 novembre 2026 · jusqu’au 23 novembre 2026 · vu le 22 novembre 2026" in row


def test_where_the_film_used_to_be_is_told_with_the_day_it_was_last_seen(
    client: FlaskClient, sqlite_engine: Engine, moment: datetime
) -> None:
    assert "proposé auparavant" not in text_of(client, "/films/2-le-guepard")
    a_service(sqlite_engine, moment - timedelta(days=9), make_offer(Access.RENT, 299, ends=moment - timedelta(days=1)))
    text = text_of(client, "/films/2-le-guepard")
    assert "Où il a été proposé auparavant Service, location : vu jusqu’au 13 novembre 2026" in text
    assert "Aucune offre légale connue" in text


def test_other_films_of_the_director_are_those_that_can_be_seen(client: FlaskClient, sqlite_engine: Engine) -> None:
    assert "À voir aussi" not in text_of(client, "/films/2-le-guepard")
    with write_session(sqlite_engine) as session:
        for film_id, title in ((50, "Le Corniaud"), (51, "Le Cerveau")):
            add_film(session, film_id, title, year=1965, directors=["Gérard Oury"])
    page = client.get("/films/50-le-corniaud").text
    also = page[page.index('id="aussi"') :]
    assert (
        "À voir aussi\N{NO-BREAK SPACE}: Gérard Oury" in also
        and "La Grande Vadrouille</a> (1966)" in also
        and "Le Cerveau" not in also
    )
    assert '<a href="/realisations/gerard-oury">Gérard Oury</a>' in page


def test_what_else_is_known_of_the_film_is_told(client: FlaskClient, sqlite_engine: Engine) -> None:
    with write_session(sqlite_engine) as session:
        session.get_one(Film, GUEPARD).sqlmodel_update({"genres": ["Drame"], "age_rating": "12"})
        for title, kind in (("The Leopard", TitleKind.ALTERNATIVE), ("LE GUEPARD", TitleKind.ALTERNATIVE)):
            session.add(FilmTitle(film_id=GUEPARD, title=title, kind=kind, language="en", key=build_title_key(title)))
    text = text_of(client, "/films/2-le-guepard")
    assert "1963 Italie Drame interdit aux moins de 12 ans 1 autre titre The Leopard Où voir" in text


def test_the_number_of_queries_does_not_grow_with_the_offers(
    client: FlaskClient, sqlite_engine: Engine, moment: datetime
) -> None:
    def queries() -> int:
        seen: list[str] = []
        listen = lambda *facts: seen.append(facts[2])  # noqa: E731
        event.listen(sqlite_engine, "before_cursor_execute", listen)
        client.get(PAGE)
        event.remove(sqlite_engine, "before_cursor_execute", listen)
        return len([query for query in seen if query.startswith("SELECT")])

    before = queries()
    with write_session(sqlite_engine) as session:
        for film_id in range(10):
            add_service(
                session, f"plus-{film_id}", f"Plus {film_id}", moment, {VADROUILLE: [make_offer(Access.RENT, 100 + film_id)]}
            )
    assert queries() == before <= 8
