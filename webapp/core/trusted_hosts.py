"""Answer only under the host names of OUVOIR_HOSTS, whatever their capitals, IPv6 addresses included."""

import re

from flask import Flask, Request
from werkzeug.exceptions import SecurityError
from werkzeug.routing import MapAdapter
from werkzeug.wsgi import get_host

from domain.common.settings import LOOPBACK_HOSTS, get_settings

_PORT = re.compile(r":\d+\Z")


class TrustedHostApp(Flask):
    """Refuse requests for a host name that is not ours: the name is printed in addresses that caches keep."""

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Return Flask's adapter for a trusted host. Raises SecurityError for another.

        Flask's own list, TRUSTED_HOSTS, knows neither capitals nor IPv6.
        """
        if request is not None:
            if "HTTP_HOST" in request.environ:
                request.environ["HTTP_HOST"] = request.environ["HTTP_HOST"].lower()
            if not is_trusted_host(get_host(request.environ)):
                raise SecurityError
        return super().create_url_adapter(request)


def is_trusted_host(host: str) -> bool:
    """Return whether a lower-case host name is one of ours, as OUVOIR_HOSTS lists them.

    An entry that starts with a dot, « .cinema.example », stands for that domain and all its subdomains. The port may be absent,
    or that of the entry; the loopback addresses take any.
    """
    name, port = _split_host_port(host)
    for entry in get_settings().hosts:
        own_name, own_port = _split_host_port(entry)
        is_own_port = port in ("", own_port) or name.strip("[]") in LOOPBACK_HOSTS
        if is_own_port and _matches_name(name, own_name):
            return True
    return False


def _matches_name(name: str, own_name: str) -> bool:
    if own_name.startswith("."):
        return name == own_name[1:] or name.endswith(own_name)
    return name == own_name


def _split_host_port(host: str) -> tuple[str, str]:
    """Return a name, in the ASCII form that browsers send, and its port, « :8443 » or nothing."""
    match = _PORT.search(host)
    name = host[: match.start()] if match else host
    port = match[0] if match else ""
    return name if name.isascii() else name.encode("idna").decode(), port
