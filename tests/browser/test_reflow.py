"""Every page zoomed to 400 % on a screen of 1280 × 1024, which leaves 320 × 256: nothing is lost, nothing scrolls sideways."""

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import OpenPage
from tests.webapp.addresses import PAGES

WIDE = ViewportSize(width=1280, height=1024)
ZOOMED = ViewportSize(width=320, height=256)
# What is made to scroll on its own, tables and code, may: what it holds is read by moving it, by keyboard too.
CUT = """() => [...document.querySelectorAll('body *')].filter(one => {
  const seen = one.getBoundingClientRect(), style = getComputedStyle(one);
  if (!seen.width || !seen.height || one.closest('.unseen, .skip, svg, [tabindex="0"].scroll, pre, select, option')) return false;
  const outside = seen.right > innerWidth + 1 || seen.left < -1;
  const hidden = ['hidden', 'clip'].includes(style.overflowX) && one.scrollWidth > one.clientWidth + 1;
  return outside || hidden;
}).map(one => one.outerHTML.slice(0, 120))"""
WORDS = "document.body.innerText.split(/\\s+/).sort().join(' ')"


@pytest.mark.parametrize("address", PAGES)
def test_nothing_is_lost_at_400_percent(reading_page: Page, address: str) -> None:
    reading_page.set_viewport_size(WIDE)
    reading_page.goto(address)
    words = reading_page.evaluate(WORDS)
    reading_page.set_viewport_size(ZOOMED)
    assert reading_page.evaluate("document.documentElement.scrollWidth") <= ZOOMED["width"]
    assert reading_page.evaluate(CUT) == []
    assert reading_page.evaluate(WORDS) == words


def test_what_scrolls_on_its_own_is_reached_by_keyboard(open_page: OpenPage) -> None:
    page = open_page("/couverture", viewport=ZOOMED)
    wide = "[...document.querySelectorAll('main *')].filter(one => one.scrollWidth > one.clientWidth + 1"
    wide += " && ['auto', 'scroll'].includes(getComputedStyle(one).overflowX)).map(one => one.tabIndex)"
    assert set(page.evaluate(wide)) <= {0}


def test_from_a_title_to_the_service_at_400_percent(open_page: OpenPage) -> None:
    page = open_page("/", viewport=ZOOMED)
    page.get_by_role("combobox").fill("grande vadrouille")
    page.get_by_role("button", name="Chercher").click()
    page.get_by_role("main").get_by_role("link", name="La Grande Vadrouille").click()
    page.get_by_role("link", name="Ciné Exemple (location, 2,99").click()
    expect(page.get_by_role("heading", name="Bienvenue au service")).to_be_visible()


def test_the_field_is_not_covered_by_what_is_suggested(open_page: OpenPage) -> None:
    page = open_page("/", viewport=ZOOMED)
    page.get_by_role("combobox").press_sequentially("dune")
    expect(page.get_by_role("option").first).to_be_visible()
    field, choices = page.get_by_role("combobox").bounding_box(), page.get_by_role("listbox").bounding_box()
    assert field and choices and choices["y"] >= field["y"] + field["height"] - 1
    assert choices["x"] >= 0 and choices["x"] + choices["width"] <= ZOOMED["width"]
