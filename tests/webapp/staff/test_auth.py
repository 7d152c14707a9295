"""Test the agents' session: its cookie, its forms, where signing in leads; and nothing of it on public pages."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from markupsafe import escape
from werkzeug.test import TestResponse

from tests.webapp.staff.conftest import HISTORY, HOME, LOGIN, PASSWORD, REVIEW, SAME_ORIGIN, SIGN_IN, SIGN_OUT, StaffClient
from tests.webapp.test_site import ANSWERS

FOREIGN: list[dict[str, str]] = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:8001"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
]


def test_the_cookie_is_for_the_desk_alone(sqlite_staff: StaffClient) -> None:
    set_cookie = sqlite_staff.sign_in().headers["Set-Cookie"]
    flags = {part.strip() for part in set_cookie.split(";")[1:]}
    assert set_cookie.startswith("ouvoir_agent=") and {"HttpOnly", "Path=/agents", "SameSite=Strict"} <= flags
    assert "Secure" not in flags and not [flag for flag in flags if flag.startswith(("Domain", "Expires", "Max-Age"))]


@pytest.mark.parametrize("headers", [{"Origin": "https://localhost"}, {}])
def test_the_cookie_is_secure_over_https(sqlite_staff: StaffClient, headers: dict[str, str]) -> None:
    """By itself, or behind a proxy that holds the certificate: the browser's Origin says so."""
    base_url = "http://localhost" if headers else "https://localhost"
    assert "; Secure" in sqlite_staff.sign_in(headers=headers, base_url=base_url).headers["Set-Cookie"]


@pytest.mark.parametrize("headers", FOREIGN)
def test_no_other_site_can_sign_somebody_in_or_out(sqlite_staff: StaffClient, headers: dict[str, str]) -> None:
    refused = sqlite_staff.sign_in(headers=headers)
    assert refused.status_code == 403 and "Set-Cookie" not in refused.headers and "autre site" in refused.text
    sqlite_staff.sign_in()
    assert sqlite_staff.sign_out(headers=headers).status_code == 403 and sqlite_staff.is_signed_in()


@pytest.mark.parametrize("csrf", ["", "0" * 64, "é"])
def test_a_form_without_the_mark_of_the_session_is_refused_in_french(sqlite_staff: StaffClient, csrf: str) -> None:
    sqlite_staff.sign_in()
    for headers in (SAME_ORIGIN, {}):
        answer = sqlite_staff.sign_out(csrf, headers)
        assert answer.status_code == 403 and "formulaire" in answer.text and answer.headers["Cache-Control"] == "no-store"
    assert sqlite_staff.is_signed_in()


def test_a_mark_belongs_to_one_session(sqlite_staff: StaffClient) -> None:
    sqlite_staff.sign_in()
    earlier = sqlite_staff.get_csrf_token()
    sqlite_staff.sign_out()
    sqlite_staff.sign_in()
    assert earlier and sqlite_staff.get_csrf_token() != earlier and sqlite_staff.sign_out(earlier).status_code == 403


def test_a_form_is_good_as_long_as_its_session(sqlite_staff: StaffClient) -> None:
    """Flask-WTF's own limit, an hour, is off."""
    sqlite_staff.sign_in()
    csrf = sqlite_staff.get_csrf_token()
    for _ in range(4):
        sqlite_staff.clock.shift(timedelta(minutes=25))
        assert sqlite_staff.is_signed_in()
    assert sqlite_staff.sign_out(csrf).status_code == 303 and not sqlite_staff.is_signed_in()


@pytest.mark.parametrize("value", ["1|x", "x", "1|" + "0" * 128])
def test_the_cookie_that_flask_login_could_set_is_never_read(sqlite_staff: StaffClient, value: str) -> None:
    sqlite_staff.client.set_cookie("remember_token", value, path="/")
    assert sqlite_staff.client.get(HOME).status_code == 303
    sqlite_staff.sign_in()
    assert sqlite_staff.is_signed_in()


