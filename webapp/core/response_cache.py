"""Cache responses in memory for as long as HTTP caches may, and no longer than until anything is written in the database."""

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

_CACHE_SIZE = 64 * 2**20  # bytes
_MAX_BODY_SIZE = 512 * 2**10  # bytes
_ENTRY_OVERHEAD = 4_000  # bytes that a response takes beside its body
_MAX_KEY_LENGTH = 1_000  # characters
_ENCODINGS = ("br", "zstd", "gzip")
_KEY_VARIABLES = ("wsgi.url_scheme", "HTTP_HOST", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "HTTP_ACCEPT_ENCODING")
_CONDITIONAL_HEADERS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE", "HTTP_IF_RANGE")
_CLIENT_HEADERS = ("RateLimit", "RateLimit-Policy")
_BODY_HEADERS = ("Content-Type", "Content-Encoding", "Content-Disposition")
_FILES_PATH = "/donnees/"  # files of any size, asked for in parts too: they pass as they are
_MAX_AGE = re.compile(r"max-age=\d+")
_COMPRESSED_TYPES = [
    "text/html",
    "text/css",
    "text/javascript",
    "text/plain",
    "text/csv",
    "text/calendar",
    "image/svg+xml",
    "application/json",
    "application/xml",
    "application/atom+xml",
    "application/problem+json",
    "application/x-suggestions+json",
    "application/opensearchdescription+xml",
    "application/ld+json",
    "application/rdf+xml",
    "text/turtle",
]

Environ = dict[str, Any]
Headers = Sequence[tuple[str, str]]
WSGIApp = Callable[[Environ, Any], Iterable[bytes]]
_Key = tuple[str, ...]


@dataclass(frozen=True)
class CachedResponse:
    """Hold a response, the version of the database it was made from, and when it expires, in seconds since 1970."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    etag: str
    last_modified: datetime | None
    cache_control: str
    database_version: str
    expires_at: float

    def get_seconds_left(self) -> int:
        """Return for how many seconds it may still be served."""
        return int(self.expires_at - time())


class ResponseCache:
    """Cache responses before the application as a shared HTTP cache would, and give each one that may be cached an ETag."""

    def __init__(self, application: WSGIApp, get_version: Callable[[], str]) -> None:
        self._application = application
        self._get_version = get_version
        self._lock = threading.Lock()
        self._responses: MutableMapping[_Key, CachedResponse] = LRUCache(_CACHE_SIZE, getsizeof=_get_memory_size)

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or _FILES_PATH in environ.get("PATH_INFO", ""):
            return self._application(environ, start_response)
        environ["HTTP_ACCEPT_ENCODING"] = _negotiate_encoding(environ)
        key = _build_key(environ)
        database_version = self._get_version()
        if sum(map(len, key)) > _MAX_KEY_LENGTH:
            return self._application(environ, start_response)
        cached = self._find_valid(key, database_version)
        if cached is not None:
            return _send_cached(cached, environ, start_response)
        if environ["REQUEST_METHOD"] == "HEAD":
            return self._application(environ, start_response)
        return self._build_and_send(key, database_version, environ, start_response)

    def _find_valid(self, key: _Key, database_version: str) -> CachedResponse | None:
        with self._lock:
            cached = self._responses.get(key)
        if cached is None or cached.database_version != database_version or cached.get_seconds_left() <= 0:
            return None
        return cached

    def _build_and_send(self, key: _Key, database_version: str, environ: Environ, start_response: Any) -> Iterable[bytes]:
        response = Response.from_app(self._application, _strip_conditions(environ), buffered=True)
        cached = _build_cached_response(response, database_version)
        if cached is None:
            return response.make_conditional(environ)(environ, start_response)
        with self._lock:
            self._responses[key] = cached
        client_headers = [(name, value) for name, value in response.headers if name in _CLIENT_HEADERS]
        return _send_cached(cached, environ, start_response, client_headers)


def _get_memory_size(cached: CachedResponse) -> int:
    return len(cached.body) + _ENTRY_OVERHEAD


def _build_key(environ: Environ) -> _Key:
    return tuple(environ.get(name, "") for name in _KEY_VARIABLES)


def _negotiate_encoding(environ: Environ) -> str:
    """Return the one encoding that the client prefers, so that the application sees no more of its wishes than the key does."""
    accepted = parse_accept_header(environ.get("HTTP_ACCEPT_ENCODING"))
    preferred = max(_ENCODINGS, key=accepted.quality)  # the first of equals
    return preferred if accepted.quality(preferred) > 0 else "identity"


def _strip_conditions(environ: Environ) -> Environ:
    """Return the request without its conditions, which concern the cached response: the application answers in full."""
    return {name: value for name, value in environ.items() if name not in _CONDITIONAL_HEADERS}


def _build_cached_response(response: Response, database_version: str) -> CachedResponse | None:
    """Return the response to cache, None when it may not be or when it depends on more than the encoding; sets its ETag."""
    cache_control = parse_cache_control_header(response.headers.get("Cache-Control"), cls=ResponseCacheControl)
    if response.status_code != HTTPStatus.OK or not cache_control.public or not cache_control.max_age:
        return None
    body = response.get_data()
    if _depends_on_client(response) or len(body) > _MAX_BODY_SIZE:
        return None
    response.headers.setdefault("ETag", quote_etag(generate_etag(body)))
    excluded = ("Content-Length", "Cache-Control", *_CLIENT_HEADERS)
    return CachedResponse(
        headers=tuple((name, value) for name, value in response.headers if name not in excluded),
        body=body,
        etag=response.headers["ETag"],
        last_modified=response.last_modified,
        cache_control=str(cache_control),
        database_version=database_version,
        expires_at=time() + cache_control.max_age,
    )


def _depends_on_client(response: Response) -> bool:
    varying = {name.strip().lower() for name in response.headers.get("Vary", "").split(",")}
    return bool(varying - {"", "accept-encoding"})


def _send_cached(cached: CachedResponse, environ: Environ, start_response: Any, client_headers: Headers = ()) -> Iterable[bytes]:
    """Send a cached response, with the headers that are for this client only."""
    cache_control = _MAX_AGE.sub(f"max-age={cached.get_seconds_left()}", cached.cache_control)
    headers = [("Cache-Control", cache_control), *client_headers]
    if not is_resource_modified(environ, etag=cached.etag, last_modified=cached.last_modified):
        headers += [header for header in cached.headers if header[0] not in _BODY_HEADERS]
        start_response("304 NOT MODIFIED", headers)
        return []
    start_response("200 OK", [*headers, ("Content-Length", str(len(cached.body))), *cached.headers])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [cached.body]


def init_app(app: Flask) -> None:
    """Compress what leaves, and put the cache before the application.

    The agents' pages are left as they are: they hold a secret, and what is compressed with a secret tells of it (BREACH).
    """
    app.config.update(COMPRESS_REGISTER=False, COMPRESS_MIMETYPES=_COMPRESSED_TYPES)
    compress = Compress(app)

    @app.after_request
    def compress_response(response: FlaskResponse) -> FlaskResponse:
        if request.path.startswith(("/agents/", _FILES_PATH)):
            return response
        return compress.after_request(response)

    changes = ChangeDetector(app.extensions[ENGINE_KEY])
    app.wsgi_app = ResponseCache(app.wsgi_app, changes.get_version)  # type: ignore[method-assign]
