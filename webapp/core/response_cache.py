"""Answers kept in memory for as long as HTTP caches may keep them, and not after anything was written in the database."""

import re
import threading
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from time import time
from typing import Any

from cachetools import LRUCache
from flask import Flask, request
from flask import Response as FlaskResponse
from flask_compress import Compress
from werkzeug.datastructures import ResponseCacheControl
from werkzeug.http import generate_etag, is_resource_modified, parse_accept_header, parse_cache_control_header, quote_etag
from werkzeug.wrappers import Response

from domain.db.data_version import ChangeDetector
from webapp.core.context import ENGINE_KEY

_CACHE_SIZE, _MAX_BODY_SIZE = 64 * 2**20, 512 * 2**10  # bytes
_MAX_KEY_LENGTH, _ENTRY_OVERHEAD = 1_000, 4_000  # characters; bytes that an answer takes beside its body
_ENCODINGS = ("br", "zstd", "gzip")
_KEY_VARIABLES = ("wsgi.url_scheme", "HTTP_HOST", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "HTTP_ACCEPT_ENCODING")
_CONDITIONAL_HEADERS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE", "HTTP_IF_RANGE")
_CLIENT_HEADERS = ("RateLimit", "RateLimit-Policy")
_BODY_HEADERS = ("Content-Type", "Content-Encoding", "Content-Disposition")
_FILES_PATH = "/donnees/"  # files of any size, asked for in parts too: they pass as they are
_MAX_AGE = re.compile(r"max-age=\d+")
_COMPRESSED_TYPES = [
    *("text/html", "text/css", "text/javascript", "text/plain", "text/csv", "text/calendar", "image/svg+xml"),
    *("application/json", "application/xml", "application/atom+xml", "application/problem+json"),
    *("application/x-suggestions+json", "application/opensearchdescription+xml"),
    *("application/ld+json", "application/rdf+xml", "text/turtle"),
]

Environ = dict[str, Any]
WSGIApp = Callable[[Environ, Any], Iterable[bytes]]


@dataclass(frozen=True)
class CachedResponse:
    """An answer as it was made, the state of the database before, and until when it holds (seconds since 1970)."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    etag: str
    last_modified: datetime | None
    cache_control: str
    database_version: str
    expires_at: float

    def get_seconds_left(self) -> int:
        """How many seconds it still holds."""
        return int(self.expires_at - time())


class ResponseCache:
    """Stands before the application as a cache that visitors share would, and gives every page that may be kept an ETag."""

    def __init__(self, application: WSGIApp, get_version: Callable[[], str]) -> None:
        self._application, self._mark = application, get_version
        self._lock = threading.Lock()
        self._kept: MutableMapping[tuple[str, ...], CachedResponse] = LRUCache(
            _CACHE_SIZE, getsizeof=lambda kept: len(kept.body) + _ENTRY_OVERHEAD
        )

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or _FILES_PATH in environ.get("PATH_INFO", ""):
            return self._application(environ, start_response)
        environ["HTTP_ACCEPT_ENCODING"] = _negotiate_encoding(environ)
        key, mark = _build_key(environ), self._mark()
        if sum(map(len, key)) > _MAX_KEY_LENGTH:
            return self._application(environ, start_response)
        with self._lock:
            kept = self._kept.get(key)
        if kept and kept.database_version == mark and kept.get_seconds_left() > 0:
            return _send_cached(kept, environ, start_response)
        if environ["REQUEST_METHOD"] == "HEAD":
            return self._application(environ, start_response)
        made = Response.from_app(self._application, _strip_conditions(environ), buffered=True)
        if (kept := _build_cached_response(made, mark)) is None:
            return made.make_conditional(environ)(environ, start_response)
        with self._lock:
            self._kept[key] = kept
        return _send_cached(
            kept, environ, start_response, [(name, value) for name, value in made.headers if name in _CLIENT_HEADERS]
        )


def _build_key(environ: Environ) -> tuple[str, ...]:
    return tuple(environ.get(name, "") for name in _KEY_VARIABLES)


def _negotiate_encoding(environ: Environ) -> str:
    """The one encoding that the asker likes best, so that the application sees of it no more than the key does."""
    accepted = parse_accept_header(environ.get("HTTP_ACCEPT_ENCODING"))
    best = max(_ENCODINGS, key=accepted.quality)  # the first of equals
    return best if accepted.quality(best) > 0 else "identity"


def _strip_conditions(environ: Environ) -> Environ:
    """The request as one that must be answered in full: its conditions are for whoever answers from what is kept."""
    return {name: value for name, value in environ.items() if name not in _CONDITIONAL_HEADERS}


def _build_cached_response(response: Response, database_version: str) -> CachedResponse | None:
    """The answer, when it says that anyone may keep it, and when it is the same for all who ask for that encoding."""
    told = parse_cache_control_header(response.headers.get("Cache-Control"), cls=ResponseCacheControl)
    varies = {name.strip().lower() for name in response.headers.get("Vary", "").split(",")} - {"", "accept-encoding"}
    body = response.get_data()
    if response.status_code != HTTPStatus.OK or not told.public or not told.max_age or varies or len(body) > _MAX_BODY_SIZE:
        return None
    response.headers.setdefault("ETag", quote_etag(generate_etag(body)))
    others = ("Content-Length", "Cache-Control", *_CLIENT_HEADERS)
    headers = tuple((name, value) for name, value in response.headers if name not in others)
    return CachedResponse(
        headers, body, response.headers["ETag"], response.last_modified, str(told), database_version, time() + told.max_age
    )


def _send_cached(
    cached: CachedResponse, environ: Environ, start_response: Any, client_headers: Sequence[tuple[str, str]] = ()
) -> Iterable[bytes]:
    """The answer kept, and headers that are for this asker only."""
    held = [("Cache-Control", _MAX_AGE.sub(f"max-age={cached.get_seconds_left()}", cached.cache_control)), *client_headers]
    if not is_resource_modified(environ, etag=cached.etag, last_modified=cached.last_modified):
        start_response("304 NOT MODIFIED", [*held, *(header for header in cached.headers if header[0] not in _BODY_HEADERS)])
        return []
    start_response("200 OK", [*held, ("Content-Length", str(len(cached.body))), *cached.headers])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [cached.body]


def init_app(app: Flask) -> None:
    """Compresses what leaves, and puts the cache before the application.

    The agents' pages are left as they are: they hold a secret, and what is compressed with a secret tells of it (BREACH).
    """
    app.config.update(COMPRESS_REGISTER=False, COMPRESS_MIMETYPES=_COMPRESSED_TYPES)
    compress = Compress(app)

    @app.after_request
    def compressed(response: FlaskResponse) -> FlaskResponse:
        return response if request.path.startswith(("/agents/", _FILES_PATH)) else compress.after_request(response)

    changes = ChangeDetector(app.extensions[ENGINE_KEY])
    app.wsgi_app = ResponseCache(app.wsgi_app, changes.get_version)  # type: ignore[method-assign]
