"""The names under which the site is asked for: those of OUVOIR_HOSTS, whatever their capitals, IPv6 addresses too."""

import re

from flask import Flask, Request
from werkzeug.exceptions import SecurityError
from werkzeug.routing import MapAdapter
from werkzeug.wsgi import get_host

from domain.common.settings import LOOPBACK_HOSTS, get_settings

_PORT = re.compile(r":\d+\Z")


class TrustedHostApp(Flask):
    """An application that answers under its own names only: the name asked for is printed in addresses that caches keep."""

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """As Flask's, whose own list of names (TRUSTED_HOSTS) knows neither capitals nor IPv6. Raises SecurityError."""
        if request is not None:
            if "HTTP_HOST" in request.environ:
                request.environ["HTTP_HOST"] = request.environ["HTTP_HOST"].lower()
            if not is_trusted_host(get_host(request.environ)):
                raise SecurityError
        return super().create_url_adapter(request)


def is_trusted_host(host: str) -> bool:
    """Whether a name in small letters is one of ours; « .cinema.example » is all those that end so.

    It comes without a port, or with that of OUVOIR_HOSTS; this machine takes any.
    """
    asked, port = _split_host_port(host)
    for name, own in map(_split_host_port, get_settings().hosts):
        fits = asked == name.removeprefix(".") or (name[:1] == "." and asked.endswith(name))
        if fits and (port in ("", own) or asked.strip("[]") in LOOPBACK_HOSTS):
            return True
    return False


def _split_host_port(host: str) -> tuple[str, str]:
    """A name, as browsers send it, and its port, « :8443 » or nothing."""
    found = _PORT.search(host)
    name, port = (host[: found.start()], found[0]) if found else (host, "")
    return name if name.isascii() else name.encode("idna").decode(), port
