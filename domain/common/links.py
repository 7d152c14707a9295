"""Choose which of the addresses that a platform gives may be followed: those of the web, on the platform's own sites."""

from collections.abc import Collection
from urllib.parse import urlsplit


def pick_allowed_url(urls: tuple[str | None, ...], hosts: Collection[str]) -> str | None:
    """Return the first address that may be followed, None when there is none. Without `hosts` any site is allowed."""
    return next((url for url in urls if url and _is_allowed_url(url, hosts)), None)


def _is_allowed_url(url: str, hosts: Collection[str]) -> bool:
    """Tell whether an address is of the web and on one of the hosts, as browsers too would read it."""
    if not url.isprintable() or any(character in url for character in ' <>"\\'):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username is not None:
        return False
    return not hosts or parts.hostname in hosts
