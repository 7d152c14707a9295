"""The element's script: every version that was ever given out, at an address of its own, and the latest of version 1."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Response, abort

from webapp.embed.blueprint import bp

SCRIPTS_FOLDER = Path(__file__).with_name("released")
_IMMUTABLE_CACHE = "public, max-age=31536000, immutable"
_SHORT_CACHE = "public, max-age=300"


@dataclass(frozen=True)
class Script:
    """A version given out: its file never changes, since partners' pages hold its hash."""

    version: str
    body: bytes

    @property
    def integrity(self) -> str:
        """What browsers compare it with: « sha384-… »."""
        return f"sha384-{base64.b64encode(hashlib.sha384(self.body).digest()).decode()}"


@cache
def load_scripts() -> dict[str, Script]:
    """Every version, the oldest first."""
    paths = sorted(SCRIPTS_FOLDER.glob("*.js"), key=lambda path: [int(part) for part in path.stem.split(".")])
    return {path.stem: Script(path.stem, path.read_bytes()) for path in paths}


def get_latest_script() -> Script:
    """The newest version."""
    return list(load_scripts().values())[-1]


@bp.get("/widget/<version>/ouvoir.js")
def show_script_version(version: str) -> Response:
    """A version for ever, to be named with its hash."""
    if version not in load_scripts():
        abort(404)
    return _build_script_response(load_scripts()[version], _IMMUTABLE_CACHE)


@bp.get("/widget/v1/ouvoir.js")
def show_latest_script() -> Response:
    """The latest of version 1, for those who prefer that faults are mended without them."""
    return _build_script_response(get_latest_script(), _SHORT_CACHE)


def _build_script_response(script: Script, cache_control: str) -> Response:
    answer = Response(script.body, mimetype="text/javascript")
    answer.headers.update({"Cache-Control": cache_control, "Access-Control-Allow-Origin": "*"})
    return answer