def test_staff_pages_set_no_cookie_once_signed_in(sqlite_staff: StaffClient) -> None:
    sqlite_staff.sign_in()
    for address in (HOME, REVIEW, HISTORY):
        headers = sqlite_staff.client.get(address).headers
        assert "Set-Cookie" not in headers and "Cookie" not in headers.get("Vary", "")


INSIDE = ["/agents/historique", "/agents/historique?agent=camille", "/agents/a-verifier?plateforme=cine&q=%C3%A9t%C3%A9"]
OUTSIDE = ["//evil.example", "///evil.example", "https://evil.example/agents/", "\\\\evil.example", "/\\evil.example", "/", ""]
OUTSIDE += [
    "/agents/../",
    "/agents/..",
    "/agents/%2e%2e/",
    "/agents/%252e%252e/x",
    "/agents//evil.example",
    "/agents/\\..\\",
    "/agentsx/",
]
OUTSIDE += ["/agents/\r\nSet-Cookie: a=b", "/agents/é", "javascript:alert(1)", SIGN_IN, SIGN_OUT, "/agents/%63onnexion"]


@pytest.mark.parametrize("suite", [*INSIDE, *OUTSIDE])
def test_signing_in_leads_to_the_page_asked_for_if_it_is_of_the_desk(sqlite_staff: StaffClient, suite: str) -> None:
    posted = {"login": LOGIN, "password": PASSWORD, "suite": suite}
    answer = sqlite_staff.client.post(SIGN_IN, data=posted, headers=SAME_ORIGIN)
    expected = suite if suite in INSIDE else HOME
    assert (answer.status_code, answer.headers["Location"]) == (303, expected)
    assert sqlite_staff.client.get(SIGN_IN, query_string={"suite": suite}).headers["Location"] == expected


@pytest.mark.parametrize("address", INSIDE)
def test_the_page_asked_for_is_remembered_by_the_form(sqlite_staff: StaffClient, address: str) -> None:
    form = sqlite_staff.client.get(address, follow_redirects=True)
    assert form.status_code == 200 and f'name="suite" value="{escape(address)}"' in form.text


def test_what_was_posted_without_a_session_is_not_sent_twice(sqlite_staff: StaffClient) -> None:
    assert sqlite_staff.client.post(SIGN_OUT, headers=SAME_ORIGIN).headers["Location"] == SIGN_IN


@pytest.mark.parametrize("token", ["", "x", "é", "a" * 4000, "\N{NULL}", "' OR 1=1 --"])
def test_a_cookie_made_up_opens_nothing(staff: StaffClient, token: str) -> None:
    staff.client.set_cookie("ouvoir_agent", token, path="/agents")
    assert not staff.is_signed_in() and staff.client.get(SIGN_IN).status_code == 200
    assert staff.client.post(SIGN_OUT, data={"csrf": ""}, headers=SAME_ORIGIN).status_code in (303, 403)


@pytest.mark.parametrize("address", [SIGN_IN, HOME, REVIEW, "/agents/historique", "/agents/nulle-part", SIGN_OUT])
def test_nothing_of_the_desk_is_kept_by_caches(sqlite_staff: StaffClient, address: str) -> None:
    for _ in range(2):
        answer = sqlite_staff.client.get(address)
        assert (
            answer.headers["Cache-Control"] == "no-store"
            and "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        )
        sqlite_staff.sign_in()
    assert (
        sqlite_staff.client.get("/agents/nulle-part").status_code == 404 and sqlite_staff.client.get(SIGN_OUT).status_code == 405
    )


def _apart_from_rate(answer: TestResponse) -> dict[str, str]:
    """Return the headers, but for how many requests are left to whoever asks."""
    return {name: value for name, value in answer.headers if not name.startswith("RateLimit")}


@pytest.mark.parametrize("address", ANSWERS)
def test_public_answers_are_the_same_for_an_agent(client: FlaskClient, address: str) -> None:
    expected = client.get(address)
    client.set_cookie("ouvoir_agent", "x" * 43, path="/")
    response = client.get(address)
    assert "Set-Cookie" not in response.headers and "Cookie" not in response.headers.get("Vary", "")
    assert (_apart_from_rate(response), response.data) == (_apart_from_rate(expected), expected.data)
    assert "/agents" not in response.text
