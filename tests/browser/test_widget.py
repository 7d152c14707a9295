"""The block on a partner's page, which is of another origin."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import Engine

from tests.browser.conftest import serve_page
from tests.scene import GUEPARD, HOSTILE, VADROUILLE
from tests.webapp.serving import serve_site
from webapp.embed.releases import load_releases

Host = Callable[..., AbstractContextManager[Page]]
LINK = "Où voir ce film légalement"
STYLE = "<style>ou-voir { display: block; box-sizing: border-box; height: 18em; }</style>"
DATA = "**/widget/v1/film.json*"
WATCH = """
  window.faults = [];
  document.addEventListener('securitypolicyviolation', (event) => window.faults.push(event.violatedDirective));
  window.shifted = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((shift) => { window.shifted += shift.value; }))
    .observe({ type: 'layout-shift', buffered: true });
"""


def script(site: str, integrity: str = load_releases().latest.integrity) -> str:
    return f'<script type="module" src="{site}/widget/1.0.0/ouvoir.js" integrity="{integrity}" crossorigin></script>'


def block(film: object, attributes: str = "") -> str:
    return f'<ou-voir film="{film}" {attributes}><a href="https://ouvoir.example/films/1">{LINK}</a></ou-voir>'


@pytest.fixture
def host(browser: Browser, site: str) -> Host:
    """A partner's page with some blocks, under a content security policy if given; what is `blocked` never answers."""

    @contextmanager
    def hosting(body: str, policy: str = "", head: str = STYLE, blocked: str = "", given: object = None) -> Iterator[Page]:
        meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">' if policy else ""
        start = "<!doctype html><html lang=fr><title>Partenaire</title>"
        with serve_page(f"{start}{meta}{script(site)}{head}<main><h1>Film</h1>{body}</main>") as address:
            context = browser.new_context(viewport={"width": 800, "height": 800})
            context.add_init_script(WATCH)
            page = context.new_page()
            if blocked:
                page.route(blocked, lambda route: route.abort())
            if given is not None:
                page.route(DATA, lambda route: route.fulfill(json=given, headers={"Access-Control-Allow-Origin": "*"}))
            page.goto(address)
            yield page
            context.close()

    return hosting


def blocks(page: Page) -> Locator:
    return page.locator("ou-voir")


def only_the_link(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("link", name=LINK)).to_be_visible()
    assert page.get_by_role("link").count() == 1


def test_found_absent_and_unknown_stand_beside_a_frame_under_a_strict_policy(host: Host, site: str) -> None:
    frame = f'<iframe title="cadre" src="{site}/widget/imdb:tt0060474" sandbox="allow-popups"></iframe>'
    policy = f"default-src 'none'; script-src {site}; connect-src {site}; frame-src {site}"
    body = block("imdb:tt0060474") + block(GUEPARD) + block("imdb:tt9999999") + frame
    with host(body, policy=policy, head="") as page:
        found, absent, unknown = (blocks(page).nth(place) for place in range(3))
        expect(found.get_by_role("heading", name="Par abonnement")).to_be_visible()
        expect(absent.get_by_text("Aucune offre légale connue à ce jour.")).to_be_visible()
        assert [some.get_by_role("link", name=LINK).count() for some in (found, absent, unknown)] == [1, 1, 1]
        assert unknown.get_by_role("link").count() == 1 and unknown.get_by_role("paragraph").count() == 0
        expect(page.frame_locator("[title=cadre]").get_by_role("heading", name="Location")).to_be_attached()
        assert found.locator("ul").first.evaluate("list => getComputedStyle(list).listStyleType") == "none"
        assert page.evaluate("window.faults") == []
        assert page.context.cookies() == [] and page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_the_link_becomes_a_list(host: Host, site: str) -> None:
    with host(block(VADROUILLE)) as page:
        blocks(page).get_by_role("button", name="Tout voir").click()
        link = page.get_by_role("link", name="Ciné Exemple (Location, 2,99\xa0€, HD)")
        assert str(link.get_attribute("href")).startswith(f"{site}/sortie/")
        for words in ("2,99\xa0€ · HD", "prix chez le service", "Ordre tiré au sort pour la période", LINK):
            expect(page.get_by_text(words).first).to_be_visible()
        assert page.get_by_role("link", name="Boîtier Exemple").count() == 0
        expect(page.get_by_role("button", name="Tout voir")).to_be_hidden()


