"""Which of the addresses that a service gives may be followed: those of the web, on the service's own sites."""

from collections.abc import Collection
from urllib.parse import urlsplit


def pick_allowed_url(urls: tuple[str | None, ...], hosts: Collection[str]) -> str | None:
    """The first of some addresses that may be followed; None when there is none. No site in `hosts` means any."""
    return next((url for url in urls if url and _is_allowed_url(url, hosts)), None)


def _is_allowed_url(url: str, hosts: Collection[str]) -> bool:
    """Whether an address is of the web and of these sites, as browsers too would read it; no site means any."""
    if not url.isprintable() or any(sign in url for sign in ' <>"\\'):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    plain = parts.scheme in ("https", "http") and parts.hostname and parts.username is None
    return bool(plain) and (not hosts or parts.hostname in hosts)
