"""Films suggested while one types: by keyboard, by mouse, one request a pause, and nothing missed where there is no script."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenPage


def typed(page: Page, words: str) -> None:
    page.get_by_role("combobox").press_sequentially(words)


def test_arrows_choose_and_enter_opens_the_film(open_page: OpenPage) -> None:
    page = open_page("/")
    typed(page, "dune")
    options, field = page.get_by_role("option"), page.get_by_role("combobox")
    expect(options).to_have_count(2)
    expect(field).to_have_attribute("aria-expanded", "true")
    for key, chosen in (("ArrowDown", 0), ("ArrowDown", 1), ("ArrowDown", 0), ("ArrowUp", 1)):
        page.keyboard.press(key)
        expect(options.nth(chosen)).to_have_attribute("aria-selected", "true")
        assert field.get_attribute("aria-activedescendant") == options.nth(chosen).get_attribute("id")
    title = options.nth(1).inner_text()
    expect(field).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/films/**")
    assert title.startswith(page.get_by_role("heading", level=1).inner_text())


def test_escape_closes_and_enter_then_searches(open_page: OpenPage) -> None:
    page = open_page("/")
    typed(page, "dune")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(page.get_by_role("combobox")).to_have_value("dune")
    page.keyboard.press("Enter")
    page.wait_for_url("**/recherche?q=dune")


def test_a_click_opens_the_film(open_page: OpenPage) -> None:
    page = open_page("/recherche?q=xyzzy")
    page.get_by_role("combobox").fill("vadrouil")
    page.get_by_role("option", name="La Grande Vadrouille").click()
    page.wait_for_url("**/films/1-la-grande-vadrouille")


def test_letters_typed_in_a_row_ask_once_and_from_the_third(open_page: OpenPage) -> None:
    page, asked = open_page("/"), list[str]()
    page.on("request", lambda request: asked.append(request.url) if "/suggestions" in request.url else None)
    typed(page, "du")
    page.wait_for_timeout(400)
    assert asked == []
    typed(page, "ne")
    expect(page.get_by_role("option").first).to_be_visible()
    assert [urlsplit(url).query for url in asked] == ["q=dune"]


@pytest.mark.parametrize("status", [None, 500], ids=["cut-line", "server-fault"])
def test_without_an_answer_the_form_searches(open_page: OpenPage, status: int | None) -> None:
    page, faults = open_page("/"), list[str]()
    page.on("pageerror", lambda error: faults.append(str(error)))

    def answer(route: Route) -> None:
        route.fulfill(status=status, body="<p>") if status else route.abort()

    page.route("**/suggestions**", answer)
    with page.expect_request("**/suggestions**"):
        typed(page, "dune")
    page.wait_for_timeout(100)
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url("**/recherche?q=dune")
    assert faults == []


def test_without_script_nothing_is_announced_that_is_not_there(open_page: OpenPage) -> None:
    page = open_page("/", java_script_enabled=False)
    assert page.get_by_role("combobox").count() == 0 and page.get_by_role("listbox").count() == 0
    page.get_by_role("searchbox").fill("vadrouile")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="La Grande Vadrouille").first).to_be_visible()


def test_an_answer_that_comes_when_the_field_was_left_shows_nothing(open_page: OpenPage) -> None:
    page = open_page("/")
    held: list[Route] = []
    page.route("**/suggestions?*", lambda route: held.append(route))
    with page.expect_request("**/suggestions?*"):
        typed(page, "dune")
    page.get_by_role("button", name="Chercher").focus()
    with page.expect_response("**/suggestions?*"):
        held[-1].continue_()
    expect(page.get_by_role("listbox", include_hidden=True)).to_be_hidden()
    page.get_by_role("combobox").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option")).to_have_count(2)
