"""How OuVoir behaves on other people's servers."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest
from scrapy.http import Response
from scrapy.utils.misc import load_object

from crawlers.extensions.crawl_delay import compute_next_delay
from crawlers.identity import get_request_delay, get_user_agent
from crawlers.middlewares.overload_retry import BACKOFF_DELAYS, compute_retry_wait, get_retry_after
from crawlers.platform_files.loader import load_platform
from crawlers.platform_files.sources import Auth
from crawlers.politeness import build_run_settings
from crawlers.spiders.request_signing import build_auth_header
from domain.common.errors import UserError
from domain.common.settings import VERSION
from tests.crawlers.conftest import PLATFORMS, CannedResponse, Site
from tests.crawlers.fetching import fetch_urls
from tests.crawlers.serving import serve_sites
from tests.crawlers.slow_site import LATENCY, serve_slow_site


@pytest.mark.parametrize(("slug", "delay"), [("orange", 1.0), ("video-exemple", 2.0)])
def test_every_run_is_slow_identified_and_obeys_robots(slug: str, delay: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUVOIR_LOOPBACK_DELAY", "0")
    options = build_run_settings(load_platform(slug, PLATFORMS), ["x"])
    assert options["ROBOTSTXT_OBEY"] is True and options["USER_AGENT"] == get_user_agent()
    assert options["DOWNLOAD_DELAY"] == delay and options["DOWNLOAD_DELAY_JITTER"] == 0
    assert options["CONCURRENT_REQUESTS"] == 1 and options["COOKIES_ENABLED"] is False
    monkeypatch.setenv("OUVOIR_CONTACT", "https://cinema.example/robot")
    assert get_user_agent() == f"OuVoir/{VERSION} (+https://cinema.example/robot)"


def test_only_this_machine_may_be_asked_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OUVOIR_LOOPBACK_DELAY", raising=False)
    assert get_request_delay("127.0.0.1", 2) == 2
    monkeypatch.setenv("OUVOIR_LOOPBACK_DELAY", "0")
    assert get_request_delay("127.0.0.1", 2) == 0
    assert get_request_delay("films.example", 2) == 2
    assert get_request_delay("10.0.0.1", 2) == 2


@pytest.mark.parametrize(("header", "seconds"), [("2", 2.0), ("", None), ("soon", None), ("-1", None), ("²", None)])
def test_retry_after_is_read(header: str, seconds: float | None) -> None:
    assert get_retry_after(Response("https://x.example", headers={"Retry-After": header.encode("latin-1")})) == seconds


def test_retry_after_may_be_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    wait = get_retry_after(Response("https://x.example", headers={"Retry-After": later}))
    assert wait is not None and 80 < wait <= 90


@pytest.mark.parametrize(
    ("previous", "latency", "floor", "status", "following"),
    [
        (2.0, 0.1, 2.0, 200, 2.0),  # never under the floor
        (2.0, 6.0, 2.0, 200, 4.0),  # halfway to the slowness of the site
        (10.0, 0.1, 2.0, 200, 5.05),
        (10.0, 0.1, 2.0, 304, 5.05),
        (10.0, 0.1, 2.0, 404, 10.0),  # an error comes fast and proves nothing
        (10.0, 30.0, 2.0, 500, 20.0),
        (50.0, 500.0, 2.0, 200, 60.0),
    ],
)
def test_the_delay_follows_the_site(previous: float, latency: float, floor: float, status: int, following: float) -> None:
    assert compute_next_delay(previous, latency, floor, status) == following


def test_without_a_word_from_the_server_the_waits_grow_then_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OUVOIR_LOOPBACK_DELAY", raising=False)
    refusal = Response("https://x.example", status=503)
    assert [compute_retry_wait(refusal, times) for times in range(4)] == [*BACKOFF_DELAYS, None]
    response = Response("https://x.example", status=429, headers={"Retry-After": "7"})
    assert [compute_retry_wait(response, times) for times in (0, 4, 5)] == [7, 7, None]
    assert compute_retry_wait(Response("https://x.example", status=429, headers={"Retry-After": "86400"}), 0) is None


@pytest.mark.parametrize("delay", [0.0, 0.05])
def test_never_two_requests_at_a_time(delay: float) -> None:
    with serve_slow_site() as site:
        done = fetch_urls(*[f"{site.origin}/film/{number}" for number in range(12)], delay=delay)
    assert site.paths[:2] == ["/robots.txt", "/.well-known/tdmrep.json"] and len(done["ends"]) == 12 and site.max_pending == 1
    assert all(later - earlier >= delay + LATENCY for earlier, later in pairwise(site.moments))  # a rest after each answer


def test_a_server_asked_too_much_ends_the_run_whatever_remains(site: Site) -> None:
    site.responses["/film"] = CannedResponse(status=429)
    done = fetch_urls(f"{site.origin}/film", f"{site.origin}/other", f"{site.origin}/more")
    message = f"réponse 429 (trop de demandes) après 4 essais, collecte arrêtée : {site.origin}/film"
    assert done["stopped"] == message and done["ends"][-1][1] == message
    assert site.list_paths().count("/film") == 4 and len(done["ends"]) == 1


ROBOTS = [
    (CannedResponse(b"User-agent: *\nCrawl-delay: 31"), "robots.txt demande 31 secondes entre deux demandes : demander un flux"),
    (CannedResponse(b"User-agent: *\nRequest-rate: 1/90s"), "robots.txt demande 90 secondes"),
    (CannedResponse(b"User-agent: OuVoir\nDisallow: /"), "robots.txt interdit cette adresse"),
    (CannedResponse(b"\xff\xfe\0\nUser-agent: *\nDisallow: /film"), "robots.txt interdit cette adresse"),
    (
        CannedResponse(status=302, headers={"Location": "https://elsewhere.example/"}),
        "robots.txt injoignable, rien n'est collecté : adresse",
    ),
    (CannedResponse(status=500), "robots.txt injoignable, rien n'est collecté : réponse 500"),
    (CannedResponse(b"#" * 600_000 + b"\nUser-agent: *\nDisallow: /"), None),  # beyond what RFC 9309 asks to read
    (CannedResponse(b"User-agent: *\nDisallow: /", status=403), None),
    (CannedResponse(b"<html><title>404"), None),
]


def test_robots_is_obeyed_whatever_it_holds() -> None:
    with serve_sites("/robots.txt", [answer for answer, _ in ROBOTS]) as sites:
        ends = fetch_urls(*[f"{site.origin}/film" for site in sites], RETRY_TIMES=0)["ends"]
    for (_, message), site in zip(ROBOTS, sites, strict=True):
        assert ("/film" in site.list_paths()) is (message is None)
    refusals = [end[1] for end in ends if end[0] == "RequestRefusedError"]
    assert all(any(text.startswith(message) for text in refusals) for _, message in ROBOTS if message) and len(refusals) == 6


DANGERS = [
    ("endless", "DownloadCancelledError"),
    *[("bomb", "IgnoreRequest")] * 8,
    ("drip", "DownloadTimeoutError"),
    ("loop/", "IgnoreRequest"),
    ("flood", "DownloadFailedError"),
]


def test_no_answer_can_hold_or_fill_the_reader() -> None:
    with serve_slow_site() as site:
        urls = [f"{site.origin}/{path}" for path, _ in DANGERS]
        done = fetch_urls(*urls, DOWNLOAD_TIMEOUT=2, RETRY_TIMES=0)
    assert sorted(end[0] for end in done["ends"]) == sorted(kind for _, kind in DANGERS)
    assert done["megabytes"] < 300 and sum(path.startswith("/loop/") for path in site.paths) == 6


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
    assert build_auth_header(auth, "essai") == {header: value}
    monkeypatch.delenv("ESSAI_SECRET")
    with pytest.raises(UserError, match=r"essai\.toml : .* variable d'environnement absente : ESSAI_SECRET"):
        build_auth_header(auth, "essai")


def test_every_class_named_in_the_settings_exists() -> None:
    options = build_run_settings(load_platform("orange", PLATFORMS), ["x"])
    components = [options[name] for name in ("EXTENSIONS", "DOWNLOADER_MIDDLEWARES", "ITEM_PIPELINES")]
    paths = [path for table in components for path in table] + [path for path in options["DOWNLOAD_HANDLERS"].values() if path]
    assert all(isinstance(load_object(path), type) for path in [*paths, options["TWISTED_DNS_RESOLVER"]])
