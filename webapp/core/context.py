"""Give views the database, the errors they raise, and pages that may be cached until services are drawn anew."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from flask import Response, current_app, make_response, render_template
from sqlalchemy import Engine
from sqlmodel import Session
from werkzeug.exceptions import BadRequest

from domain.common.errors import StorageError, UserError
from domain.common.isoformat import format_iso as format_iso
from domain.db.engine import read_session
from domain.offers import availability
from domain.offers.neutral_order import PERIOD_SECONDS, get_period_start

ENGINE_KEY = "ouvoir.engine"
MAX_INTEGER = 2**31 - 1
"""The largest id that PostgreSQL can hold in the column."""
_MAX_ID_DIGITS = len(str(MAX_INTEGER))
FILM_ID_CONVERTER = f"int(max={MAX_INTEGER})"


class RequestError(BadRequest):
    """Report a request that cannot be answered; its description is one French sentence for whoever made it."""


class UnavailableError(RequestError):
    """Report a request that could be answered a little later; its description says so in French."""

    code = 503


def get_engine() -> Engine:
    """Return the application's database."""
    engine: Engine = current_app.extensions[ENGINE_KEY]
    return engine


def open_db_session() -> AbstractContextManager[Session]:
    """Open a read-only session on the application's database. Raises UserError when it cannot be reached."""
    return read_session(get_engine())


def parse_id(text: str) -> int:
    """Return the id written in a form or an address; 0, the id of nothing, when it is none."""
    if not (text.isascii() and text.isdecimal()) or len(text) > _MAX_ID_DIGITS:
        return 0
    value = int(text)
    return value if value <= MAX_INTEGER else 0


def format_problem(error: UserError) -> str:
    """Return what a page says of an error. A fault of the database is not for its reader: it is raised again."""
    if isinstance(error, StorageError):
        raise error
    return str(error)


def cache_for_period(response: Response, at: datetime) -> Response:
    """Let caches keep a response made at a moment until services are drawn in another order, and not a second more."""
    elapsed = int((at - get_period_start(at)).total_seconds())
    response.headers["Cache-Control"] = f"public, max-age={PERIOD_SECONDS - elapsed}"
    return response


def render_page(template: str, at: datetime, **context: Any) -> Response:
    """Render a page as it is at a moment, cached for the rest of the period."""
    return cache_for_period(make_response(render_template(template, at=at, **context)), at)


def is_demonstration() -> bool:
    """Return whether some registered service is invented."""
    with open_db_session() as db:
        return availability.is_demonstration(db)
