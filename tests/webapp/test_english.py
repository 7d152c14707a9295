"""The interface in English: every word of the public site is translated, and no French is left on its pages."""

import re

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree, html  # type: ignore[import-untyped]
from markupsafe import Markup

from tests.webapp.addresses import PAGES
from tests.webapp.messages import TEMPLATES, WEBAPP_FOLDER, list_messages, list_public_files
from webapp.core import formatting

_PLACE = re.compile(r"%\(\w+\)s|%%")
_SPACES = re.compile(r"\s+")
_TELLING = 12  # letters
_FRENCH_SIGNS = re.compile(r"[«»\N{NARROW NO-BREAK SPACE}]|[\s\N{NO-BREAK SPACE}][:;!?]")
_READ = ("title", "aria-label", "placeholder", "alt", "data-films")
_SAME_IN_BOTH = ("OùVoir", "OpenSearchDescription", "DOCTYPE", "Turtle", "RDF", "XML", "DCAT", "AP", "cinema", "example")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with (WEBAPP_FOLDER / "translations" / "en" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale="en")


def forms(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, tuple | list) else (str(value),)


def test_every_message_has_its_english_with_the_same_places(catalogue: Catalog) -> None:
    wrong = []
    for french, plural in list_messages().items():
        message = catalogue.get(french)
        english = forms(message.string) if message else ("",)
        places = {frozenset(_PLACE.findall(text)) for text in (french, *english)}
        if not all(english) or len(places) > 1 or message is None or forms(message.id)[1:] != ((plural,) if plural else ()):
            wrong.append(french)
    assert wrong == []


def test_no_english_is_left_over(catalogue: Catalog) -> None:
    assert {forms(entry.id)[0] for entry in catalogue if entry.id} - list_messages().keys() == set()


def test_english_has_no_french_typography(catalogue: Catalog) -> None:
    texts = [text for entry in catalogue if entry.id for text in forms(entry.string)]
    assert [text for text in texts if _FRENCH_SIGNS.search(text) or "'" in text or "&nbsp;" in text] == []


def test_what_is_escaped_already_is_not_escaped_again() -> None:
    assert formatting.typeset(Markup("Tom &amp; Jerry : %s") % "<") == Markup("Tom &amp; Jerry\N{NO-BREAK SPACE}: &lt;")
    assert Markup("%s") % formatting.typeset("Tom & Jerry") == "Tom &amp; Jerry"


def bare_words(source: str) -> list[str]:
    """List the words that a template says without marking them as messages."""
    for taken in (r"{#.*?#}", r"{% trans\b.*?{% endtrans %}", r"{%.*?%}", r"{{.*?}}", r"<(pre|code|i)\b.*?</\1>"):
        source = re.sub(taken, "", source, flags=re.DOTALL)
    attributes = [value for _, value in re.findall(rf'\s({"|".join(_READ)})="([^"]*)"', source)]
    text = re.sub(r"<[^>]*>|&[#\w]+;|\s\w+=\"[^\"]*\"", " ", source)
    return [word for word in re.findall(r"[^\W\d_]{2,}", " ".join([text, *attributes])) if word not in _SAME_IN_BOTH]


def test_templates_say_nothing_that_is_not_marked() -> None:
    sources = {path.relative_to(TEMPLATES).as_posix(): path.read_text("utf-8") for path in list_public_files(TEMPLATES, ".html")}
    long_texts = {name for name, source in sources.items() if 'extends "public/about/french.html"' in source} | {
        "public/about/values.html"
    }
    bare = {name: bare_words(source) for name, source in sources.items() if name not in long_texts}
    assert {name: words for name, words in bare.items() if words} == {}


def heard(page: str) -> str:
    """Return what an English page says, to the eye or to a screen reader, but for what it marks as French."""
    tree = html.fromstring(page)
    for apart in tree.xpath('//*[@lang="fr"] | //script | //style | //pre'):
        apart.drop_tree()
    texts = [*tree.itertext(), *(element.get(name, "") for element in tree.iter(etree.Element) for name in _READ)]
    return _SPACES.sub(" ", " ".join(texts))


@pytest.fixture(scope="module")
def french_words(catalogue: Catalog) -> list[str]:
    """List the parts of French messages that are long enough not to be a name, and differ in English."""
    said_alike = {forms(entry.id)[0] for entry in catalogue if entry.id and forms(entry.id)[0] == forms(entry.string)[0]}
    messages = [message for pair in list_messages().items() if pair[0] not in said_alike for message in pair if message]
    parts = [
        _SPACES.sub(" ", html.fromstring(f"<p>{part}</p>").text_content())
        for message in messages
        for part in _PLACE.split(message)
        if part.strip()
    ]
    return sorted({part for part in parts if sum(letter.isalpha() for letter in part) > _TELLING})


def test_every_page_of_the_map_is_there_in_english(client: FlaskClient) -> None:
    addresses = html.fromstring(client.get("/en/plan-du-site").text).xpath("//main//a/@href")
    answered = {address: client.get(address).status_code for address in addresses}
    assert len(answered) > 20 and set(answered.values()) == {200, 308}
    assert [address for address, status in answered.items() if status == 308] == ["/en/editeurs/"]


@pytest.mark.parametrize("path", sorted({path.removeprefix("/en") for path in PAGES} - {"/editeurs/"}))
def test_no_french_of_the_interface_is_heard_on_an_english_page(path: str, client: FlaskClient, french_words: list[str]) -> None:
    page = client.get(f"/en{path}", follow_redirects=True).text
    assert '<html lang="en"' in page
    assert [words for words in french_words if words in heard(page)] == []


def test_french_would_be_heard(client: FlaskClient, french_words: list[str]) -> None:
    text = heard(client.get("/films/1-la-grande-vadrouille").text.replace('lang="fr"', ""))
    assert any(words in text for words in french_words)


def test_an_error_is_told_in_english(client: FlaskClient, french_words: list[str]) -> None:
    for address, status in (("/en/nulle-part", 404), ("/en/recherche?page=zero", 400), ("/en/signaler?film=x", 400)):
        answer = client.get(address)
        text = heard(answer.text)
        assert answer.status_code == status
        assert [words for words in french_words if words in text] == [], address


def test_titles_are_marked_as_french_on_english_pages_only(client: FlaskClient) -> None:
    assert '<h1><span lang="fr">Le Guépard</span></h1>' in client.get("/en/films/2-le-guepard").text
    assert "<h1>Le Guépard</h1>" in client.get("/films/2-le-guepard").text
    assert '<i lang="it">Il gattopardo</i>' in client.get("/en/films/2-le-guepard").text
    assert '<span lang="fr">La Grande Vadrouille</span></h1>' in client.get("/en/widget/1").text


def test_countries_are_told_in_english(client: FlaskClient) -> None:
    assert "<span>France, United Kingdom</span>" in client.get("/en/films/1-la-grande-vadrouille").text
    assert "<span>France, Royaume-Uni</span>" in client.get("/films/1-la-grande-vadrouille").text


def test_a_country_of_the_past_keeps_its_french_name(app: Flask) -> None:
    with app.test_request_context("/", environ_overrides={"ouvoir.language": "en"}):
        assert [formatting.translate_country(name) for name in ("Union soviétique", "Etats-Unis")] == [
            '<span lang="fr">Union soviétique</span>',
            "United States",
        ]


def test_the_address_of_the_api_has_no_language(client: FlaskClient) -> None:
    page = client.get("/en/integrer").text
    assert 'href="/en/api"' in page and "/en/api/" not in page
    assert "http://localhost/widget/v1/ouvoir.js" in page
