"""What a link gives, over real HTTP: politely, never off the service's sites, never for long."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from crawlers.link_checker.client import LinkChecker
from crawlers.link_checker.statuses import LinkCheckResult, classify_status, is_home_page
from crawlers.platform_files.loader import PlatformFile
from domain.common.enums import LinkFinding
from domain.common.errors import UserError
from tests.crawlers.link_checker.conftest import FILM_PATH, FakeService

pytestmark = pytest.mark.usefixtures("rehearsing")
FINE, GONE, FAULT, REFUSED = LinkFinding.FINE, LinkFinding.GONE, LinkFinding.FAULT, LinkFinding.REFUSED


def ask(service: FakeService, platform: PlatformFile, path: str = FILM_PATH, timeout: float = 20.0) -> LinkCheckResult:
    with LinkChecker(platform, timeout) as checker:
        return checker.check_link(path if "://" in path else service.origin + path)


@pytest.mark.parametrize(
    ("status", "told_when", "finding"),
    [(200, False, FINE), (204, False, FINE), (404, False, GONE), (410, False, GONE), (401, False, REFUSED), (429, False, REFUSED),
     (451, False, REFUSED), (500, False, FAULT), (503, False, FAULT), (503, True, REFUSED), (304, False, FAULT)],
)  # fmt: skip
def test_a_status_is_judged(status: int, told_when: bool, finding: LinkFinding) -> None:
    assert classify_status(status, told_when) == LinkCheckResult(finding, status)


def test_a_home_page_is_known_in_any_language() -> None:
    assert all(map(is_home_page, ("", "/", "/fr", "/fr/", "/fr-FR/", "/EN_us")))
    assert not any(map(is_home_page, ("/film", "/fr/film", "/vod", "//", "/f")))


def test_a_page_that_is_there_is_asked_once_by_head_and_by_a_robot_with_a_name(
    service: FakeService, platform: PlatformFile
) -> None:
    service.set_response(FILM_PATH, 200)
    assert ask(service, platform) == LinkCheckResult(FINE, 200)
    assert service.requests == ["GET /robots.txt", f"HEAD {FILM_PATH}"]
    assert all(agent.startswith("OuVoir/") for agent in service.user_agents)


def test_a_link_is_asked_wherever_a_loop_runs_already(service: FakeService, platform: PlatformFile) -> None:
    service.set_response(FILM_PATH, 200)

    async def inside() -> LinkCheckResult:
        return ask(service, platform)

    with ThreadPoolExecutor(1) as apart:  # the browser of other tests may leave a loop in this thread
        assert apart.submit(asyncio.run, inside()).result() == LinkCheckResult(FINE, 200)


@pytest.mark.parametrize("refusal", [403, 405, 501])
def test_where_head_is_refused_the_page_is_asked_for(service: FakeService, platform: PlatformFile, refusal: int) -> None:
    service.responses[FILM_PATH] = lambda method: (refusal if method == "HEAD" else 200, {})
    assert ask(service, platform) == LinkCheckResult(FINE, 200)
    assert service.list_film_requests() == [f"HEAD {FILM_PATH}", f"GET {FILM_PATH}"]


def test_a_page_is_gone_only_when_get_says_so_too(service: FakeService, platform: PlatformFile) -> None:
    assert ask(service, platform) == LinkCheckResult(GONE, 404)
    assert service.list_film_requests() == [f"HEAD {FILM_PATH}", f"GET {FILM_PATH}"]
    service.responses[FILM_PATH] = lambda method: (404 if method == "HEAD" else 200, {})
    assert ask(service, platform) == LinkCheckResult(FINE, 200)


def test_a_page_sent_to_another_is_followed_and_one_sent_home_is_gone(service: FakeService, platform: PlatformFile) -> None:
    service.set_response(FILM_PATH, 301, Location="/film/un-titre")
    service.set_response("/film/un-titre", 200)
    assert ask(service, platform) == LinkCheckResult(FINE, 200)
    service.set_response(FILM_PATH, 302, Location="/fr/?from=film")
    assert ask(service, platform) == LinkCheckResult(GONE, 302)
    assert not [request for request in service.requests if "/fr/" in request]


def test_a_home_page_that_is_itself_the_link_is_no_broken_one(service: FakeService, platform: PlatformFile) -> None:
    service.set_response("/", 302, Location="/fr/")
    service.set_response("/fr/", 200)
    assert ask(service, platform, "/") == LinkCheckResult(FINE, 200)


@pytest.mark.parametrize(
    "place",
    ["https://ailleurs.example/film", "http://10.0.0.1/film", "http://169.254.169.254/latest/meta-data", "http://[::1]/film",
     "file:///etc/passwd", "http://127.0.0.1@ailleurs.example/", "http://user:secret@127.0.0.1/film"],
)  # fmt: skip
def test_a_redirect_that_leaves_the_service_is_not_followed(service: FakeService, platform: PlatformFile, place: str) -> None:
    service.set_response(FILM_PATH, 302, Location=place)
    assert ask(service, platform) == LinkCheckResult(REFUSED)
    assert service.list_film_requests() == [f"HEAD {FILM_PATH}"]


def test_redirects_without_end_are_a_fault(service: FakeService, platform: PlatformFile) -> None:
    service.set_response(FILM_PATH, 302, Location="/film/2")
    service.set_response("/film/2", 302, Location=FILM_PATH)
    assert ask(service, platform) == LinkCheckResult(FAULT, 302)
    assert len(service.list_film_requests()) == 6


@pytest.mark.parametrize("place", ["http://[", "http://127.0.0.1:99999999/x", "javascript:alert(1)", "https://xn--/", "//"])
def test_a_redirect_that_makes_no_sense_hides_nothing(service: FakeService, platform: PlatformFile, place: str) -> None:
    service.set_response(FILM_PATH, 302, Location=place)
    assert ask(service, platform).finding in (FAULT, REFUSED)


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/x", "http://[::", "https://", "http://127.0.0.1:0/x", "mailto:a@b.example", "http://é.example/x", "http://\ud800"]
)  # fmt: skip
def test_a_strange_link_hides_nothing(service: FakeService, platform: PlatformFile, url: str) -> None:
    assert ask(service, platform, url).finding in (FAULT, REFUSED)


def test_an_answer_that_drips_is_left_after_a_while(service: FakeService, platform: PlatformFile) -> None:
    assert ask(service, platform, "/drip", timeout=0.5) == LinkCheckResult(FAULT)


def test_nobody_there_is_a_fault(platform: PlatformFile) -> None:
    with LinkChecker(platform) as checker:
        assert checker.check_link("http://127.0.0.1:9/film") == LinkCheckResult(FAULT)


def test_what_robots_txt_forbids_is_not_asked(service: FakeService, platform: PlatformFile) -> None:
    service.robots = (200, b"User-agent: OuVoir\nDisallow: /film/\n")
    assert ask(service, platform) == LinkCheckResult(REFUSED)
    service.robots = (200, b"User-agent: *\nCrawl-delay: 31\n")
    assert ask(service, platform) == LinkCheckResult(REFUSED)
    assert service.list_film_requests() == []


def test_a_redirect_to_a_forbidden_page_is_not_followed(service: FakeService, platform: PlatformFile) -> None:
    service.robots = (200, b"User-agent: *\nDisallow: /prive\n")
    service.set_response(FILM_PATH, 302, Location="/prive/1")
    assert ask(service, platform) == LinkCheckResult(REFUSED)
    assert service.list_film_requests() == [f"HEAD {FILM_PATH}"]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_robots_txt_that_cannot_be_had_forbids_everything(service: FakeService, platform: PlatformFile, status: int) -> None:
    service.robots = (status, b"")
    with LinkChecker(platform) as checker:
        assert [checker.check_link(service.origin + path) for path in (FILM_PATH, "/film/2")] == [LinkCheckResult(FAULT)] * 2
    assert service.requests == ["GET /robots.txt"]


def test_a_page_in_place_of_robots_txt_forbids_nothing(service: FakeService, platform: PlatformFile) -> None:
    service.robots = (200, b"<!doctype html><p>User-agent: *\nDisallow: /")
    service.set_response(FILM_PATH, 200)
    assert ask(service, platform).finding is FINE


def test_requests_to_a_host_are_one_at_a_time_and_apart(
    service: FakeService, platform: PlatformFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUVOIR_LOOPBACK_DELAY", "0.05")
    with LinkChecker(platform) as checker:
        for number in range(3):
            checker.check_link(f"{service.origin}/film/{number}")
    assert len(service.requests) == 7 and service.max_in_flight == 1
    assert all(later - earlier >= 0.05 for earlier, later in pairwise(service.request_times))


def test_this_machine_is_asked_only_in_a_rehearsal(
    service: FakeService, platform: PlatformFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OUVOIR_ALLOW_LOOPBACK")
    assert ask(service, platform).finding in (FAULT, REFUSED)
    assert service.requests == []


def test_nothing_is_asked_of_a_real_site_in_nobody_s_name(platform: PlatformFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OUVOIR_CONTACT", raising=False)
    with pytest.raises(UserError, match="OUVOIR_CONTACT"):
        LinkChecker(platform.model_copy(update={"hosts": frozenset({"films.example"})}))
