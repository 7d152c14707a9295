"""The widget on a partner's page, which is of another origin."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import answering
from tests.webapp.scene import GUEPARD, HOSTILE, VADROUILLE

Host = Callable[..., AbstractContextManager[Page]]
LINK = "Où voir ce film légalement"


@pytest.fixture
def host(browser: Browser, site: str) -> Host:
    """A partner's page with the widget for a film, under a content security policy if given."""

    @contextmanager
    def hosting(film: object, policy: str = "", blocked: str = "") -> Iterator[Page]:
        meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">' if policy else ""
        script = f'<script type="module" src="{site}/widget/v1/ouvoir.js"></script>'
        element = f'<ou-voir film="{film}"><a href="{site}/films/1">{LINK}</a></ou-voir>'
        partner = f"<!doctype html><html lang=fr><title>Partenaire</title>{meta}{script}<p>{element}"
        with answering(partner) as address, browser.new_context() as context:
            page = context.new_page()
            if blocked:
                page.route(blocked, lambda route: route.abort())
            page.goto(address)
            page.wait_for_load_state("networkidle")
            yield page

    return hosting


def test_the_link_becomes_a_list(host: Host, service: str) -> None:
    with host(VADROUILLE) as page:
        expect(page.get_by_role("heading", name="Location")).to_be_visible()
        assert page.get_by_role("link", name="Ciné Exemple").first.get_attribute("href") == f"{service}/film"
        for words in ("2,99\xa0€ · HD", "prix chez le service", "Ordre tiré au sort pour la période", LINK):
            expect(page.get_by_text(words)).to_be_visible()
        assert page.get_by_role("link", name="Boîtier Exemple").count() == 0


def test_a_film_without_offer_says_so(host: Host) -> None:
    with host(GUEPARD) as page:
        expect(page.get_by_text("Aucune offre légale connue à ce jour.")).to_be_visible()
        expect(page.get_by_role("link", name=LINK)).to_be_visible()


def test_the_policy_that_the_guide_gives_is_enough(host: Host, site: str) -> None:
    with host(VADROUILLE, policy=f"default-src 'none'; script-src {site}; connect-src {site}") as page:
        expect(page.get_by_role("heading", name="Location")).to_be_visible()
        assert page.locator("ou-voir ul").first.evaluate("list => getComputedStyle(list).listStyleType") == "none"


@pytest.mark.parametrize("trouble", [{"policy": "script-src 'none'"}, {"policy": "connect-src 'none'"}, {"blocked": "**/api/**"}])
def test_whatever_is_blocked_the_link_stays(host: Host, trouble: dict[str, str]) -> None:
    with host(VADROUILLE, **trouble) as page:
        expect(page.get_by_role("link", name=LINK)).to_be_visible()
        assert page.get_by_role("link").count() == 1


@pytest.mark.parametrize("film", [999, "", "../../", HOSTILE])
def test_a_film_unknown_or_hostile_runs_nothing(host: Host, film: object) -> None:
    with host(film) as page:
        expect(page.get_by_role("link", name=LINK)).to_be_visible()
        assert page.evaluate("document.querySelector('ou-voir').shadowRoot?.querySelector('script') ?? null") is None


def test_the_widget_keeps_nothing_on_the_reader(host: Host) -> None:
    with host(VADROUILLE) as page:
        assert page.context.cookies() == [] and page.evaluate("localStorage.length") == 0


def test_the_frame_shows_on_any_site_and_other_pages_on_none(browser: Browser, site: str) -> None:
    made = {"offres": "/widget/1", "page": "/films/1-la-grande-vadrouille"}
    frames = "".join(f'<iframe title="{title}" src="{site}{address}"></iframe>' for title, address in made.items())
    with answering(f"<!doctype html>{frames}") as address, browser.new_context() as context:
        page = context.new_page()
        page.goto(address)
        expect(page.frame_locator("[title=offres]").get_by_role("heading", name="Location")).to_be_attached()
        expect(page.frame_locator("[title=page]").get_by_role("heading", level=1)).to_have_count(0)
