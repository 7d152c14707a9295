"""The names under which the site is asked for: those of OUVOIR_HOSTS, whatever their capitals, IPv6 addresses too."""

import re

from flask import Flask, Request
from werkzeug.exceptions import SecurityError
from werkzeug.routing import MapAdapter
from werkzeug.wsgi import get_host

from domain.common.settings import LOOPBACK, site_hosts

_PORT = re.compile(r":\d+\Z")


class Site(Flask):
    """An application that answers under its own names only: the name asked for is printed in addresses that caches keep."""

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """As Flask's, whose own list of names (TRUSTED_HOSTS) knows neither capitals nor IPv6. Raises SecurityError."""
        if request is not None:
            if "HTTP_HOST" in request.environ:
                request.environ["HTTP_HOST"] = request.environ["HTTP_HOST"].lower()
            if not is_ours(get_host(request.environ)):
                raise SecurityError
        return super().create_url_adapter(request)


def is_ours(host: str) -> bool:
    """Whether a name in small letters is one of ours; « .cinema.example » is all those that end so.

    It comes without a port, or with that of OUVOIR_HOSTS; this machine takes any.
    """
    asked, port = _parts(host)
    for name, own in map(_parts, site_hosts()):
        fits = asked == name.removeprefix(".") or (name[:1] == "." and asked.endswith(name))
        if fits and (port in ("", own) or asked.strip("[]") in LOOPBACK):
            return True
    return False


def _parts(written: str) -> tuple[str, str]:
    """A name, as browsers send it, and its port, « :8443 » or nothing."""
    found = _PORT.search(written)
    name, port = (written[: found.start()], found[0]) if found else (written, "")
    return name if name.isascii() else name.encode("idna").decode(), port
