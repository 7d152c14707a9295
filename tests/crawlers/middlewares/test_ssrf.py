"""A crawler connects to its platform's hosts, and never to a local or private address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request

from crawlers.addresses import is_loopback, is_reachable
from crawlers.middlewares.ssrf import AllowedHostsMiddleware, RequestRefusedError, _require_public_address

LOOPBACK = ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1."]
PRIVATE = [
    "10.0.0.1",
    "192.168.1.1",
    "172.16.0.1",
    "172.31.255.255",
    "100.64.0.1",
    "169.254.169.254",
    "0xa9fea9fe",
    "0.0.0.0",
    "0",
    "192.0.0.1",
    "192.88.99.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "ff02::1",
    "ff0e::1",
    "64:ff9b:1::a00:1",
    "2001::1",
    "2001:db8::1",
]
CARRIED = ["::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "::127.0.0.1"]


@pytest.fixture(autouse=True)
def no_rehearsal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OUVOIR_ALLOW_LOOPBACK", raising=False)


@pytest.mark.parametrize("address", [*LOOPBACK, *PRIVATE, *CARRIED])
def test_a_local_address_is_refused_however_it_is_written(address: str) -> None:
    assert not is_reachable(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822", "films.example", "172.32.0.1"]
)
def test_a_public_address_or_a_name_passes(address: str) -> None:
    assert is_reachable(address) and not is_loopback(address)


@pytest.mark.parametrize("address", LOOPBACK)
def test_this_machine_is_known_however_it_is_written(address: str) -> None:
    assert is_loopback(address)


@pytest.mark.parametrize("address", ["１２７.０.０.１", "①②⑦.0.0.1", "LOCALHOST.", "127。0。0。1"])
def test_a_request_to_this_machine_in_other_letters_is_refused(address: str) -> None:
    host = Request(f"https://{address}/").url.split("/")[2]
    assert not is_reachable(host) or host.lower().startswith("localhost")  # a name: refused once resolved
    with pytest.raises(RequestRefusedError):
        AllowedHostsMiddleware(["films.example"]).process_request(Request(f"https://{address}/"))


def test_a_rehearsal_opens_this_machine_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUVOIR_ALLOW_LOOPBACK", "1")
    assert all(is_reachable(address) for address in LOOPBACK)
    assert not any(is_reachable(address) for address in PRIVATE)


@given(st.text(max_size=40) | st.ip_addresses().map(str))
def test_any_text_may_be_judged(host: str) -> None:
    assert is_reachable(host) in (True, False)


def test_a_name_that_resolves_to_a_local_address_does_not_exist() -> None:
    assert _require_public_address("93.184.216.34") == "93.184.216.34"
    with pytest.raises(OSError, match="refused"):
        _require_public_address("127.0.0.1")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://evil.example/", "hors des sites"),
        ("https://films.example.evil.example/", "hors des sites"),
        ("https://films.example@evil.example/", "hors des sites"),
        ("http://films.example/", "non chiffrée"),
        ("https://127.0.0.1/", "locale"),
        ("ftp://films.example/", "non chiffrée"),
        ("file:///etc/passwd", "hors des sites"),
    ],
)
def test_a_request_elsewhere_is_refused(url: str, message: str) -> None:
    guard = AllowedHostsMiddleware(["films.example", "127.0.0.1"])
    with pytest.raises(RequestRefusedError, match=message):
        guard.process_request(Request(url))
    guard.process_request(Request("https://films.example/x"))
