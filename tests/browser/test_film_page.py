"""The page of a film in a real browser: its signs, its paper, its weight, its way out by keyboard alone."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from domain.common.enums import Access, TitleKind
from domain.common.titles import build_title_key
from domain.db.engine import create_db_engine, write_session
from domain.models.film import FilmTitle
from tests.browser.conftest import OpenPage
from tests.scene import add_film, add_service, make_offer
from tests.webapp.serving import serve_site

USUAL, BUSY = 60, 61
VERSIONS = {"languages": ["VF", "VOSTFR"]}
TOLD: dict[str, Any] = {**VERSIONS, "quality": "HD", "audio_description": True, "sdh": True}


@pytest.fixture(scope="module")
def site(service: str, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A film with eight services, and another with sixty-four offers."""
    path = tmp_path_factory.mktemp("film") / "ouvoir.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine, now = create_db_engine(f"sqlite:///{path}"), datetime.now(UTC)
    made: dict[str, Any] = {"year": 1964, "runtime_min": 91, "directors": ["Jacques Demy"], "countries": ["France", "Allemagne"]}
    rentals = [make_offer(Access.RENT, 299, quality="SD", **VERSIONS), make_offer(Access.RENT, 399, **TOLD)]
    subscription = make_offer(Access.SUBSCRIPTION, **TOLD, ends=now + timedelta(days=30), url=f"{service}/film")
    usual = [[*rentals, make_offer(Access.BUY, 799)], [subscription]]
    busy = [
        make_offer(access, cents, quality=quality, languages=[version], url=f"{service}/{access}/{quality}")
        for access, cents in ((Access.RENT, 299), (Access.BUY, 899))
        for quality in ("SD", "HD")
        for version in ("VF", "VOSTFR")
    ]
    with write_session(engine) as session:
        add_film(session, USUAL, "Les Parapluies de Cherbourg", genres=["Comédie musicale"], age_rating="TP", **made)
        add_film(session, BUSY, "Très proposé", **made)
        for title, language in (("Die Regenschirme von Cherbourg", "de"), ("Cherbourg", None)):
            told: dict[str, Any] = {"kind": TitleKind.ALTERNATIVE, "language": language, "key": build_title_key(title)}
            session.add(FilmTitle(film_id=USUAL, title=title, **told))
        for number in range(8):
            shown = {USUAL: usual[number % 2], BUSY: busy}
            add_service(session, f"service-{number}", f"Service {number}", now - timedelta(hours=1), shown)
    with serve_site(engine) as address:
        yield address
    engine.dispose()


@pytest.mark.parametrize(("film", "most"), [(USUAL, 300), (BUSY, 500)])
def test_the_page_stays_light_and_accessible(open_page: OpenPage, film: int, most: int) -> None:
    page = open_page(f"/films/{film}")
    assert page.evaluate("document.querySelectorAll('*').length") <= most
    schemes: tuple[tuple[Literal["light", "dark"], int], ...] = (("light", 320), ("dark", 1280))
    for scheme, width in schemes:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page).response["violations"]
        assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found] == []


def test_what_is_accessible_is_said_in_words_beside_a_sign_that_is_not_read(open_page: OpenPage) -> None:
    page = open_page(f"/films/{USUAL}")
    for words, sign in (("audiodescription", "audio-description"), ("sous-titres pour sourds et malentendants", "sdh")):
        signs = page.locator(f"svg:has(use[href='#{sign}'])")
        expect(page.get_by_text(words).first).to_be_visible()
        assert signs.count() == 8 and all(one.get_attribute("aria-hidden") == "true" for one in signs.all())
        box = signs.first.bounding_box()
        assert box and box["width"] > 10
        assert page.evaluate(f"document.getElementById('{sign}').querySelector('path').getTotalLength()") > 20


def test_each_service_stands_once_under_an_access_with_its_lines(open_page: OpenPage) -> None:
    page = open_page(f"/films/{BUSY}")
    rentals = page.locator("section.group", has=page.get_by_role("heading", name="Location"))
    assert rentals.locator("li").count() == 8
    first = rentals.locator("li").first
    assert first.get_by_role("link", name=re.compile("définition")).count() == 2
    names = page.eval_on_selector_all(
        ".offers a:not([href^='/services'])", "links => links.map(a => a.ariaLabel || a.textContent)"
    )
    assert len(names) == len(set(names))


def pages_of(page: Page) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))


def test_a_film_with_eight_services_prints_on_one_page(open_page: OpenPage, site: str) -> None:
    page = open_page(f"/films/{USUAL}")
    assert pages_of(page) == 1
    page.emulate_media(media="print")
    expect(page.get_by_text(f"{site}/films/60-les-parapluies-de-cherbourg")).to_be_visible()
    expect(page.get_by_role("link", name="Signaler une erreur").first).to_be_hidden()
    expect(page.get_by_role("navigation")).to_be_hidden()
    expect(page.get_by_text("127.0.0.1").first).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_the_keyboard_leads_out_and_leaves_no_trace(browser: Browser, site: str, service: str, script: bool) -> None:
    context = browser.new_context(base_url=site, java_script_enabled=script)
    page = context.new_page()
    sent: list[dict[str, str]] = []
    page.on("request", lambda request: sent.append({"url": request.url, **request.headers}))
    page.goto(f"/films/{USUAL}")
    page.get_by_role("link", name=re.compile(r"^Service \d \(par abonnement\)")).first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Bienvenue au service")).to_be_visible()
    (arrival,) = [request for request in sent if request["url"] == f"{service}/film"]
    assert "referer" not in arrival and context.cookies() == []
    context.close()


def test_other_titles_open_by_keyboard_and_say_their_language(open_page: OpenPage) -> None:
    page = open_page(f"/films/{USUAL}", java_script_enabled=False)
    title = page.get_by_text("Die Regenschirme von Cherbourg")
    expect(title).to_be_hidden()
    page.get_by_text("2 autres titres").focus()
    page.keyboard.press("Enter")
    expect(title).to_be_visible()
    assert title.get_attribute("lang") == "de"
