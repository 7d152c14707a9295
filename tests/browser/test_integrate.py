"""The page that writes a partner's code, and the code pasted as it is."""

import re
from html import unescape
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import OpenPage, serve_page

CODES = re.compile(r'<pre id="(\w+)"[^>]*><code>(.*?)</code></pre>', re.DOTALL)
WATCH = """
  window.faults = [];
  document.addEventListener('securitypolicyviolation', (event) => window.faults.push(event.violatedDirective));
"""


@pytest.mark.parametrize("form", ["element", "frame"])
def test_what_is_copied_keeps_to_the_policy_copied_with_it_and_to_a_narrow_page(browser: Browser, site: str, form: str) -> None:
    with urlopen(f"{site}/integrer?film=1&forme={form}") as answer:
        code = {name: unescape(text) for name, text in CODES.findall(answer.read().decode())}
    policy = f"default-src 'none'; {code['policy'].replace(chr(10), '; ')}"
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    body = f"<!doctype html><title>Partenaire</title>{meta}{code.get('script', '')}<h1>Film</h1>{code['code']}"
    with serve_page(body) as address, browser.new_context(viewport={"width": 320, "height": 800}) as context:
        page = context.new_page()
        page.add_init_script(WATCH)
        page.goto(address)
        shown = page.frame_locator("iframe") if form == "frame" else page
        expect(shown.get_by_role("heading", name="Par abonnement")).to_be_attached()
        assert page.evaluate("window.faults") == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_code_is_chosen_seen_and_copied(open_page: OpenPage) -> None:
    page = open_page("/integrer", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("main").get_by_label("Film", exact=True).fill("Le Guépard (1963)")
    page.get_by_label("Couleurs").select_option("dark")
    page.get_by_role("button", name="Voir et obtenir le code").click()
    page.locator("ou-voir").scroll_into_view_if_needed()
    expect(page.locator("ou-voir").get_by_text("Aucune offre légale connue à ce jour.")).to_be_visible()
    page.get_by_role("button", name="Copier").first.click()
    expect(page.get_by_role("status").first).to_have_text("Copié")
    assert '<ou-voir film="2" lang="fr" theme="dark">' in page.evaluate("navigator.clipboard.readText()")
    page.get_by_label("Forme").select_option("frame")
    page.get_by_role("button", name="Voir et obtenir le code").click()
    expect(page.frame_locator("main iframe").get_by_role("heading", name="Où voir Le Guépard")).to_be_visible()
