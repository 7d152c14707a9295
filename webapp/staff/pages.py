"""Read what an address asks for, and render staff pages; long lists are cut into pages of rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Generic, TypeVar

from flask import Response, make_response, render_template, request

from domain.models.agent import Agent
from webapp.core.pagination import parse_page

PAGE_SIZE = 50
LOOKAHEAD_LIMIT = PAGE_SIZE + 1
"""Rows to read for a page: one more than is shown, to know whether another page follows."""
_Row = TypeVar("_Row")
_Other = TypeVar("_Other")
_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Page(Generic[_Row]):
    """Store the rows of one page of a list, its number from 1, and whether another page follows."""

    number: int
    rows: Sequence[_Row]
    has_more: bool

    def map_rows(self, convert: Callable[[_Row], _Other]) -> "Page[_Other]":
        """Return the same page with each row converted."""
        return Page(self.number, [convert(row) for row in self.rows], self.has_more)


def read_page_number() -> int:
    """Return the page that the address asks for (`page`), the first by default. Raises RequestError."""
    return parse_page(request.args.get("page", "1"))


def read_choice(name: str, choices: type[_Choice]) -> _Choice | None:
    """Return the member of an enum that a parameter of the address names, None when it names none."""
    value = request.args.get(name, "")
    return choices(value) if value in list(choices) else None


def get_offset(page_number: int) -> int:
    """Return how many rows come before a page."""
    return (page_number - 1) * PAGE_SIZE


def make_page(page_number: int, rows: Sequence[_Row]) -> Page[_Row]:
    """Return a page from the rows read for it, `LOOKAHEAD_LIMIT` at most."""
    return Page(page_number, rows[:PAGE_SIZE], len(rows) > PAGE_SIZE)


def render_staff_page(template: str, agent: Agent, context: Mapping[str, Any], *, at: datetime | None = None) -> Response:
    """Render a page for a signed-in agent, as things were at a moment: now, unless another is given.

    A page that says why something could not be done (`problem` in its context) is answered 409.
    """
    page = render_template(template, agent=agent, at=at or datetime.now(UTC), **context)
    status = HTTPStatus.CONFLICT if context.get("problem") else HTTPStatus.OK
    return make_response(page, status)
