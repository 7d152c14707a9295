"""Set the headers of every response: what a browser may load, show and keep."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from flask import Flask, Response, request

_CONTENT_SECURITY_POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "script-src": "'self'",
    "connect-src": "'self'",
    "img-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
# Some pages differ: two are made to be framed anywhere, another shows the widget at work.
_POLICY_EXCEPTIONS = {
    "widget.frame": {"frame-ancestors": "*"},
    "reconcile.show_preview": {"frame-ancestors": "*"},
    "widget.show_integration": {"frame-src": "'self'"},
}
_COMMON_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# The agents' pages: nothing cached, nothing told to the services that their links lead to.
_STAFF_PATH = "/agents/"
_STAFF_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex"}
# What any site may read: the API, its errors too, open data, and the widget's script.
_CORS_PATHS = ("/api/", "/catalog", "/donnees/", "/widget/v1/")
_SHORT_CACHE = "public, max-age=300"
_IMMUTABLE_CACHE = "public, max-age=31536000, immutable"


def init_app(app: Flask) -> None:
    """Set the headers, and give templates `version(name)`, the hash that lets a static file be cached for ever."""
    assert app.static_folder is not None
    versions = {path.name: _hash_file(path) for path in Path(app.static_folder).iterdir()}
    app.jinja_env.globals["version"] = versions.__getitem__

    @app.after_request
    def set_headers(response: Response) -> Response:
        for name, value in _COMMON_HEADERS.items():
            response.headers.setdefault(name, value)
        _set_content_security_policy(response)
        if request.path.startswith(_STAFF_PATH):
            response.headers.update(_STAFF_HEADERS)
        if request.path.startswith(_CORS_PATHS):
            response.headers["Access-Control-Allow-Origin"] = "*"
        if request.endpoint == "static":
            response.headers["Cache-Control"] = _get_static_cache_control(versions)
        return response


def _set_content_security_policy(response: Response) -> None:
    policy = _CONTENT_SECURITY_POLICY | _POLICY_EXCEPTIONS.get(request.endpoint or "", {})
    response.headers["Content-Security-Policy"] = "; ".join(f"{name} {value}" for name, value in policy.items())
    if policy["frame-ancestors"] == "'none'":
        response.headers["X-Frame-Options"] = "DENY"  # the same, for browsers that do not know the policy


def _get_static_cache_control(versions: Mapping[str, str]) -> str:
    """Return for how long the static file asked for may be cached: for ever under its current version."""
    current_version = versions.get(request.path.rpartition("/")[2])
    is_current = current_version is not None and request.args.get("v") == current_version
    return _IMMUTABLE_CACHE if is_current else _SHORT_CACHE


def _hash_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
