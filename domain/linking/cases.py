"""Tell which review cases wait for an answer."""

from sqlalchemy import ColumnElement
from sqlmodel import col

from domain.models.review_case import ReviewCase


def is_open_case() -> ColumnElement[bool]:
    """Return the SQL condition on ReviewCase that it waits for an answer."""
    return col(ReviewCase.closed_at).is_(None)
