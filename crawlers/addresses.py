"""Judge where a robot may connect: public addresses, and this very machine in rehearsals. No Scrapy here."""

import ipaddress
import socket
from urllib.parse import urlsplit

from domain.common.settings import get_settings

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_IPV4_EMBEDDING_NETWORKS = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")  # all that is given out; Python 3.11 calls global some that are not
_SIXTOFOUR_RELAYS = ipaddress.IPv4Network("192.88.99.0/24")


def is_web_url(url: str) -> bool:
    """Tell whether a text is an http(s) address with a host, a possible port and no user name."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and not parts.username
    except ValueError:
        return False


def get_url_host(url: str) -> str:
    """Return the host of an address, in lower case; empty when it has none."""
    return urlsplit(url).hostname or ""


def is_loopback(host: str) -> bool:
    """Tell whether a host, written as an address, is this very machine."""
    address = _parse_address(host)
    return address is not None and address.is_loopback


def is_reachable(host: str) -> bool:
    """Tell whether an address may be connected to. A name passes: it is judged once resolved."""
    address = _parse_address(host)
    if address is None:
        return True
    if address.is_loopback:
        return get_settings().allow_loopback
    return _is_allocated(address) and address.is_global and not address.is_multicast


def _is_allocated(address: IPAddress) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return address not in _SIXTOFOUR_RELAYS
    return address in _GLOBAL_UNICAST


def _parse_address(host: str) -> IPAddress | None:
    """Return the address that a host writes, in any form that a resolver would understand: « 0x7f.1 », « 2130706433 »."""
    bare = host.rstrip(".").strip("[]")
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return _parse_loose_ipv4(bare)
    return _extract_ipv4(address) or address


def _parse_loose_ipv4(text: str) -> ipaddress.IPv4Address | None:
    if not text.isascii():
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(text))
    except (OSError, ValueError):
        return None


def _extract_ipv4(address: IPAddress) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 one carries: mapped, 6to4, or translated (RFC 4291, 3056, 6052)."""
    if not isinstance(address, ipaddress.IPv6Address) or address.is_loopback:
        return None
    if any(address in network for network in _IPV4_EMBEDDING_NETWORKS):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
