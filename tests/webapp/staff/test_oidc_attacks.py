"""Test a provider that lies, sends nonsense, or is not there: nobody signs in by it, and no page breaks."""

import base64
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from domain.common.errors import UserError
from domain.common.settings import get_settings
from tests.webapp.staff.conftest import SAME_ORIGIN, SIGN_OUT
from tests.webapp.staff.identity_provider import EMAIL, ENVIRONMENT, SECRET, FakeProvider, serve_fake_provider
from tests.webapp.staff.test_auth import OUTSIDE
from tests.webapp.staff.test_oidc_views import BACK, HISTORY, LEAVE, Returning
from webapp.app import create_app
from webapp.staff import oidc_client as module
from webapp.staff.oidc_client import Provider
from webapp.staff.rate_limit import RATE_LIMIT_KEY, SignInRateLimiter


@pytest.fixture
def fake_provider() -> Iterator[FakeProvider]:
    with serve_fake_provider() as payload:
        yield payload


@pytest.fixture
def browser(sqlite_engine: Engine, fake_provider: FakeProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Returning:
    monkeypatch.setenv("OUVOIR_VAR", str(tmp_path))
    for name, value in (ENVIRONMENT | {"OUVOIR_OIDC_ISSUER": fake_provider.address}).items():
        monkeypatch.setenv(name, value)
    return Returning(sqlite_engine)


def come_back(browser: Returning, fake_provider: FakeProvider, next_url: str = "") -> TestResponse:
    """Go there and come back: the impostor learns the nonce, as any provider would."""
    params = parse_qs(urlsplit(browser.leave(next_url)).query)
    fake_provider.nonce = fake_provider.nonce or params["nonce"][0]
    return browser.client.get(BACK, query_string={"code": "c", "state": params["state"][0]})


@pytest.mark.parametrize("signs", [True, False])
def test_without_a_lie_it_opens(browser: Returning, fake_provider: FakeProvider, signs: bool) -> None:
    fake_provider.signs_userinfo = signs
    assert come_back(browser, fake_provider).status_code == 200 and browser.is_signed_in()
    sent = dict(fake_provider.requests)["/token"]
    assert sent == {
        "grant_type": ["authorization_code"],
        "code": ["c"],
        "redirect_uri": [f"http://localhost{BACK}"],
        "client_id": ["ouvoir"],
        "client_secret": [SECRET],
    }


WRONG = [
    {"nonce": "un autre"},
    {"nonce": None},
    {"aud": "un-autre-client"},
    {"aud": ["ouvoir", "un-autre-client"]},
    {"aud": None},
    {"iss": "https://autre.exemple.fr"},
    {"iss": None},
    {"exp": 1},
    {"exp": None},
    {"exp": float("nan")},
    {"iat": 9_999_999_999},
    {"sub": None},
    {"sub": 7},
    {"acr": None},
    {"acr": "eidas1"},
    {"acr": ["eidas3"]},
]


@pytest.mark.parametrize("claims", WRONG, ids=str)
def test_an_identity_token_that_is_not_ours_opens_nothing(
    browser: Returning, fake_provider: FakeProvider, claims: dict[str, object]
) -> None:
    fake_provider.claims = claims
    answer = come_back(browser, fake_provider)
    assert answer.status_code == 403 and not browser.is_signed_in()
    assert browser.list_trail() == [("sign-in-failed", "acr" if "acr" in claims else "token")]


def forge(fake_provider: FakeProvider, forgery: str) -> None:
    """Sign the right claims otherwise."""
    fake_provider.published_keys = [fake_provider.key]
    if forgery == "another key under the same name":
        fake_provider.key = RSAKey.generate_key(2048, {"kid": "first"})
    elif forgery == "a key that is not published":
        fake_provider.key, fake_provider.header = RSAKey.generate_key(2048), {"alg": "RS256", "kid": "mine"}
    elif forgery == "the client's secret":
        fake_provider.key, fake_provider.header = OctKey.import_key(SECRET), {"alg": "HS256", "kid": "first"}
    else:
        forged = ECKey.generate_key("P-256", {"kid": "first"})
        fake_provider.key, fake_provider.header = forged, {"alg": "ES256", "kid": "first", "jwk": forged.as_dict(private=False)}


FORGED = ["another key under the same name", "a key that is not published", "the client's secret"]


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("forgery", [*FORGED, "a key it brings along"])
def test_a_token_signed_by_somebody_else_opens_nothing(browser: Returning, fake_provider: FakeProvider, forgery: str) -> None:
    forge(fake_provider, forgery)
    assert come_back(browser, fake_provider).status_code == 403 and not browser.is_signed_in()
    assert browser.list_trail() == [("sign-in-failed", "token")]


def by_hand(claims: dict[str, object], alg: object, secret: bytes) -> bytes:
    """Build what no library would sign: no signature at all, or one with the public key taken for a shared secret."""
    parts = [json.dumps(part).encode() for part in ({"alg": alg, "kid": "first"}, claims)]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = hmac.digest(secret, signed, "sha256") if alg == "HS256" else b""
    return signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")


@pytest.mark.parametrize("alg", ["none", "None", "", None, 7, "HS256"])
def test_a_token_that_nobody_signed_opens_nothing(browser: Returning, fake_provider: FakeProvider, alg: object) -> None:
    params = parse_qs(urlsplit(browser.leave()).query)
    fake_provider.nonce = params["nonce"][0]
    claims = json.loads(base64.urlsafe_b64decode(fake_provider.build_id_token().split(".")[1] + "=="))
    assert isinstance(fake_provider.key, RSAKey)
    payload = {"access_token": "a", "id_token": by_hand(claims, alg, fake_provider.key.as_pem(private=False)).decode()}
    fake_provider.overrides["/token"] = (200, json.dumps(payload).encode())
    answer = browser.client.get(BACK, query_string={"code": "c", "state": params["state"][0]})
    assert answer.status_code == 403 and browser.list_trail() == [("sign-in-failed", "token")]


LIES = [{"sub": "sujet-2"}, {"sub": ""}, {"iss": "https://autre.exemple.fr"}, {"aud": "un-autre-client"}]


@pytest.mark.parametrize("facts", LIES, ids=str)
def test_facts_of_somebody_else_open_nothing(browser: Returning, fake_provider: FakeProvider, facts: dict[str, object]) -> None:
    fake_provider.userinfo_claims = facts
    assert come_back(browser, fake_provider).status_code == 403 and browser.list_trail() == [("sign-in-failed", "userinfo")]
    fake_provider.signs_userinfo = False
    if "sub" in facts:
        fake_provider.nonce = ""
        assert come_back(browser, fake_provider).status_code == 403 and not browser.is_signed_in()


@pytest.mark.parametrize("email", ["", "camille", "camille.martin@exemple.fr.pirate.example", "%", None])
def test_an_address_that_is_not_the_one_written_opens_nothing(
    browser: Returning, fake_provider: FakeProvider, email: str | None
) -> None:
    fake_provider.userinfo_claims = {"email": email}
    assert come_back(browser, fake_provider).status_code in (403, 503) and not browser.is_signed_in()


def test_the_way_on_never_leads_elsewhere(browser: Returning, fake_provider: FakeProvider) -> None:
    for suite in OUTSIDE:
        fake_provider.nonce = ""
        assert 'content="0; url=/agents/"' in come_back(browser, fake_provider, suite).text, suite


def test_new_keys_are_read_when_a_token_names_one(
    browser: Returning, fake_provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert come_back(browser, fake_provider).status_code == 200
    fake_provider.key, fake_provider.header, fake_provider.nonce = (
        RSAKey.generate_key(2048, {"kid": "second"}),
        {"alg": "RS256", "kid": "second"},
        "",
    )
    assert come_back(browser, fake_provider).status_code == 403, (
        "not at once: whoever sends unknown keys must not make us ask each time"
    )
    monkeypatch.setattr(module, "_MIN_KEYS_AGE", 0)
    fake_provider.nonce = ""
    assert (
        come_back(browser, fake_provider).status_code == 200 and [path for path, _ in fake_provider.requests].count("/jwks") == 2
    )


NONSENSE = [(500, b"<html>"), (200, b""), (200, b"[]"), (200, b"{}"), (200, b"\xff\xfe"), (302, b""), (200, b"[" * 100_000)]
ENDPOINTS = ["/.well-known/openid-configuration", "/token", "/jwks", "/me"]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_nonsense_is_told_in_one_french_line(browser: Returning, fake_provider: FakeProvider, endpoint: str) -> None:
    for nonsense in NONSENSE:
        fake_provider.overrides[endpoint], fake_provider.nonce = nonsense, ""
        browser.client.application.extensions[RATE_LIMIT_KEY] = SignInRateLimiter()
        answer = browser.client.get(LEAVE)
        if answer.status_code == 303:
            answer = come_back(browser, fake_provider)
        assert answer.status_code == 503 and "ProConnect ne répond pas" in answer.text, (nonsense[0], nonsense[1][:9])
        assert answer.headers["Retry-After"] == "30" and not browser.is_signed_in()


@pytest.mark.parametrize("change", [{"issuer": "https://autre.exemple.fr"}, {"token_endpoint": "http://autre.exemple.fr/token"}])
def test_a_description_of_another_or_in_clear_is_not_believed(
    browser: Returning, fake_provider: FakeProvider, change: dict[str, str]
) -> None:
    payload = json.loads(fake_provider.get_answer("/.well-known/openid-configuration")[1])
    fake_provider.overrides["/.well-known/openid-configuration"] = (200, json.dumps(payload | change).encode())
    assert browser.client.get(LEAVE).status_code == 503


def test_a_provider_too_slow_or_endless_is_left(
    browser: Returning, fake_provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MAX_RESPONSE_BYTES", 10)
    assert browser.client.get(LEAVE).status_code == 503
    monkeypatch.setattr(module, "_MAX_RESPONSE_BYTES", 200_000)
    monkeypatch.setattr(module, "_MAX_RESPONSE_SECONDS", -1)
    assert browser.client.get(LEAVE).status_code == 503


def test_who_is_in_leaves_even_when_the_provider_is_gone(browser: Returning, fake_provider: FakeProvider) -> None:
    come_back(browser, fake_provider)
    csrf = browser.client.get(HISTORY).text.partition('name="csrf" value="')[2].partition('"')[0]
    provider = browser.client.application.extensions["ouvoir.provider"]
    assert isinstance(provider, Provider)
    provider._metadata, fake_provider.overrides = None, dict.fromkeys(ENDPOINTS, (500, b""))
    response = browser.client.post(SIGN_OUT, data={"csrf": csrf}, headers=SAME_ORIGIN)
    assert (response.status_code, response.headers["Location"]) == (303, "/agents/connexion") and not browser.is_signed_in()


def test_trying_again_and_again_is_slowed(browser: Returning) -> None:
    codes = [browser.client.get(BACK, query_string={"code": "c", "state": "s"}).status_code for _ in range(6)]
    assert codes == [403] * 5 + [429]
    assert len(browser.list_trail()) == 5


def test_an_account_without_password_does_not_open_by_the_form(browser: Returning) -> None:
    for password in ("", EMAIL, "mot de passe de personne"):
        sent = {"login": "camille.martin", "password": password}
        assert browser.client.post("/agents/connexion", data=sent, headers=SAME_ORIGIN).status_code == 403


def test_without_configuration_there_is_no_such_way(sqlite_engine: Engine) -> None:
    client = create_app(sqlite_engine).test_client()
    assert [client.get(address).status_code for address in (LEAVE, BACK)] == [404, 404]
    assert "ProConnect" not in client.get("/agents/connexion").text


HALF = [
    ({"OUVOIR_OIDC_ISSUER": "https://a.exemple.fr"}, "OUVOIR_OIDC_CLIENT_ID"),
    (ENVIRONMENT, "OUVOIR_OIDC_ISSUER"),
    (ENVIRONMENT | {"OUVOIR_OIDC_ISSUER": "http://a.exemple.fr"}, "https"),
    (ENVIRONMENT | {"OUVOIR_OIDC_ISSUER": "a.exemple.fr"}, "https"),
]


@pytest.mark.parametrize(("environment", "payload"), HALF, ids=str)
def test_a_provider_badly_named_stops_the_site_with_a_line(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], payload: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UserError, match=payload) as error:
        create_app(sqlite_engine)
    assert SECRET not in str(error.value)


def test_the_whole_address_of_the_description_is_taken_too(monkeypatch: pytest.MonkeyPatch) -> None:
    metadata_url = "https://a.exemple.fr/api/v2/.well-known/openid-configuration"
    for name, value in (ENVIRONMENT | {"OUVOIR_OIDC_ISSUER": metadata_url}).items():
        monkeypatch.setenv(name, value)
    environment = get_settings().identity_provider
    assert environment and environment.issuer == "https://a.exemple.fr/api/v2" and SECRET not in repr(environment)


def test_under_a_public_name_the_way_back_is_https_and_the_cookie_secure(
    browser: Returning, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUVOIR_HOSTS", "vod.exemple.fr")
    answer = browser.client.get(LEAVE, base_url="http://vod.exemple.fr")
    params = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert params["redirect_uri"] == [f"https://vod.exemple.fr{BACK}"] and "; Secure" in answer.headers["Set-Cookie"]
