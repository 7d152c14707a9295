"""French by default, English under /en."""

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
