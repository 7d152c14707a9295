"""What every page needs: the database, and how long an answer may be kept."""

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
"""The largest number PostgreSQL can hold in the column."""
FILM_ID_CONVERTER = f"int(max={MAX_INTEGER})"


class RequestError(BadRequest):
    """A request that cannot be answered; its description is one French sentence for whoever made it."""


class UnavailableError(RequestError):
    """A request that could be answered a little later; its description says so in French."""

    code = 503


def get_engine() -> Engine:
    """The application's database."""
    found: Engine = current_app.extensions[ENGINE_KEY]
    return found


def open_db_session() -> AbstractContextManager[Session]:
    """A reading session on the application's database. Raises Problem when it cannot be reached."""
    return read_session(get_engine())


def parse_id(text: str) -> int:
    """A number as a form or an address writes it; 0 when it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 11 and int(text) <= MAX_INTEGER else 0


def format_problem(problem: UserError) -> str:
    """What a page says of a problem. A fault of the database is not for its reader: it is raised again."""
    if isinstance(problem, StorageError):
        raise problem
    return str(problem)


def cache_for_period(response: Response, at: datetime) -> Response:
    """Lets caches keep an answer until services are drawn in another order, and not a second more."""
    left = PERIOD_SECONDS - int((at - get_period_start(at)).total_seconds())
    response.headers["Cache-Control"] = f"public, max-age={left}"
    return response


def render_page(template: str, at: datetime, **context: Any) -> Response:
    """A page as it stands at a moment, kept for the period."""
    return cache_for_period(make_response(render_template(template, at=at, **context)), at)


def is_demonstration() -> bool:
    """Whether some registered service is invented."""
    with open_db_session() as db:
        return availability.is_demonstration(db)
