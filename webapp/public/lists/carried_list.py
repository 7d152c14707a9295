"""The list as a page carries it to the next one, so that the server keeps nothing."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from search.requested_film import MOST_LINES, Asked
from webapp.core.context import Refusal
from webapp.core.i18n import gettext

_LISTS = TypeAdapter(Annotated[list[Asked], Field(min_length=1, max_length=MOST_LINES)])


def carried(asked: Sequence[Asked]) -> str:
    """The lines in JSON, for a hidden field."""
    return _LISTS.dump_json(list(asked), exclude_defaults=True).decode()


def brought_back(text: str) -> list[Asked]:
    """The lines of a hidden field. Raises Refusal when they are not those of a list."""
    try:
        return _LISTS.validate_json(text)
    except ValidationError:
        told = gettext("La liste que cette page renvoie est abîmée : envoyez vos titres ou votre fichier de nouveau.")
        raise Refusal(told) from None
