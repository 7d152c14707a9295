"""Blocks loaded by partners' pages, counted before the cache of answers: what it answers never reaches the application."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response

from domain.models.film import Film
from domain.partners.partners import extract_public_host
from webapp.core.counter_buffer import count_load
from webapp.core.i18n import WSGIApp

_FILM_HEADER = "Ouvoir-Film"  # told by the application to what stands before it, never to anyone else


def add_film_header(response: Response, film: Film | None) -> Response:
    """Says which film's block an answer is."""
    if film:
        response.headers[_FILM_HEADER] = str(film.id)
    return response


class LoadCounter:
    """Stands before everything, and looks at the answers that are a film's block: those kept, those not modified as well.

    Of who asks, only the host name of the page is read, then forgotten with the request.
    """

    def __init__(self, app: Flask) -> None:
        self._app, self._application = app, app.wsgi_app

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        def told(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            film = next((value for name, value in headers if name == _FILM_HEADER), None)
            if film is None:
                return start(status, headers, *error)
            if environ["REQUEST_METHOD"] == "GET" and (partner := _get_partner_host(environ)):
                count_load(self._app, partner, int(film), datetime.now(UTC))
            return start(status, [header for header in headers if header[0] != _FILM_HEADER], *error)

        return self._application(environ, told)


def _get_partner_host(environ: dict[str, Any]) -> str | None:
    """The host name of the page that asks, when it is a public site and not ours."""
    asks = extract_public_host(environ.get("HTTP_ORIGIN") or environ.get("HTTP_REFERER", ""))
    return asks if asks != environ.get("HTTP_HOST", "").partition(":")[0].lower() else None


def init_app(app: Flask) -> None:
    """Puts the counter before the application as it is now, its cache included."""
    before: WSGIApp = LoadCounter(app)
    app.wsgi_app = before  # type: ignore[assignment,method-assign]
