"""How OuVoir behaves on other people's servers."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from scrapy.http import Response

from crawlers.courtesy import polite_delay, retry_after, scrapy_settings, user_agent
from crawlers.platform_file import load_platform
from crawlers.reservation import reserved_places
from crawlers.signature import signature
from crawlers.source_tables import Auth
from records.errors import Problem
from records.settings import VERSION
from tests.crawlers.conftest import PLATFORMS


@pytest.mark.parametrize(("slug", "delay"), [("orange", 1.0), ("video-exemple", 2.0)])
def test_every_run_is_slow_identified_and_obeys_robots(slug: str, delay: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUVOIR_LOOPBACK_DELAY", "0")
    found = scrapy_settings(load_platform(slug, PLATFORMS), ["x"])
    assert found["ROBOTSTXT_OBEY"] is True and found["USER_AGENT"] == user_agent()
    assert found["DOWNLOAD_DELAY"] == delay and found["DOWNLOAD_DELAY_JITTER"] == 0
    assert found["CONCURRENT_REQUESTS"] == 1 and found["COOKIES_ENABLED"] is False
    monkeypatch.setenv("OUVOIR_CONTACT", "https://cinema.example/robot")
    assert user_agent() == f"OuVoir/{VERSION} (+https://cinema.example/robot)"


def test_only_this_machine_may_be_asked_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OUVOIR_LOOPBACK_DELAY", raising=False)
    assert polite_delay("127.0.0.1", 2) == 2
    monkeypatch.setenv("OUVOIR_LOOPBACK_DELAY", "0")
    assert polite_delay("127.0.0.1", 2) == 0
    assert polite_delay("films.example", 2) == 2
    assert polite_delay("10.0.0.1", 2) == 2


@pytest.mark.parametrize(("told", "seconds"), [("2", 2.0), ("", None), ("soon", None), ("-1", None), ("²", None)])
def test_retry_after_is_read(told: str, seconds: float | None) -> None:
    assert retry_after(Response("https://x.example", headers={"Retry-After": told.encode("latin-1")})) == seconds


def test_retry_after_may_be_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    wait = retry_after(Response("https://x.example", headers={"Retry-After": later}))
    assert wait is not None and 80 < wait <= 90


@pytest.mark.parametrize(
    ("body", "places"),
    [
        (b'[{"location": "/films/*", "tdm-reservation": 1}, {"location": "/x", "tdm-reservation": 0}]', ["/films/*"]),
        (b"{}", []),
        (b"[1]", []),
        (b"<html>", []),
    ],
)
def test_mining_reservations_are_read(body: bytes, places: list[str]) -> None:
    assert reserved_places(body) == places


@pytest.mark.parametrize(
    ("scheme", "header", "value"),
    [
        ("bearer", "Authorization", "Bearer nom:mot"),
        ("basic", "Authorization", "Basic bm9tOm1vdA=="),
        ("header", "X-Key", "nom:mot"),
    ],
)
def test_a_request_is_signed_with_a_secret_of_the_environment(
    scheme: str, header: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    auth = Auth.model_validate({"scheme": scheme, "secret": "ESSAI_SECRET", "header": header})
    monkeypatch.setenv("ESSAI_SECRET", "nom:mot")
    assert signature(auth, "essai") == {header: value}
    monkeypatch.delenv("ESSAI_SECRET")
    with pytest.raises(Problem, match=r"essai\.toml : .* variable d'environnement absente : ESSAI_SECRET"):
        signature(auth, "essai")
