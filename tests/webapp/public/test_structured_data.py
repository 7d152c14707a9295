"""What the page of a film tells machines: schema.org, Open Graph, addresses in other languages."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import extruct
import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from domain.common.enums import Access, TitleKind
from domain.common.titles import build_title_key
from domain.db.engine import write_session
from domain.models.film import FilmIdentifier, FilmTitle
from tests.scene import SERVICE_URL, add_film, add_service, make_offer

PAGE = "/films/1-la-grande-vadrouille"
SITE = "http://localhost"
# What schema.org defines, among what it inherits, for the types that we use (schema.org, release 29).
THING = {"@type", "@id", "name", "alternateName", "description", "identifier", "sameAs", "url", "potentialAction"}
PROPERTIES = {
    "Movie": THING
    | {"@context", "contentRating", "countryOfOrigin", "dateCreated", "director", "duration", "genre", "releasedEvent"}
    | {"sdDatePublished", "sdLicense", "sdPublisher", "titleEIDR"},
    "WatchAction": THING | {"target", "actionAccessibilityRequirement"},
    "EntryPoint": THING | {"urlTemplate", "actionPlatform"},
    "ActionAccessSpecification": THING
    | {"availabilityStarts", "availabilityEnds", "category", "eligibleRegion", "expectsAcceptanceOf", "requiresSubscription"},
    "Offer": THING | {"price", "priceCurrency", "seller"},
    "MediaSubscription": THING | {"authenticator", "expectsAcceptanceOf"},
    "Organization": THING,
    "Person": THING,
    "Country": THING,
    "PublicationEvent": THING | {"startDate", "location"},
}
REQUIRED = {
    "Movie": {"@context", "@id", "url", "name"},
    "WatchAction": {"target", "actionAccessibilityRequirement"},
    "EntryPoint": {"urlTemplate", "actionPlatform"},
    "ActionAccessSpecification": {"category", "eligibleRegion"},
    "Offer": {"seller"},
    "MediaSubscription": {"name"},
}


def movie(client: FlaskClient, address: str) -> dict[str, Any]:
    """Return the film as a robot reads it, after the checks that hold for every page."""
    page = client.get(address).text
    (document,) = extruct.extract(page, base_url=f"{SITE}{address}", syntaxes=["json-ld"])["json-ld"]
    check(document)
    return dict(document)


def check(told: Any) -> None:
    """Check that every type is one we know of, with its required properties, none invented, none empty."""
    for item in told if isinstance(told, list) else [told]:
        if isinstance(item, dict):
            assert REQUIRED.get(item["@type"], set()) <= item.keys() <= PROPERTIES[item["@type"]]
            for value in item.values():
                assert value not in (None, "", [], {})
                check(value)


def test_a_film_is_told_with_its_facts(client: FlaskClient) -> None:
    facts = movie(client, PAGE)
    assert facts["@context"] == "https://schema.org" and facts["@type"] == "Movie"
    assert facts["@id"] == facts["url"] == f"{SITE}{PAGE}" and facts["name"] == "La Grande Vadrouille"
    assert (facts["dateCreated"], facts["duration"]) == ("1966", "PT123M")
    assert facts["director"] == [{"@type": "Person", "name": "Gérard Oury"}]
    assert facts["releasedEvent"] == {
        "@type": "PublicationEvent",
        "startDate": "1966-12-08",
        "location": {"@type": "Country", "name": "FR"},
    }
    assert facts["sameAs"] == ["https://www.imdb.com/title/tt0060474/"]
    assert facts["sdDatePublished"] == "2026-11-22T12:37:00Z"


def test_each_way_to_watch_is_told_with_what_is_known_of_it(client: FlaskClient) -> None:
    actions = movie(client, PAGE)["potentialAction"]
    needs = [action["actionAccessibilityRequirement"] for action in actions]
    assert len(actions) == 5  # the sixth offer has no page on the web
    assert {action["target"]["urlTemplate"] for action in actions} == {f"{SERVICE_URL}/film"}
    assert all(need["eligibleRegion"] == {"@type": "Country", "name": "FR"} for need in needs)
    rentals = [need["expectsAcceptanceOf"] for need in needs if need["category"] == "rental"]
    assert sorted(rental.get("price", "") for rental in rentals) == ["", "2.99"]
    assert all(("price" in rental) == ("priceCurrency" in rental) for rental in rentals)
    (subscription,) = [need for need in needs if need["category"] == "subscription"]
    assert subscription["requiresSubscription"]["name"] == "Abonné Exemple" and "expectsAcceptanceOf" not in subscription
    (replay,) = [need for need in needs if need["category"] == "free"]
    assert replay["availabilityEnds"] == "2026-12-22T12:37:00Z" and "availabilityStarts" not in replay


def test_a_film_of_which_nothing_is_known_is_told_all_the_same(client: FlaskClient, sqlite_engine: Engine) -> None:
    with write_session(sqlite_engine) as session:
        add_film(session, 50, "Sans rien")
    facts = movie(client, "/films/50-sans-rien")
    assert facts.keys() == {"@context", "@type", "@id", "url", "name", "sdPublisher", "sdLicense"}


@pytest.mark.parametrize(
    "title",
    [
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "]]>&lt;/script&gt;",
        "\u202eeltit \u2066rtl",
        "عربي – עברית",
        "\u2028ligne\u2029",
        "\"'\\",
    ],
)
def test_a_weird_title_stays_a_title(client: FlaskClient, sqlite_engine: Engine, title: str) -> None:
    with write_session(sqlite_engine) as session:
        film = add_film(session, 50, title, (title + " !", None), directors=[title], genres=[title], age_rating="12")
        film.slug = "etrange"
        session.add(
            FilmTitle(film_id=50, title=title + " ?", kind=TitleKind.ALTERNATIVE, language="ar", key=build_title_key("x"))
        )
        session.add(FilmIdentifier(film_id=50, scheme="wikidata", value=title))
        offer = make_offer(Access.RENT, 299, edition="</script>", url=f"{SERVICE_URL}/film{{x}}")
        add_service(session, "service", "</script>", datetime(2026, 11, 22, 12, tzinfo=UTC), {50: [offer]})
    facts = movie(client, "/films/50-etrange")
    readable = " ".join(re.sub("[\u2028\u2029\u202e\u2066]", " ", title).split())
    assert " ".join(facts["name"].split()).replace(" ", "") == readable.replace(" ", "")
    assert facts["potentialAction"][0]["target"]["urlTemplate"] == f"{SERVICE_URL}/film%7Bx%7D"
    page = client.get("/films/50-etrange").text
    assert page.count("</script>") == page.count("<script ") == client.get(PAGE).text.count("<script ")
    assert "<script>" not in page and "<!--" not in page


def test_every_access_has_a_category(client: FlaskClient, sqlite_engine: Engine, moment: datetime) -> None:
    with write_session(sqlite_engine) as session:
        film = add_film(session, 50, "Partout", release_date=date(1990, 1, 1))
        dates: dict[str, Any] = {"starts": moment - timedelta(days=1), "ends": moment + timedelta(days=1)}
        offers = [make_offer(access, url=f"{SERVICE_URL}/film", **dates) for access in Access]
        add_service(session, "service", "Service", moment, {film.id: offers})
    actions = movie(client, "/films/50-partout")["potentialAction"]
    categories = {action["actionAccessibilityRequirement"]["category"] for action in actions}
    assert categories == {"free", "externalSubscription", "subscription", "rental", "purchase"}
    assert all("availabilityStarts" in action["actionAccessibilityRequirement"] for action in actions)


def heads(client: FlaskClient, address: str) -> dict[str, str]:
    """Return the metadata of the page's head, by name."""
    page = client.get(address).text
    metadata = {name: unescape(value) for name, value in re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)"', page)}
    links = re.findall(r'<link rel="(canonical|alternate)"(?: (?:hreflang|type)="([^"]+)")? href="([^"]+)"', page)
    return metadata | {f"{rel} {kind}".strip(): unescape(href) for rel, kind, href in links}


def test_whoever_shows_a_link_to_the_page_has_something_to_say(client: FlaskClient) -> None:
    metadata = heads(client, PAGE)
    assert (metadata["og:type"], metadata["og:url"]) == ("video.movie", f"{SITE}{PAGE}")
    assert metadata["og:title"] == "La Grande Vadrouille (1966)" and "og:image" not in metadata
    accesses = "en rattrapage (replay), par abonnement, location, achat (5\xa0services)"
    assert metadata["og:description"] == metadata["description"] == f"À voir légalement\xa0: {accesses}."
    assert heads(client, "/films/2-le-guepard")["og:description"] == "Aucune offre légale connue à ce jour."


def test_the_page_names_itself_and_its_translations(client: FlaskClient) -> None:
    both = {"alternate fr": f"{SITE}{PAGE}", "alternate en": f"{SITE}/en{PAGE}"}
    for address, canonical in ((PAGE, f"{SITE}{PAGE}"), (f"{PAGE}?x=1", f"{SITE}{PAGE}"), (f"/en{PAGE}", f"{SITE}/en{PAGE}")):
        metadata = heads(client, address)
        assert metadata["canonical"] == canonical and both.items() <= metadata.items()
