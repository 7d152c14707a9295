"""A crawler connects to its platform's hosts, and never to a local or private address."""

import pytest
from scrapy import Request

from crawlers.guard import AddressGuard, Refused, _only_public, is_loopback, is_reachable

LOCAL = [
    "127.0.0.1",
    "127.9.9.9",
    "10.0.0.1",
    "192.168.1.1",
    "172.16.0.1",
    "169.254.169.254",
    "0.0.0.0",
    "224.0.0.1",
    "::1",
    "fe80::1",
]


@pytest.fixture(autouse=True)
def no_rehearsal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OUVOIR_ALLOW_LOOPBACK", raising=False)


@pytest.mark.parametrize(
    "address", [*LOCAL, "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1"]
)
def test_a_local_address_is_refused(address: str) -> None:
    assert not is_reachable(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "films.example"])
def test_a_public_address_or_a_name_passes(address: str) -> None:
    assert is_reachable(address) and not is_loopback(address)


def test_this_machine_is_known_under_both_its_addresses() -> None:
    assert is_loopback("127.0.0.1") and is_loopback("::1")


def test_a_rehearsal_opens_local_addresses_but_not_the_cloud_metadata_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUVOIR_ALLOW_LOOPBACK", "1")
    assert is_reachable("127.0.0.1") and is_reachable("10.0.0.1")
    assert not is_reachable("169.254.169.254") and not is_reachable("224.0.0.1")


def test_a_name_that_resolves_to_a_local_address_does_not_exist() -> None:
    assert _only_public("93.184.216.34") == "93.184.216.34"
    with pytest.raises(OSError, match="refused"):
        _only_public("127.0.0.1")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://evil.example/", "hors des sites"),
        ("http://films.example/", "non chiffrée"),
        ("https://127.0.0.1/", "locale"),
        ("ftp://films.example/", "non chiffrée"),
    ],
)
def test_a_request_elsewhere_is_refused(url: str, said: str) -> None:
    guard = AddressGuard(["films.example", "127.0.0.1"])
    with pytest.raises(Refused, match=said):
        guard.process_request(Request(url))
    guard.process_request(Request("https://films.example/x"))
