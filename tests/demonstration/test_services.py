import json
from collections.abc import Iterator
from datetime import date
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

import pytest

from crawlers.platform_files.loader import load_platform
from demonstration.build import PLATFORMS
from demonstration.catalogues import CATALOGUES
from demonstration.services import SERVICES, serve_platforms
from domain.common.enums import Access, LegalBasis
from domain.common.errors import UserError
from domain.films.formats import FilmRecord


@pytest.fixture(scope="module")
def origins() -> Iterator[dict[str, str]]:
    with serve_platforms(0) as served:
        yield served


def send_request(origin: str, path: str, body: bytes | None = None) -> tuple[int, str]:
    connection = HTTPConnection(urlsplit(origin).netloc, timeout=10)
    connection.request("POST" if body is not None else "GET", path, body)
    answer: HTTPResponse = connection.getresponse()
    result = answer.status, answer.read().decode()
    connection.close()
    return result


def test_every_service_has_its_platform_file_and_says_it_is_invented() -> None:
    platforms = {slug: load_platform(slug, PLATFORMS) for slug in SERVICES}
    assert set(platforms) == set(SERVICES) == set(CATALOGUES)
    for slug, platform in platforms.items():
        assert platform.name == SERVICES[slug].name and "plateforme inventée" in platform.name
        assert platform.legal.basis is LegalBasis.INVENTED


def test_catalogues_are_the_same_each_time_and_cover_every_access(films: list[FilmRecord]) -> None:
    day = date(2026, 11, 22)
    catalogues = [make(films, day) for make in CATALOGUES.values()]
    assert catalogues == [make(films, day) for make in CATALOGUES.values()]
    assert {offer.access for listings in catalogues for listing in listings for offer in listing.offers} == set(Access)


def test_lines_of_a_catalogue_have_their_own_number(films: list[FilmRecord]) -> None:
    for make in CATALOGUES.values():
        listings = make(films, date(2026, 11, 22))
        assert len({listing.ref for listing in listings}) == len(listings)


def test_an_offer_opens_a_french_page(origins: dict[str, str]) -> None:
    status, page = send_request(origins["cine-demo"], "/voir/901")
    assert status == 200 and 'lang="fr"' in page
    assert "Plateforme inventée : ici, le service vous ferait voir le film « PERSEPOLIS »." in page


@pytest.mark.parametrize("path", ["/voir/000", "/../films.csv", "/%00", "/voir/901/x", "/"])
def test_an_unknown_address_is_404(origins: dict[str, str], path: str) -> None:
    assert all(send_request(origin, path)[0] == 404 for origin in origins.values())


@pytest.mark.parametrize("page", ["0", "-1", "x", "²", "999999", "9" * 5000])
def test_an_odd_page_number_gives_no_trace(origins: dict[str, str], page: str) -> None:
    quoted = page.replace("²", "%C2%B2")
    assert send_request(origins["replay-fictif"], f"/v1/programmes?page={quoted}") == (200, "[]")
    assert send_request(origins["cineclub-imaginaire"], f"/api/films?page={quoted}")[0] == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"pageNumber": 1}', b"\xff"])
def test_a_search_that_cannot_be_read_is_400(origins: dict[str, str], body: bytes) -> None:
    assert send_request(origins["mediatheque-inventee"], "/recherche", body)[0] == 400


def test_a_search_gives_the_page_and_the_total(origins: dict[str, str]) -> None:
    status, body = send_request(origins["mediatheque-inventee"], "/recherche", b'{"pageNumber": 0, "pageSize": 10}')
    products = json.loads(body)["products"]
    assert status == 200 and len(products["content"]) == 10 < products["totalElements"]


def test_a_taken_port_is_one_french_line(origins: dict[str, str]) -> None:
    port = urlsplit(origins["cine-demo"]).port or 0
    with pytest.raises(UserError, match=f"port {port} : déjà pris"), serve_platforms(port):
        pass
