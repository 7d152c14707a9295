"""oEmbed: what other sites are given for the address of a film's page."""

import re
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.scene import HOSTILE

FILM = "http://localhost/films/1-la-grande-vadrouille"


def ask(client: FlaskClient, url: str, **more: object) -> TestResponse:
    return client.get("/oembed", query_string={"url": url, **more})


def facts(client: FlaskClient, url: str, **more: object) -> dict[str, Any]:
    answer = ask(client, url, **more)
    assert answer.status_code == 200 and answer.headers["Access-Control-Allow-Origin"] == "*"
    payload: dict[str, Any] = answer.get_json()
    return payload


def test_a_film_is_shown_in_the_frame_made_for_it(client: FlaskClient) -> None:
    payload = facts(client, FILM)
    assert (payload["version"], payload["type"], payload["title"]) == ("1.0", "rich", "La Grande Vadrouille")
    assert (payload["provider_name"], payload["provider_url"]) == ("OùVoir", "http://localhost/")
    assert (payload["width"], payload["height"]) == (600, 420)
    (source,) = re.findall(r'^<iframe src="([^"]+)" title="Où voir La Grande Vadrouille légalement" ', payload["html"])
    assert source == "http://localhost/widget/1" and client.get(urlsplit(source).path).status_code == 200


def test_the_frame_speaks_the_language_of_the_page_that_is_shown(client: FlaskClient) -> None:
    english = FILM.replace("/films/", "/en/films/")
    for prefix, url, frame in (("", english, "/en/widget/1"), ("/en", english, "/en/widget/1"), ("/en", FILM, "/widget/1")):
        payload = client.get(f"{prefix}/oembed", query_string={"url": url, "maxwidth": 300}, follow_redirects=True).get_json()
        assert f'src="http://localhost{frame}"' in payload["html"] and payload["width"] == 300


def test_nothing_in_the_frame_is_refused_by_a_strict_policy(client: FlaskClient) -> None:
    assert " style=" not in facts(client, FILM)["html"]


def test_xml_says_the_same(client: FlaskClient) -> None:
    answer = ask(client, FILM, format="xml")
    assert answer.mimetype == "text/xml"
    payload = {element.tag: element.text for element in ElementTree.fromstring(answer.data)}
    assert payload == {name: str(value) for name, value in facts(client, FILM, format="json").items()}


def test_the_page_of_a_film_says_where_to_ask(client: FlaskClient) -> None:
    for page in ("/films/1-la-grande-vadrouille", "/en/films/2-le-guepard"):
        links = re.findall(r'type="(?:application/json|text/xml)\+oembed" href="([^"]+)"', client.get(page).text)
        assert len(links) == 2
        for link in links:
            assert client.get(link.replace("&amp;", "&")).status_code == 200


@pytest.mark.parametrize(
    ("room", "size"),
    [
        ({"maxwidth": 320}, (320, 420)),
        ({"maxheight": 200}, (600, 200)),
        ({"maxwidth": 9999, "maxheight": "99999999999999999999"}, (600, 420)),
    ],
)
def test_the_frame_keeps_to_the_room_it_is_given(client: FlaskClient, room: dict[str, object], size: tuple[int, int]) -> None:
    payload = facts(client, FILM, **room)
    assert (payload["width"], payload["height"]) == size and f'width="{size[0]}" height="{size[1]}"' in payload["html"]


@pytest.mark.parametrize("width", ["0", "-1", "x", "", "1e3", "٣"])
def test_a_room_that_is_no_number_of_pixels_is_refused(client: FlaskClient, width: str) -> None:
    assert ask(client, FILM, maxwidth=width).status_code == 400


@pytest.mark.parametrize(
    "url",
    [
        "",
        "films/1",
        "http://localhost/",
        "http://localhost/methode",
        "http://localhost/films/999-rien",
        "http://localhost/films/99999999999999",
        "http://localhost/api/v1/films/1",
        "http://evil.example/films/1-la-grande-vadrouille",
        "http://localhost@evil.example/films/1",
        "http://user@localhost/films/1",
        "ftp://localhost/films/1",
        "javascript:alert(1)",
        "http://[",
    ],
)
def test_any_other_address_is_not_found(client: FlaskClient, url: str) -> None:
    assert ask(client, url).status_code == 404


def test_an_unknown_format_is_not_implemented(client: FlaskClient) -> None:
    assert ask(client, FILM, format="yaml").status_code == 501


def test_a_hostile_title_stays_in_its_attribute(client: FlaskClient) -> None:
    payload = facts(client, f"http://localhost/films/{HOSTILE}")
    assert "<script" not in payload["html"] and payload["html"].count("<") == 2 and "\u202e" not in payload["title"]
    assert ask(client, f"http://localhost/films/{HOSTILE}", format="xml").status_code == 200


@settings(max_examples=60)
@given(rest=st.text(max_size=40))
def test_whatever_is_asked_gets_an_answer(client: FlaskClient, rest: str) -> None:
    for url in (rest, f"http://localhost/{rest}", f"http://localhost/films/{rest}"):
        assert ask(client, url).status_code in (200, 400, 404)
