"""The site at 512 kbit/s and 300 ms of latency, as over a poor mobile line: in bytes and requests, not in seconds."""

from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.conftest import OpenPage
from tests.webapp.addresses import FILM, FILM_WITHOUT_OFFER

LINE = {"offline": False, "latency": 300, "downloadThroughput": 512_000 / 8, "uploadThroughput": 512_000 / 8}
LIGHT = ["/", "/recherche?q=dune", "/recherche?disponible=1", FILM, FILM_WITHOUT_OFFER]
MOST_BYTES, MOST_REQUESTS, MOST_ELEMENTS = 20_000, 4, 300
MOST_BEFORE_PAINT = 14_000
"""What a first exchange of a new connection carries (ten packets), so that the page shows after it."""


class Line:
    """A slow line, and what went over it: bytes by request, as the browser counts them, headers included."""

    def __init__(self, page: Page) -> None:
        self.weights: dict[str, int] = {}
        self.kinds: dict[str, str] = {}
        session: CDPSession = page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.loadingFinished", self._came)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", LINE)

    def _asked(self, event: dict[str, Any]) -> None:
        self.kinds[event["requestId"]] = event["type"]

    def _came(self, event: dict[str, Any]) -> None:
        self.weights[event["requestId"]] = int(event["encodedDataLength"])

    def weight(self, *kinds: str) -> int:
        """The bytes of these kinds of answers."""
        return sum(weight for number, weight in self.weights.items() if self.kinds[number] in kinds)

    def clear(self) -> None:
        """Counts anew."""
        self.weights.clear()
        self.kinds.clear()


@pytest.mark.parametrize("address", LIGHT)
def test_a_first_visit_is_light_and_shows_before_its_script(open_page: OpenPage, address: str) -> None:
    page = open_page("about:blank")
    line = Line(page)
    page.goto(address, wait_until="networkidle")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert sum(line.weights.values()) <= MOST_BYTES
    assert len(line.kinds) <= MOST_REQUESTS
    assert page.evaluate("document.querySelectorAll('*').length") <= MOST_ELEMENTS
    assert line.weight("Document", "Stylesheet") <= MOST_BEFORE_PAINT
    late = "performance.getEntriesByType('resource').filter(one => one.renderBlockingStatus === 'blocking').map(one => one.name)"
    assert [name.partition("?")[0].rpartition("/")[2] for name in page.evaluate(late)] == ["ouvoir.css"]


def test_the_main_text_shows_while_the_script_and_the_icon_have_not_come(open_page: OpenPage) -> None:
    page = open_page("about:blank")
    Line(page)
    page.route("**/static/*.js*", lambda route: None)
    page.goto(FILM, wait_until="commit")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Ciné Exemple (location, 2,99").first).to_be_visible()
    painted = "new Promise(seen => new PerformanceObserver(seen).observe({type: 'paint', buffered: true})).then(() => true)"
    assert page.evaluate(painted)


def test_from_a_title_to_the_service_over_a_slow_line(open_page: OpenPage, service: str) -> None:
    page = open_page("about:blank")
    line = Line(page)
    page.goto("/")
    page.get_by_label("Titre, même approximatif").fill("grande vadrouille")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 film")
    page.get_by_role("main").get_by_role("link", name="La Grande Vadrouille").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("La Grande Vadrouille")
    page.get_by_role("link", name="Ciné Exemple (location, 2,99").click()
    expect(page.get_by_role("heading", name="Bienvenue au service")).to_be_visible()
    assert page.url.startswith(service)
    assert line.weight("Document", "Stylesheet", "Script", "Fetch", "Other") <= 2 * MOST_BYTES


def test_what_a_visit_brought_is_not_asked_again(open_page: OpenPage) -> None:
    page = open_page("/")
    page.wait_for_load_state("networkidle")
    asked = list[str]()
    page.on("response", lambda answer: asked.append(answer.url) if not answer.from_service_worker else None)
    line = Line(page)
    page.goto(FILM, wait_until="networkidle")
    assert line.weight("Stylesheet", "Script", "Other") == 0
    assert any(FILM in url for url in asked)
