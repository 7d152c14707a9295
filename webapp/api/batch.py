"""What a batch may hold: up to five hundred films, each by our number, by its number elsewhere, or by its title."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from domain.common.identifiers import EVERY_SCHEME
from search.requested_film import LONGEST, MOST_LINES
from webapp.api.parameters import Asked, OneOf
from webapp.core.context import LARGEST


def _whole(value: Any) -> Any:
    """In JSON, 12.0 is a whole number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Number = Annotated[int, Field(ge=1, le=LARGEST), BeforeValidator(_whole)]
Year = Annotated[int, Field(ge=1800, le=2099), BeforeValidator(_whole)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST)]


class ByNumber(Asked):
    """Un film par son numéro ici."""

    id: Number


class ByIdentifier(Asked):
    """Un film par son numéro dans une autre base."""

    scheme: Annotated[str, OneOf(*EVERY_SCHEME)]
    value: str = Field(min_length=1, max_length=100)


class ByTitle(Asked):
    """Un film par son titre ; sans année ni réalisateur, peu de titres permettent d’être sûr."""

    title: Name
    year: Year | None = Field(None, description="De production ou de sortie")
    directors: list[Name] = Field([], max_length=10)


class Batch(Asked):
    """Des films à reconnaître."""

    items: list[ByNumber | ByIdentifier | ByTitle] = Field(min_length=1, max_length=MOST_LINES, description="Les films demandés")
    offers: bool = Field(False, description="Vrai : avec les offres de chacun")
