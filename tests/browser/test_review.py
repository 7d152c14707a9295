"""The desk in a real browser: by keyboard only, two agents at once, without script."""

import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import Engine
from sqlmodel import select

from domain.accounts.agents import add_agent
from domain.common.enums import TitleKind, Verdict
from domain.db.engine import create_db_engine, read_session, write_session
from domain.models.agent import AuditLine
from domain.models.film import FilmTitle
from domain.models.review_case import ReviewCase
from tests.domain.review_scene import make_doubtful_cases, make_known_film
from tests.webapp.serving import serve_site

PASSWORD = "un mot de passe d’été"
ANSWERS = {"same", "none", "unsure", "missing", "skip"}
SignIn = Callable[..., Page]


@pytest.fixture
def desk(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    """Forty doubts between three films, and two agents."""
    engine = create_db_engine(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'desk.db')}")
    with write_session(engine) as session:
        for number, title in ((1, "Playtime"), (2, "Mon oncle"), (3, "Trafic"), (4, "Parade")):
            make_known_film(session, number, title, 1960 + number)
        make_doubtful_cases(session, [f"Récréation {number}" for number in range(20)], (1, 2, 3))
        make_doubtful_cases(session, [f"L’École des facteurs {number}" for number in range(20)], (2, 1), "kiosque")
        for login in ("camille", "sacha"):
            add_agent(session, login, login.title(), PASSWORD, datetime.now(UTC))
    yield engine
    engine.dispose()


@pytest.fixture
def sign_in(browser: Browser, desk: Engine) -> Iterator[SignIn]:
    """Signs an agent in with the keyboard; options are those of a browser context."""
    contexts = []
    with serve_site(desk) as address:

        def entered(login: str = "camille", **options: object) -> Page:
            contexts.append(browser.new_context(base_url=address, **options))  # type: ignore[arg-type]
            page = contexts[-1].new_page()
            page.set_default_timeout(10_000)
            page.goto("/agents/a-verifier")
            expect(page.get_by_label("Identifiant")).to_be_focused()
            page.keyboard.type(login)
            page.keyboard.press("Tab")
            page.keyboard.type(PASSWORD)
            page.keyboard.press("Enter")
            expect(page.get_by_role("heading", level=1)).to_have_text("À vérifier")
            if options.get("java_script_enabled", True):
                expect(page.locator("#touches")).to_be_visible()  # a key pressed before the script has run is lost
            return page

        yield entered
        for context in contexts:
            context.close()


def in_hand(page: Page) -> str:
    return page.locator("#cas .case").get_attribute("data-case") or ""


def press(page: Page, key: str) -> str:
    """Answers the case in hand with a key, and waits for the next one; the case answered."""
    answered = in_hand(page)
    page.keyboard.press(key)
    expect(page.locator(f'#cas .case:not([data-case="{answered}"])')).to_be_visible()
    return answered


def settled(engine: Engine) -> dict[str, Verdict | None]:
    with read_session(engine) as session:
        return {str(case.id): case.outcome for case in session.exec(select(ReviewCase)) if case.closed_at}


def acts(engine: Engine) -> list[tuple[str, str]]:
    """Every answer of the trail, with its case."""
    with read_session(engine) as session:
        lines = session.exec(select(AuditLine).order_by(AuditLine.id)).all()  # type: ignore[arg-type]
        return [(line.action, str(line.case_id)) for line in lines if line.action in {*ANSWERS, "undo"}]


def all_travelled(page: Page, engine: Engine, count: int) -> None:
    """Waits until the answers pressed are written."""
    deadline = time.monotonic() + 20
    while len(acts(engine)) < count and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert len(acts(engine)) == count


def test_ten_cases_by_keyboard_then_undo(sign_in: SignIn, desk: Engine) -> None:
    page = sign_in()
    keys = {"1": "same", "2": "same", "3": "same", "a": "none", "i": "unsure", "m": "missing", "p": "skip"}
    pressed = [(keys[key], press(page, key)) for key in "1a2i3mp1a1"]
    all_travelled(page, desk, 10)
    assert acts(desk) == pressed and len({case for _, case in pressed}) == 10
    expect(page.locator("#derniere")).to_contain_text("c’est ce film")
    page.keyboard.press("z")
    expect(page.locator(f'#cas .case[data-case="{pressed[-1][1]}"] h2')).to_be_focused()
    all_travelled(page, desk, 11)
    assert pressed[-1][1] not in settled(desk)
    press(page, "a")
    all_travelled(page, desk, 12)
    assert settled(desk)[pressed[-1][1]] is Verdict.NONE


