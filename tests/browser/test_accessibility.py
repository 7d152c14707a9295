"""What axe-core can see of accessibility: the part of the criteria that a tool can check."""

from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from tests.browser.conftest import OpenPage
from tests.webapp.addresses import FOR_PROGRAMS, NOT_PUBLIC, OUTBOUND_LINK, PAGES
from webapp.app import create_app

RUN = """([context, options]) => axe.run(context, {...options, resultTypes: ['violations'], preload: false, elementRef: false})
  .then(results => results.violations)"""
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
# Comparing colours costs more than all other rules: a row made like two others of its table, to the class, has their colours.
MARK_LIKE_ROWS = """() => {
  for (const table of document.querySelectorAll('table')) {
    const counts = {};
    for (const row of table.querySelectorAll('tbody tr')) {
      const parts = [row, ...row.querySelectorAll('*')];
      const made = parts.map(part => [part.tagName, part.className, part.getAttribute('style'), part.hidden].join()).join(';');
      counts[made] = (counts[made] || 0) + 1;
      if (counts[made] > 2) row.setAttribute('data-like-others', '');
    }
  }
}"""
COLOURS: list[Any] = [
    {"include": [["html"]], "exclude": [["[data-like-others]"]]},
    {"runOnly": {"type": "rule", "values": COLOUR_RULES}},
]
ALL_ELSE: list[Any] = ["html", {"rules": {rule: {"enabled": False} for rule in COLOUR_RULES}}]
# What a dark page may change: its colours, and nothing else.
RUNS = {"light": [ALL_ELSE, COLOURS], "dark": [COLOURS]}


def findings(page: Page) -> list[Any]:
    """What axe finds on a page, light and dark, narrow and wide."""
    page.evaluate(AXE_SCRIPT)
    page.evaluate(MARK_LIKE_ROWS)
    found = []
    for scheme, width in (("light", 320), ("light", 1280), ("dark", 1280), ("dark", 320)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 800})
        faults = [fault for run in RUNS[scheme] for fault in page.evaluate(RUN, run)]
        found += [(scheme, width, fault["id"], [node["html"] for node in fault["nodes"]]) for fault in faults]
    return found


@pytest.mark.parametrize("address", PAGES)
def test_axe_finds_nothing(reading_page: Page, address: str) -> None:
    reading_page.goto(address)
    assert findings(reading_page) == []


def test_axe_finds_nothing_on_choices_and_suggestions_that_are_open(open_page: OpenPage) -> None:
    page = open_page("/recherche?q=vadrouille&acces=location")
    expect(page.locator("details[open]").first).to_be_visible()
    page.get_by_label("Titre d’un film").fill("dune")
    expect(page.get_by_role("option").first).to_be_visible()
    assert findings(page) == []


def test_axe_finds_nothing_on_the_table_of_a_list(open_page: OpenPage) -> None:
    page = open_page("/liste")
    page.get_by_label("Vos titres").fill("La Grande Vadrouille\nDune\nXyzzy")
    page.get_by_role("button", name="Où les voir").click()
    expect(page.get_by_role("table")).to_be_visible()
    assert findings(page) == []


def test_axe_finds_nothing_on_a_form_sent_back(open_page: OpenPage) -> None:
    page = open_page("/introuvable")
    page.evaluate("document.querySelectorAll('[required]').forEach(field => field.removeAttribute('required'))")
    page.get_by_role("main").get_by_role("button").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert findings(page) == []


def test_axe_sees_what_is_wrong(open_page: OpenPage) -> None:
    page = open_page("/")
    page.evaluate("document.documentElement.removeAttribute('lang')")
    faded = "@media (prefers-color-scheme: dark) { * { color: #333 !important; background: #222 !important } }"
    page.evaluate(
        "rules => { const sheet = new CSSStyleSheet(); sheet.replaceSync(rules); document.adoptedStyleSheets = [sheet]; }", faded
    )
    found = {(scheme, rule) for scheme, _, rule, _ in findings(page)}
    assert found == {("light", "html-has-lang"), ("dark", "color-contrast")}


def test_axe_sees_a_late_row_whose_colours_are_its_own(open_page: OpenPage) -> None:
    page = open_page("/")
    rows = "<tr><td>Trois films</td></tr>" * 9 + '<tr><td class="odd">Quatre films</td></tr>'
    table = f"<table><caption>Films</caption><thead><tr><th scope=col>Nombre</th></tr></thead><tbody>{rows}</tbody></table>"
    page.evaluate("html => { document.querySelector('main').insertAdjacentHTML('beforeend', html); }", table)
    page.evaluate("() => { document.querySelector('td.odd').style.cssText = 'color: #bbb; background: #ccc'; }")
    assert {rule for _, _, rule, _ in findings(page)} == {"color-contrast"}


@pytest.fixture
def app(sqlite_engine: Engine) -> Flask:
    return create_app(sqlite_engine)


def test_every_kind_of_public_page_is_read(app: Flask, open_page: OpenPage) -> None:
    routes = app.url_map.bind("127.0.0.1")
    read = {routes.match(address.removeprefix("/en").partition("?")[0])[0] for address in PAGES if address != "/nulle-part"}
    known = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.rule.startswith(NOT_PUBLIC) and not rule.rule.endswith("atom.xml")
    }
    assert known - read - FOR_PROGRAMS == set()
    expect(open_page(OUTBOUND_LINK).get_by_role("heading", level=1)).to_have_text("Ce lien ne mène plus à une offre")
