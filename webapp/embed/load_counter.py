"""Count the blocks that partners' pages load, before the cache of responses: what it answers never reaches the application."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response

from domain.models.film import Film
from domain.partners.partners import extract_public_host
from webapp.core.counter_buffer import count_load

_FILM_HEADER = "Ouvoir-Film"  # from the application to this middleware, never to anyone else


def add_film_header(response: Response, film: Film | None) -> Response:
    """Mark a response as the block of a film, for the counter."""
    if film:
        response.headers[_FILM_HEADER] = str(film.id)
    return response


class LoadCounterMiddleware:
    """Count the responses that are a film's block, cached and « not modified » ones included, by partner.

    Of whoever asks, only the host name of the page is read, then forgotten with the request.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._application = app.wsgi_app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def start_counted_response(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            film_id = next((value for name, value in headers if name == _FILM_HEADER), None)
            if film_id is None:
                return start_response(status, headers, *error)
            self._count_load(environ, int(film_id))
            return start_response(status, [header for header in headers if header[0] != _FILM_HEADER], *error)

        return self._application(environ, start_counted_response)

    def _count_load(self, environ: dict[str, Any], film_id: int) -> None:
        if environ["REQUEST_METHOD"] != "GET":
            return
        partner = _get_partner_host(environ)
        if partner:
            count_load(self._app, partner, film_id, datetime.now(UTC))


def _get_partner_host(environ: dict[str, Any]) -> str | None:
    """Return the host name of the page that asks, when it is a public site and not ours."""
    host = extract_public_host(environ.get("HTTP_ORIGIN") or environ.get("HTTP_REFERER", ""))
    own_host = environ.get("HTTP_HOST", "").partition(":")[0].lower()
    return host if host != own_host else None


def init_app(app: Flask) -> None:
    """Put the counter before the application as it is now, its cache included."""
    app.wsgi_app = LoadCounterMiddleware(app)  # type: ignore[method-assign]