def test_nothing_on_the_page_moves(host: Host) -> None:
    with host(f"{block(VADROUILLE)}<p>Suite</p>{block(GUEPARD, 'theme=dark')}<p>Fin</p>", head=STYLE) as page:
        expect(page.get_by_role("heading", name="Par abonnement")).to_be_attached()
        page.wait_for_timeout(100)
        assert page.evaluate("window.shifted") == 0


def test_a_page_that_moves_is_seen(host: Host) -> None:
    with host(f"<style>ou-voir {{ height: auto; }}</style>{block(VADROUILLE)}<p>Suite</p>") as page:
        page.evaluate("document.querySelector('h1').style.height = '300px'")
        page.wait_for_function("window.shifted > 0")


@pytest.mark.parametrize(
    "trouble",
    [
        {"policy": "script-src 'none'"},
        {"policy": "connect-src 'none'"},
        {"blocked": "**/ouvoir.js"},
        {"blocked": DATA},
        {"given": ["nonsense"]},
        {"given": {"film": {}, "groups": 1}},
    ],
)
def test_whatever_goes_wrong_the_link_stays(host: Host, trouble: dict[str, Any]) -> None:
    with host(block(VADROUILLE), **trouble) as page:
        only_the_link(page)


def test_a_script_of_another_hash_is_refused_and_the_link_stays(host: Host, site: str) -> None:
    other = script(site, load_releases().latest.integrity[:-8] + "AAAAAAA=")
    with serve_page(f"<!doctype html><title>P</title>{other}{block(VADROUILLE)}") as address, host("") as page:
        page.goto(address)
        only_the_link(page)
        assert not page.evaluate("Boolean(customElements.get('ou-voir'))")


def test_without_javascript_the_link_stays(browser: Browser, site: str) -> None:
    with serve_page(f"<!doctype html><title>P</title>{script(site)}{block(VADROUILLE)}") as address:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(address)
        only_the_link(page)
        context.close()


def test_when_our_server_stops_the_links_stay(browser: Browser, sqlite_engine: Engine) -> None:
    far = '<div style="height: 4000px"></div>'
    with browser.new_context() as context:
        page = context.new_page()
        with serve_site(sqlite_engine) as ours:
            body = f"<!doctype html><title>P</title>{script(ours)}{far}{block(1)}"
            with serve_page(body) as address:
                page.goto(address)
                page.wait_for_function("Boolean(customElements.get('ou-voir'))")
                started = address
        with page.expect_event("requestfailed"):
            page.evaluate("scrollTo(0, 4000)")
        only_the_link(page)
        with serve_page(body) as address:
            assert address != started
            page.goto(address)
            only_the_link(page)


def test_a_hostile_number_runs_nothing(host: Host) -> None:
    films = ["", "../../", "&quot;><script>window.hurt = 1</script>", "javascript:window.hurt = 1", HOSTILE]
    with host("".join(map(block, films))) as page:
        page.wait_for_load_state("networkidle")
        assert page.get_by_role("link", name=LINK).count() == page.get_by_role("link").count() == len(films)
        within = (
            "[...document.querySelectorAll('ou-voir')].map((some) => some.shadowRoot?.querySelector('script, img')).find(Boolean)"
        )
        assert page.evaluate(f"window.hurt ?? {within} ?? null") is None


def test_hostile_words_stay_text(host: Host, site: str) -> None:
    name = '<img src=x onerror="window.hurt = 1"><script>window.hurt = 1</script>'
    offer = {"service": "x", "price": name, "quality": name, "exit": "//evil.example/"}
    group = {"access": "rent", "label": name, "offers": [offer]}
    words = dict.fromkeys(("order", "none", "others", "notice", "more"), name)
    given = {"film": {"id": 1}, "services": [{"slug": "x", "name": name}], "groups": [group], **words}
    with host(block(VADROUILLE), given=given) as page:
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        page.wait_for_timeout(100)
        assert page.evaluate("window.hurt ?? document.querySelector('ou-voir').shadowRoot.querySelector('img, script')") is None


