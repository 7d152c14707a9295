"""What every page needs: the database, and how long an answer may be kept."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from flask import Response, current_app, make_response, render_template
from sqlalchemy import Engine
from sqlmodel import Session
from werkzeug.exceptions import BadRequest

from domain.common.errors import Problem, StorageProblem
from domain.common.isoformat import iso as iso
from domain.db.engine import reading
from domain.offers import availability
from domain.offers.neutral_order import PERIOD_SECONDS, period_start

ENGINE = "ouvoir.engine"
LARGEST = 2**31 - 1
"""The largest number PostgreSQL can hold in the column."""
FILM_ID = f"int(max={LARGEST})"


class Refusal(BadRequest):
    """A request that cannot be answered; its description is one French sentence for whoever made it."""


class Unavailable(Refusal):
    """A request that could be answered a little later; its description says so in French."""

    code = 503


def engine() -> Engine:
    """The application's database."""
    found: Engine = current_app.extensions[ENGINE]
    return found


def session() -> AbstractContextManager[Session]:
    """A reading session on the application's database. Raises Problem when it cannot be reached."""
    return reading(engine())


def read_number(text: str) -> int:
    """A number as a form or an address writes it; 0 when it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 11 and int(text) <= LARGEST else 0


def tell_problem(problem: Problem) -> str:
    """What a page says of a problem. A fault of the database is not for its reader: it is raised again."""
    if isinstance(problem, StorageProblem):
        raise problem
    return str(problem)


def keep_for_period(response: Response, at: datetime) -> Response:
    """Lets caches keep an answer until services are drawn in another order, and not a second more."""
    left = PERIOD_SECONDS - int((at - period_start(at)).total_seconds())
    response.headers["Cache-Control"] = f"public, max-age={left}"
    return response


def page(template: str, at: datetime, **facts: Any) -> Response:
    """A page as it stands at a moment, kept for the period."""
    return keep_for_period(make_response(render_template(template, at=at, **facts)), at)


def is_demonstration() -> bool:
    """Whether some registered service is invented."""
    with session() as db:
        return availability.is_demonstration(db)