def test_the_next_case_shows_before_the_answer_has_travelled(sign_in: SignIn, desk: Engine) -> None:
    page, held = sign_in(), list[Route]()
    page.route("**/agents/cas/*", lambda route: held.append(route))
    press(page, "1")
    assert len(held) == 1 and acts(desk) == []
    held[0].continue_()
    all_travelled(page, desk, 1)


def test_keys_pressed_faster_than_the_server_answers_lose_and_double_nothing(sign_in: SignIn, desk: Engine) -> None:
    page = sign_in()
    for key in "1a2i" * 8:
        page.keyboard.press(key)
    expect(page.locator("#cas .case")).to_be_visible()
    page.wait_for_timeout(1500)
    done = acts(desk)
    assert len(done) >= 2 and len({case for _, case in done}) == len(done) and in_hand(page) not in settled(desk)
    expect(page.locator("#alerte")).to_be_empty()


def test_two_agents_at_once_never_see_the_same_case(sign_in: SignIn, desk: Engine) -> None:
    camille, sacha = sign_in("camille"), sign_in("sacha")
    seen: dict[str, list[str]] = {"camille": [], "sacha": []}
    for turn in range(10):
        for name, page in (("camille", camille), ("sacha", sacha)):
            hidden = page.evaluate("document.querySelector('#suivant').content.querySelector('.case')?.dataset.case ?? ''")
            seen[name] += [in_hand(page), hidden]
            press(page, "1" if turn % 2 else "a")
    assert not set(seen["camille"]) & set(seen["sacha"]) - {""}
    all_travelled(camille, desk, 20)


def test_a_search_by_keyboard_and_a_film_found(sign_in: SignIn, desk: Engine) -> None:
    page = sign_in()
    case = in_hand(page)
    page.keyboard.press("r")
    page.keyboard.type("parade a1")
    assert in_hand(page) == case, "what is typed in a field is no answer"
    page.keyboard.press("r")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("parade")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Parade")).to_be_visible()
    assert in_hand(page) == case and press(page, "4") == case
    all_travelled(page, desk, 1)
    with read_session(desk) as session:
        assert session.get_one(ReviewCase, int(case)).chosen_id == 4


def test_the_box_of_a_title_is_checked_by_keyboard_and_travels_with_the_answer(sign_in: SignIn, desk: Engine) -> None:
    page = sign_in()
    box = page.get_by_label("comme autre titre du film").first
    expect(box).not_to_be_checked()  # the number is not the film's
    box.focus()
    page.keyboard.press("Space")
    title = page.locator("#cas .case h2").inner_text()
    press(page, "1")
    all_travelled(page, desk, 1)
    with read_session(desk) as session:
        kept = session.exec(select(FilmTitle).where(FilmTitle.kind == TitleKind.ALIAS)).one()
        assert (kept.title, kept.film_id) == (title, 1)


def test_keys_can_be_switched_off(sign_in: SignIn, desk: Engine) -> None:
    page = sign_in()
    page.get_by_label("répondre par une touche du clavier").uncheck()
    page.keyboard.press("a")
    page.reload()
    case = in_hand(page)
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    assert in_hand(page) == case and acts(desk) == []


@pytest.mark.parametrize("busy", [False, True])
def test_an_answer_that_cannot_travel_or_be_written_is_said(sign_in: SignIn, desk: Engine, busy: bool) -> None:
    page = sign_in()
    page.route("**/agents/cas/*", lambda route: route.fulfill(status=503, body="occupée") if busy else route.abort())
    page.keyboard.press("a")
    expect(page.locator("#cas")).to_contain_text("rechargez la page")
    assert acts(desk) == []


def test_a_session_that_ended_leads_to_the_door(sign_in: SignIn) -> None:
    page = sign_in()
    page.context.clear_cookies()
    page.keyboard.press("a")
    expect(page.get_by_label("Mot de passe")).to_be_visible()


def test_without_script_every_answer_is_a_form(sign_in: SignIn, desk: Engine) -> None:
    page = sign_in(java_script_enabled=False)
    for place in range(4):
        case = in_hand(page)
        names = ("C’est ce film 2", "Aucun de ces films", "Passer", "Indécis")
        page.get_by_role("button", name=names[place]).click()
        assert in_hand(page) != case
    page.get_by_role("button", name="Annuler").click()
    assert [action for action, _ in acts(desk)] == ["same", "none", "skip", "unsure", "undo"] and in_hand(page) == case
