"""French by default, English under /en."""

import re
from urllib.parse import urljoin

import pytest
from flask.testing import FlaskClient


def test_a_page_under_en_is_in_english_and_leads_to_english_pages(client: FlaskClient) -> None:
    page = client.get("/en/films/1-la-grande-vadrouille").text
    assert '<html lang="en">' in page and "<button>Search</button>" in page and 'action="/en/recherche"' in page


def test_without_it_pages_are_in_french(client: FlaskClient) -> None:
    page = client.get("/films/1-la-grande-vadrouille").text
    assert '<html lang="fr">' in page and "<button>Chercher</button>" in page and 'action="/recherche"' in page


def test_agents_editors_and_programs_have_one_address(client: FlaskClient) -> None:
    for address in ("/en/agents/", "/en/editeurs/", "/en/api/v1/films?q=dune"):
        answer = client.get(address)
        assert (answer.status_code, answer.headers["Location"]) == (308, address.removeprefix("/en")), address


@pytest.mark.parametrize(
    "address",
    ["/en/%5Cevil.example/", "/en//evil.example/", "/en/%09/evil.example/", "/%5Cevil.example/", "/en/%22onclick"],
)
def test_the_link_to_the_other_language_never_leaves_the_site(client: FlaskClient, address: str) -> None:
    match = re.search(r'<a href="([^"]*)" hreflang', client.get(address, follow_redirects=True).text)
    assert match and urljoin("http://localhost/", match[1].replace("\\", "/")).startswith("http://localhost/")
    assert not re.match(r"/[/\\\s]", match[1])


def test_the_link_leads_to_the_same_page_in_the_other_language(client: FlaskClient) -> None:
    french, english = client.get("/recherche?q=caf%C3%A9+%22").text, client.get("/en/recherche?q=dune&page=1").text
    assert '<a href="/en/recherche?q=caf%C3%A9+%22" hreflang="en"' in french
    assert '<a href="/recherche?q=dune&amp;page=1" hreflang="fr"' in english


def test_the_bare_prefix_leads_to_the_english_home_page(client: FlaskClient) -> None:
    answer = client.get("/en")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/en/")
