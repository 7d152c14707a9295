"""Test the page of offers seen too early."""

from datetime import date

from domain.common.enums import CaseCause
from domain.db.engine import write_session
from domain.models.columns import get_id
from domain.review.queue import ReviewRequest, request_review
from tests.domain.builders import make_rental
from tests.domain.windows.test_anomalies import APRIL, JANUARY, add_release, show_film
from tests.webapp.staff.conftest import NOW, StaffClient

ADDRESS = "/agents/anomalies"


def test_the_page_lists_what_was_seen_too_early_and_leads_to_film_and_desk(sqlite_staff: StaffClient) -> None:
    with write_session(sqlite_staff.engine) as session:
        film = add_release(session, 1, JANUARY)
        film.title = "<b>Un film</b>"
        entry = show_film(session, film, make_rental(), at=APRIL)
        show_film(session, add_release(session, 2, date(2020, 1, 1)), make_rental(), slug="autre")
        request_review(session, get_id(entry), None, ReviewRequest(CaseCause.DOUBT, 1, 0.9), NOW)
    sqlite_staff.sign_in()
    page = sqlite_staff.client.get(ADDRESS).text.replace("\N{NO-BREAK SPACE}", " ")
    assert "&lt;b&gt;Un film&lt;/b&gt;" in page and 'href="/films/1-un-film"' in page and "Film 2" not in page
    assert "8 avril 2026" in page and "9 avril 2026" in page and "location" in page and "matcher test" in page
    assert 'href="/agents/a-verifier?plateforme=orange"' in page


def test_without_anomaly_it_says_so_and_the_menu_leads_there(sqlite_staff: StaffClient) -> None:
    sqlite_staff.sign_in()
    page = sqlite_staff.client.get(ADDRESS).text
    assert "Aucune." in page and f'<a href="{ADDRESS}" aria-current="page">Anomalies</a>' in page


def test_it_is_behind_the_door(sqlite_staff: StaffClient) -> None:
    assert sqlite_staff.client.get(ADDRESS).status_code == 303
