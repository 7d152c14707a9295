"""Render staff pages, and cut long lists into pages of rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from flask import Response, make_response, render_template, request

from domain.models.agent import Agent
from webapp.core.pagination import parse_page

PAGE_SIZE = 50
LOOKAHEAD_LIMIT = PAGE_SIZE + 1
"""Rows to read for a page: one more than is shown, to know whether another page follows."""
_Row = TypeVar("_Row")
_Other = TypeVar("_Other")


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


def get_offset(page_number: int) -> int:
    """Return how many rows come before a page."""
    return (page_number - 1) * PAGE_SIZE


def make_page(page_number: int, rows: Sequence[_Row]) -> Page[_Row]:
    """Return a page from the rows read for it, `LOOKAHEAD_LIMIT` at most."""
    return Page(page_number, rows[:PAGE_SIZE], len(rows) > PAGE_SIZE)


def render_staff_page(
    template: str, agent: Agent, context: Mapping[str, Any], *, at: datetime | None = None, status: int = 200
) -> Response:
    """Render a page for a signed-in agent, as things were at a moment: now, unless another is given."""
    page = render_template(template, agent=agent, at=at or datetime.now(UTC), **context)
    return make_response(page, status)
