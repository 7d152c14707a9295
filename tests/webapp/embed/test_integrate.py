"""/integrer: what is chosen is what is shown and what is copied."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from lxml import html  # type: ignore[import-untyped]
from sqlalchemy import Engine

from webapp.app import create_app
from webapp.embed.releases import load_releases

PAGE = "/integrer"


def codes(client: FlaskClient, **asked: object) -> list[str]:
    answer = client.get(PAGE, query_string=asked)
    assert answer.status_code == 200, answer.text
    return [unescape(code) for code in re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", answer.text, re.DOTALL)]


def refused(client: FlaskClient, **asked: object) -> str:
    answer = client.get(PAGE, query_string=asked)
    assert answer.status_code == 400
    return answer.text.replace("&nbsp;", " ").replace("\xa0", " ")


def test_the_code_is_complete(client: FlaskClient) -> None:
    element, script, style, policy = codes(client)
    page = "http://localhost/films/1-la-grande-vadrouille"
    assert element == f'<ou-voir film="1" lang="fr">\n  <a href="{page}">Où voir ce film légalement</a>\n</ou-voir>'
    assert f'src="http://localhost/widget/{load_releases().latest.version}/ouvoir.js"' in script
    assert f'integrity="{load_releases().latest.integrity}" crossorigin' in script
    assert style == "ou-voir { display: block; box-sizing: border-box; height: 18em; }"
    assert policy == "script-src http://localhost\nconnect-src http://localhost"


def test_the_page_shows_what_the_code_says(client: FlaskClient) -> None:
    params = {"film": "1", "identifiant": "imdb", "theme": "dark", "size": "small", "label": "access", "lang": "en"}
    element, _, style, _ = codes(client, **params, access=["buy", "rent"])
    shown = '<ou-voir film="imdb:tt0060474" lang="en" theme="dark" size="small" label="access" access="rent buy">'
    assert element.startswith(shown) and "Where to watch this film legally" in element
    page = client.get(PAGE, query_string={**params, "access": ["buy", "rent"]}).text
    assert shown in page and 'value="dark" selected' in page and page.count(" checked>") == 2
    assert "height: 12em; padding: 1em;" in style and f'integrity="{load_releases().latest.integrity}"' in page


def test_services_message_and_headings_are_chosen_too(client: FlaskClient) -> None:
    params = {"film": "1", "services": "cine", "empty": 'Rien « ici » <b>"pour le moment"</b>', "heading": "2"}
    (element, *_), page = codes(client, **params), client.get(PAGE, query_string=params).text
    tree = html.fromstring(element)
    assert (tree.get("services"), tree.get("empty"), tree.get("heading")) == ("cine", params["empty"], "2")
    assert "<b>" not in page and 'value="cine" checked' in page and '<details class="more" open>' in page


def test_the_frame_has_its_theme_language_and_partner(client: FlaskClient) -> None:
    params = {
        "film": "1",
        "forme": "frame",
        "identifiant": "imdb",
        "theme": "dark",
        "lang": "en",
        "site": "https://Cinema.example/",
    }
    frame, style, policy, wordpress = codes(client, **params)
    (address,) = re.findall(r'src="http://localhost([^"]+)"', frame)
    assert address == "/en/widget/imdb:tt0060474?theme=dark&amp;par=cinema.example"
    assert client.get(unescape(address)).status_code == 200 and policy == "frame-src http://localhost"
    assert 'title="Where to watch La Grande Vadrouille legally"' in frame
    assert 'width="300"' in frame and "style=" not in frame and style.startswith("iframe.ou-voir { width: 100%;")
    assert wordpress == "wp_oembed_add_provider('#http://localhost/(en/)?films/.*#', 'http://localhost/oembed', true);"
    assert f'<iframe src="{address}"' in client.get(PAGE, query_string=params).text


@pytest.mark.parametrize(
    "typed",
    ["2", "Le Guépard (1963)", "le guepard 1963", "Le Guépard, Visconti"],
)
def test_a_film_is_chosen_in_any_way(client: FlaskClient, typed: str) -> None:
    assert '<ou-voir film="2"' in codes(client, film=typed)[0]


@pytest.mark.parametrize("typed", ["imdb:tt0060474", "https://www.imdb.com/title/tt0060474/"])
def test_a_film_is_chosen_by_its_number_elsewhere(client: FlaskClient, typed: str) -> None:
    assert '<ou-voir film="1"' in codes(client, film=typed)[0]


@pytest.mark.parametrize("typed", ["http://localhost/films/2-le-guepard", "https://localhost/en/films/2"])
def test_a_film_is_chosen_by_the_address_of_its_page_here(client: FlaskClient, typed: str) -> None:
    assert '<ou-voir film="2"' in codes(client, film=typed)[0]


@pytest.mark.parametrize("typed", ["Dune", "xyzzy", "999", "imdb:tt9999999", "imdb:12", "x" * 301, "<script>alert(1)</script>"])
def test_a_film_in_doubt_is_asked_again_in_one_sentence(client: FlaskClient, typed: str) -> None:
    page = refused(client, film=typed)
    assert 'role="alert"' in page and "<ou-voir" in page and "<script>alert" not in page


@pytest.mark.parametrize(
    "params",
    [
        {"theme": "rose"},
        {"forme": "x"},
        {"size": ""},
        {"label": "x"},
        {"lang": "de"},
        {"access": "x"},
        {"site": "localhost"},
        {"heading": "1"},
        {"services": "x"},
        {"empty": "x" * 201},
    ],
)
def test_what_the_form_does_not_offer_is_refused(client: FlaskClient, params: dict[str, str]) -> None:
    assert "Demande incomprise" in refused(client, **params)


def test_an_identifier_that_the_film_lacks_is_told(client: FlaskClient) -> None:
    page = client.get(PAGE, query_string={"film": "2", "identifiant": "imdb"}).text
    assert "Ce film n’a pas d’identifiant IMDb connu" in page and '<ou-voir film="2"' in page


@pytest.mark.parametrize(
    "params",
    [{"size": "small"}, {"label": "none"}, {"access": "buy"}, {"services": "cine"}, {"empty": "Rien"}, {"heading": "2"}],
)
def test_what_a_frame_does_not_take_is_told(client: FlaskClient, params: dict[str, str]) -> None:
    warning = "Le cadre montre toutes les offres"
    for form, is_shown in (("frame", True), ("element", False)):
        assert (warning in client.get(PAGE, query_string={"film": "1", "forme": form, **params}).text) is is_shown
    assert warning not in client.get(PAGE, query_string={"film": "1", "forme": "frame", "theme": "dark"}).text


def test_an_empty_base_has_nothing_to_show(sqlite_engine: Engine) -> None:
    page = create_app(sqlite_engine).test_client().get(PAGE).text
    assert "il n’y a pas d’exemple à montrer" in page and "<ou-voir" not in page
