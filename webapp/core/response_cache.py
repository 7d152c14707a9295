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

from domain.db.data_version import Changes
from webapp.core.context import ENGINE

_ROOM, _LARGEST = 64 * 2**20, 512 * 2**10  # bytes
_LONGEST_KEY, _BESIDE = 1_000, 4_000  # characters; bytes that an answer takes beside its body
_ENCODINGS = ("br", "zstd", "gzip")
_TELLING = ("wsgi.url_scheme", "HTTP_HOST", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "HTTP_ACCEPT_ENCODING")
_CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE", "HTTP_IF_RANGE")
_OF_THE_ASKER = ("RateLimit", "RateLimit-Policy")
_OF_THE_BODY = ("Content-Type", "Content-Encoding", "Content-Disposition")
_FILES = "/donnees/"  # files of any size, asked for in parts too: they pass as they are
_MAX_AGE = re.compile(r"max-age=\d+")
_COMPRESSED = [
    *("text/html", "text/css", "text/javascript", "text/plain", "text/csv", "text/calendar", "image/svg+xml"),
    *("application/json", "application/xml", "application/atom+xml", "application/problem+json"),
    *("application/x-suggestions+json", "application/opensearchdescription+xml"),
    *("application/ld+json", "application/rdf+xml", "text/turtle"),
]

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]


@dataclass(frozen=True)
class Kept:
    """An answer as it was made, the state of the database before, and until when it holds (seconds since 1970)."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    etag: str
    modified: datetime | None
    control: str
    mark: str
    until: float

    def left(self) -> int:
        """How many seconds it still holds."""
        return int(self.until - time())


class AnswerCache:
    """Stands before the application as a cache that visitors share would, and gives every page that may be kept an ETag."""

    def __init__(self, application: Wsgi, mark: Callable[[], str]) -> None:
        self._application, self._mark = application, mark
        self._lock = threading.Lock()
        self._kept: MutableMapping[tuple[str, ...], Kept] = LRUCache(_ROOM, getsizeof=lambda kept: len(kept.body) + _BESIDE)

    def __call__(self, environ: Environ, start: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or _FILES in environ.get("PATH_INFO", ""):
            return self._application(environ, start)
        environ["HTTP_ACCEPT_ENCODING"] = _encoding(environ)
        key, mark = _key(environ), self._mark()
        if sum(map(len, key)) > _LONGEST_KEY:
            return self._application(environ, start)
        with self._lock:
            kept = self._kept.get(key)
        if kept and kept.mark == mark and kept.left() > 0:
            return _answer(kept, environ, start)
        if environ["REQUEST_METHOD"] == "HEAD":
            return self._application(environ, start)
        made = Response.from_app(self._application, _unconditional(environ), buffered=True)
        if (kept := _keepable(made, mark)) is None:
            return made.make_conditional(environ)(environ, start)
        with self._lock:
            self._kept[key] = kept
        return _answer(kept, environ, start, [(name, value) for name, value in made.headers if name in _OF_THE_ASKER])


def _key(environ: Environ) -> tuple[str, ...]:
    return tuple(environ.get(name, "") for name in _TELLING)


def _encoding(environ: Environ) -> str:
    """The one encoding that the asker likes best, so that the application sees of it no more than the key does."""
    accepted = parse_accept_header(environ.get("HTTP_ACCEPT_ENCODING"))
    best = max(_ENCODINGS, key=accepted.quality)  # the first of equals
    return best if accepted.quality(best) > 0 else "identity"


def _unconditional(environ: Environ) -> Environ:
    """The request as one that must be answered in full: its conditions are for whoever answers from what is kept."""
    return {name: value for name, value in environ.items() if name not in _CONDITIONS}


def _keepable(made: Response, mark: str) -> Kept | None:
    """The answer, when it says that anyone may keep it, and when it is the same for all who ask for that encoding."""
    told = parse_cache_control_header(made.headers.get("Cache-Control"), cls=ResponseCacheControl)
    varies = {name.strip().lower() for name in made.headers.get("Vary", "").split(",")} - {"", "accept-encoding"}
    body = made.get_data()
    if made.status_code != HTTPStatus.OK or not told.public or not told.max_age or varies or len(body) > _LARGEST:
        return None
    made.headers.setdefault("ETag", quote_etag(generate_etag(body)))
    others = ("Content-Length", "Cache-Control", *_OF_THE_ASKER)
    headers = tuple((name, value) for name, value in made.headers if name not in others)
    return Kept(headers, body, made.headers["ETag"], made.last_modified, str(told), mark, time() + told.max_age)


def _answer(kept: Kept, environ: Environ, start: Any, own: Sequence[tuple[str, str]] = ()) -> Iterable[bytes]:
    """The answer kept, and headers that are for this asker only."""
    held = [("Cache-Control", _MAX_AGE.sub(f"max-age={kept.left()}", kept.control)), *own]
    if not is_resource_modified(environ, etag=kept.etag, last_modified=kept.modified):
        start("304 NOT MODIFIED", [*held, *(header for header in kept.headers if header[0] not in _OF_THE_BODY)])
        return []
    start("200 OK", [*held, ("Content-Length", str(len(kept.body))), *kept.headers])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [kept.body]


def register(app: Flask) -> None:
    """Compresses what leaves, and puts the cache before the application.

    The agents' pages are left as they are: they hold a secret, and what is compressed with a secret tells of it (BREACH).
    """
    app.config.update(COMPRESS_REGISTER=False, COMPRESS_MIMETYPES=_COMPRESSED)
    compress = Compress(app)

    @app.after_request
    def compressed(response: FlaskResponse) -> FlaskResponse:
        return response if request.path.startswith(("/agents/", _FILES)) else compress.after_request(response)

    changes = Changes(app.extensions[ENGINE])
    app.wsgi_app = AnswerCache(app.wsgi_app, changes.mark)  # type: ignore[assignment,method-assign]
