"""From a title to the service, as people do it."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.webapp.addresses import PAGES

# A box to tick is touched by its label; what is not drawn is touched by nobody.
TARGETS = (
    "button, input:not([type=hidden], [type=checkbox], [type=radio]), select, summary, label:has([type=checkbox], [type=radio])"
)
TARGETS += ", header a, footer a, .service a"
FOCUSED = """() => {
  const focused = document.activeElement;
  return [focused.tagName, focused.textContent.trim(), getComputedStyle(focused).outlineStyle];
}"""


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_from_a_title_to_the_service(open_page: OpenPage, service: str, script: bool) -> None:
    page = open_page("/", java_script_enabled=script)
    page.get_by_label("Titre, même approximatif").fill("grande vadrouille")
    page.get_by_role("button", name="Chercher").click()
    page.get_by_role("link", name="La Grande Vadrouille").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("La Grande Vadrouille")
    page.get_by_role("link", name="Ciné Exemple (location, 2,99").click()
    expect(page.get_by_role("heading", name="Bienvenue au service")).to_be_visible()
    assert page.url.startswith(service)


def tab_to(page: Page, words: str) -> None:
    """Presses Tab until the focus is on the element that begins so; it must be seen on the way."""
    for _ in range(30):
        page.keyboard.press("Tab")
        tag, text, outline = page.evaluate(FOCUSED)
        assert outline != "none" or tag == "BODY", f"{text or tag}: the focus cannot be seen"
        if (text or tag).startswith(words):
            return
    pytest.fail(f"« {words} » cannot be reached with Tab")


def test_the_keyboard_is_enough(open_page: OpenPage, service: str) -> None:
    page = open_page("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    tab_to(page, "INPUT")
    page.keyboard.type("vadrouille")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 film")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**#contenu")
    tab_to(page, "La Grande Vadrouille")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("La Grande Vadrouille")
    tab_to(page, "Kiosque Exemple")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Bienvenue au service")).to_be_visible()


@pytest.mark.parametrize("address", PAGES)
def test_a_page_fits_320_pixels_and_a_thumb(reading_page: Page, address: str) -> None:
    page = reading_page
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    drawn = "all => all.filter(e => e.offsetHeight && !e.closest('.unseen')).map(e => [e.offsetHeight, e.outerHTML.slice(0, 90)])"
    assert [small for small in page.eval_on_selector_all(TARGETS, drawn) if small[0] < 24] == []


LONG = ("/couverture/rapport", "/api")
"""The report of a month, made to be printed, and the whole guide to the API."""


def test_no_request_leaves_the_site(open_page: OpenPage, site: str) -> None:
    page, asked = open_page("/"), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    for address in PAGES:
        page.goto(address)
        assert address in LONG or page.evaluate("document.querySelectorAll('*').length") <= 400
    page.wait_for_load_state("networkidle")
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(site).netloc}
    assert page.context.cookies() == [] and page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_a_printed_film_page_keeps_addresses_and_drops_the_rest(open_page: OpenPage, service: str) -> None:
    page = open_page("/films/1-la-grande-vadrouille")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Chercher")).to_be_hidden()
    expect(page.get_by_role("listitem").filter(has_text="Kiosque Exemple")).to_contain_text(urlsplit(service).hostname or "")
