"""The examples in JavaScript of the API's documentation, run by a browser on a page of another site."""

from playwright.sync_api import Page

from tests.browser.conftest import OpenPage, serve_page
from tests.webapp.api.test_examples import SAID, written_in
from webapp.api.guide import EXAMPLE_ORIGIN


def test_a_page_of_another_site_runs_the_examples(site: str, open_page: OpenPage) -> None:
    with serve_page("<!doctype html><title>Un partenaire</title>") as partner:
        page: Page = open_page(partner)
        told: list[str] = []
        page.on("console", lambda message: told.append(message.text))
        for example, said in zip(written_in("js"), SAID, strict=True):
            told.clear()
            page.evaluate(f"async () => {{ {example.code.replace(EXAMPLE_ORIGIN, site)} }}")
            assert said in " ".join(told), example.title
