"""The list as a page carries it to the next one, so that the server keeps nothing."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from search.requested_film import MAX_LINES, InputLine
from webapp.core.context import RequestError
from webapp.core.i18n import gettext

_LINES_ADAPTER = TypeAdapter(Annotated[list[InputLine], Field(min_length=1, max_length=MAX_LINES)])


def dump_lines(lines: Sequence[InputLine]) -> str:
    """The lines in JSON, for a hidden field."""
    return _LINES_ADAPTER.dump_json(list(lines), exclude_defaults=True).decode()


def load_lines(text: str) -> list[InputLine]:
    """The lines of a hidden field. Raises Refusal when they are not those of a list."""
    try:
        return _LINES_ADAPTER.validate_json(text)
    except ValidationError:
        told = gettext("La liste que cette page renvoie est abîmée : envoyez vos titres ou votre fichier de nouveau.")
        raise RequestError(told) from None
