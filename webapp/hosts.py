"""The names under which the site is asked for: those of OUVOIR_HOSTS, whatever their capitals, IPv6 addresses too."""

import re

from flask import Flask, Request
from werkzeug.exceptions import SecurityError
from werkzeug.routing import MapAdapter
from werkzeug.wsgi import get_host

from records.settings import site_hosts

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
    """Whether a name in small letters, with or without its port, is one of ours; « .cinema.example » is all those that end so."""
    asked = _PORT.sub("", host)
    return any(asked == name.removeprefix(".") or (name[0] == "." and asked.endswith(name)) for name in map(_name, site_hosts()))


def _name(written: str) -> str:
    name = _PORT.sub("", written)
    return name if name.isascii() else name.encode("idna").decode()
