"""Carry a list from a page to the next one in a hidden field, so that the server keeps nothing."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from search.requested_film import MAX_LINES, InputLine
from webapp.core.context import RequestError
from webapp.core.i18n import gettext

_LINES_ADAPTER = TypeAdapter(Annotated[list[InputLine], Field(min_length=1, max_length=MAX_LINES)])


def dump_lines(lines: Sequence[InputLine]) -> str:
    """Return the lines as JSON, for a hidden field."""
    return _LINES_ADAPTER.dump_json(list(lines), exclude_defaults=True).decode()


def load_lines(text: str) -> list[InputLine]:
    """Return the lines of a hidden field. Raises RequestError when they are not those of a list."""
    try:
        return _LINES_ADAPTER.validate_json(text)
    except ValidationError:
        message = gettext("La liste que cette page renvoie est abîmée : envoyez vos titres ou votre fichier de nouveau.")
        raise RequestError(message) from None
