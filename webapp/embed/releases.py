"""Serve the element's script: every version ever given out, each at its own address, and the latest of version 1."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, abort, current_app

SCRIPTS_FOLDER = Path(__file__).with_name("released")
_EXTENSION_KEY = "ouvoir.widget_scripts"
_IMMUTABLE_CACHE = "public, max-age=31536000, immutable"
_SHORT_CACHE = "public, max-age=300"


@dataclass(frozen=True)
class Script:
    """Hold a version given out; its file never changes, since partners' pages hold its hash."""

    version: str
    body: bytes

    @property
    def integrity(self) -> str:
        """Return what browsers compare the file with: « sha384-… »."""
        return f"sha384-{base64.b64encode(hashlib.sha384(self.body).digest()).decode()}"


@dataclass(frozen=True)
class ScriptReleases:
    """Hold every version given out, the oldest first."""

    scripts: tuple[Script, ...]

    @property
    def latest(self) -> Script:
        """Return the newest version."""
        return self.scripts[-1]

    def find_version(self, version: str) -> Script | None:
        """Return the script of a version, None when it was never given out."""
        return next((script for script in self.scripts if script.version == version), None)


def load_releases() -> ScriptReleases:
    """Read every version from the folder of released scripts."""
    paths = sorted(SCRIPTS_FOLDER.glob("*.js"), key=lambda path: [int(part) for part in path.stem.split(".")])
    return ScriptReleases(tuple(Script(path.stem, path.read_bytes()) for path in paths))


def init_app(app: Flask) -> None:
    """Give the application the versions of the script."""
    app.extensions[_EXTENSION_KEY] = load_releases()


def get_latest_script() -> Script:
    """Return the newest version that the application serves."""
    return _get_releases().latest


def _get_releases() -> ScriptReleases:
    releases: ScriptReleases = current_app.extensions[_EXTENSION_KEY]
    return releases


def show_script_version(version: str) -> Response:
    """Serve a version for ever, to be named with its hash."""
    script = _get_releases().find_version(version)
    if script is None:
        abort(404)
    return _build_script_response(script, _IMMUTABLE_CACHE)


def show_latest_script() -> Response:
    """Serve the latest of version 1, for partners who prefer that faults are mended without them."""
    return _build_script_response(get_latest_script(), _SHORT_CACHE)


def _build_script_response(script: Script, cache_control: str) -> Response:
    response = Response(script.body, mimetype="text/javascript")
    response.headers.update({"Cache-Control": cache_control, "Access-Control-Allow-Origin": "*"})
    return response