def test_the_attributes_choose_what_is_shown(host: Host) -> None:
    chosen = [
        block(VADROUILLE, 'label="access" access="rent buy"'),
        block(VADROUILLE, 'label="none"'),
        block(VADROUILLE, 'services="kiosque, cine" access="rent" heading="4"'),
        block(VADROUILLE, 'services="personne"'),
        block(GUEPARD, 'empty="Rien pour l’instant."'),
        block(VADROUILLE, 'lang="en"'),
    ]
    with host("".join(chosen)) as page:
        some = blocks(page)
        expect(some.nth(0).get_by_role("listitem").filter(has_text="Achat")).to_be_attached()
        assert some.nth(0).get_by_role("listitem").count() == 4 and some.nth(0).get_by_text("2,99").count() == 0
        expect(some.nth(1).get_by_role("listitem")).to_have_count(5)
        assert some.nth(1).get_by_role("heading").count() == 0
        expect(some.nth(2).get_by_role("heading", level=4)).to_have_count(1)
        assert sorted(text for text in some.nth(2).get_by_role("link").all_inner_texts()[1:]) == [
            "Ciné Exemple",
            "Kiosque Exemple",
        ]
        expect(some.nth(3).get_by_text("Aucune offre parmi celles que cette page montre.")).to_be_attached()
        some.nth(5).scroll_into_view_if_needed()
        expect(some.nth(4).get_by_text("Rien pour l’instant.")).to_be_attached()
        expect(some.nth(5).get_by_text("Order drawn at random")).to_be_attached()
        some.nth(4).evaluate(f"block => block.setAttribute('film', {VADROUILLE})")
        expect(some.nth(4).get_by_role("heading", name="Par abonnement")).to_be_attached()


def test_a_block_far_below_waits(host: Host) -> None:
    with host(f'<div style="height: 5000px"></div>{block(VADROUILLE)}') as page:
        assert blocks(page).get_by_role("listitem").count() == 0
        with page.expect_response(DATA):
            page.mouse.wheel(0, 5000)


def test_only_the_origin_of_the_page_is_told_and_only_twice_asked(host: Host) -> None:
    asked: list[Any] = []
    with host("") as page:
        address = f"{page.url}films/une-page-privee?lecteur=12"
        page.on("request", lambda request: asked.append(request) if "/widget/" in request.url else None)
        page.set_content("")
        page.goto(address)
        page.evaluate("body => { document.querySelector('main').innerHTML = body; }", block(VADROUILLE))
        expect(page.get_by_role("heading", name="Par abonnement")).to_be_visible()
        told = [request.all_headers() for request in asked]
        assert len(told) == 2 and not any("lecteur" in json.dumps(headers) for headers in told)
        assert told[1]["origin"] == page.url.partition("/films")[0] and "referer" not in told[1]
        link = page.get_by_role("link", name="Abonné Exemple")
        assert "par=127.0.0.1" in str(link.get_attribute("href"))
        assert "noreferrer" in str(link.get_attribute("rel"))


def test_axe_finds_nothing_within_and_nothing_overflows_at_320_pixels(host: Host) -> None:
    body = "".join(
        block(VADROUILLE, f'heading="2" size="small" {theme}') for theme in ("", "theme=light", "theme=dark", "theme=auto")
    )
    with host(body + block(GUEPARD), head="") as page:
        expect(page.get_by_role("heading", name="En rattrapage (replay)")).to_have_count(4)
        page.evaluate(AXE_SCRIPT)
        for width, scheme in ((800, "light"), (320, "dark")):
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            faults = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(found => found.violations)")
            assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in faults] == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_can_be_used_by_keyboard(host: Host) -> None:
    with host(block(VADROUILLE)) as page:
        expect(page.get_by_role("button", name="Tout voir")).to_be_visible()
        page.get_by_role("link", name=LINK).focus()
        page.keyboard.press("Tab")
        outline = "getComputedStyle(document.querySelector('ou-voir').shadowRoot.activeElement).outlineStyle"
        assert page.evaluate(outline) == "solid"
        for _ in range(9):
            page.keyboard.press("Tab")
            if page.evaluate("document.querySelector('ou-voir').shadowRoot.activeElement?.localName") == "button":
                break
        page.keyboard.press("Enter")
        expect(page.get_by_text("Ordre tiré au sort pour la période")).to_be_in_viewport()


def test_the_frame_shows_on_any_site_and_other_pages_on_none(browser: Browser, site: str) -> None:
    made = {"offres": "/widget/1", "inconnu": "/widget/imdb:tt9999999", "page": "/films/1-la-grande-vadrouille"}
    frames = "".join(f'<iframe title="{title}" src="{site}{address}"></iframe>' for title, address in made.items())
    with serve_page(f"<!doctype html>{frames}") as address, browser.new_context() as context:
        page = context.new_page()
        page.goto(address)
        expect(page.frame_locator("[title=offres]").get_by_role("heading", name="Location")).to_be_attached()
        expect(page.frame_locator("[title=inconnu]").get_by_text("Ce film n’est pas dans notre base.")).to_be_attached()
        expect(page.frame_locator("[title=page]").get_by_role("heading", level=1)).to_have_count(0)
