"""The block as a page: framed anywhere, by number or identifier, plain when the film is unknown."""

import re
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient

IMDB = "/widget/imdb:tt0060474"


def test_an_identifier_gives_what_the_number_gives(client: FlaskClient) -> None:
    assert client.get(IMDB).data == client.get("/widget/1").data
    assert "frame-ancestors *" in client.get(IMDB).headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("address", "status", "message"),
    [
        ("/widget/999", 404, "Ce film n’est pas dans notre base."),
        ("/widget/imdb:tt9999999", 404, "Ce film n’est pas dans notre base."),
        ("/widget/imdb:nm0000001", 400, "n’est pas un identifiant imdb bien formé"),
        ("/widget/eidr:10.5240/rien", 400, "n’est pas un identifiant eidr bien formé"),
        ("/widget/1?theme=rose", 400, "Paramètre « theme »"),
        ("/widget/1?lang=de", 400, "Paramètre « lang »"),
        ("/widget/1?par=localhost", 400, "Paramètre « par »"),
    ],
)
def test_what_cannot_be_shown_is_a_small_page_that_leads_to_the_search(
    client: FlaskClient, address: str, status: int, message: str
) -> None:
    answer = client.get(address)
    page = answer.text.replace("«&nbsp;", "« ").replace("&nbsp;»", " »").replace("\xa0", " ")
    assert answer.status_code == status and message in page and 'href="/"' in page and "<footer" not in page
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("address", ["/widget/livre:12", "/widget/v1", "/widget/1.0.1/ouvoir.js", "/widget/"])
def test_other_addresses_stay_out_of_frames(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404 and "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_the_theme_is_that_of_the_partner(client: FlaskClient) -> None:
    assert '<html lang="fr" data-theme="dark">' in client.get("/widget/1?theme=dark").text
    assert '<meta name="color-scheme" content="light">' in client.get("/widget/1?theme=light").text
    assert '<html lang="fr">' in client.get("/widget/1?theme=auto").text


def test_the_language_is_an_address(client: FlaskClient) -> None:
    response = client.get(f"{IMDB}?theme=dark&lang=en")
    assert (response.status_code, unquote(response.headers["Location"])) == (302, f"/en{IMDB}?theme=dark&lang=en")
    page = client.get(response.headers["Location"]).text
    assert '<html lang="en" data-theme="dark">' in page
    assert client.get("/en/widget/1?lang=fr").headers["Location"] == "/widget/1?lang=fr"


def test_the_ways_out_of_a_partners_frame_say_whose_they_are(client: FlaskClient) -> None:
    named = re.findall(r'href="(/sortie/[^"]+)"', client.get("/widget/1?par=Cinema.example").text)
    assert named and all(link.endswith("?par=cinema.example") for link in named)
    assert not any("par=" in link for link in re.findall(r'href="(/sortie/[^"]+)"', client.get("/widget/1").text))
