"""Define what a batch may hold: up to 500 films, each by its number here, by an identifier, or by its title."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from domain.common.identifiers import ALL_SCHEMES
from search.requested_film import MAX_LINE_LENGTH, MAX_LINES
from webapp.api.parameters import OneOf, RequestModel
from webapp.core.context import MAX_INTEGER


def _coerce_integer(value: Any) -> Any:
    """Return the integer that 12.0 is in JSON."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


FilmId = Annotated[int, Field(ge=1, le=MAX_INTEGER), BeforeValidator(_coerce_integer)]
Year = Annotated[int, Field(ge=1800, le=2099), BeforeValidator(_coerce_integer)]
Name = Annotated[str, Field(min_length=1, max_length=MAX_LINE_LENGTH)]


class ByNumber(RequestModel):
    """Un film par son numéro ici."""

    id: FilmId


class ByIdentifier(RequestModel):
    """Un film par son numéro dans une autre base."""

    scheme: Annotated[str, OneOf(*ALL_SCHEMES)]
    value: str = Field(min_length=1, max_length=100)


class ByTitle(RequestModel):
    """Un film par son titre ; sans année ni réalisateur, peu de titres permettent d’être sûr."""

    title: Name
    year: Year | None = Field(None, description="De production ou de sortie")
    directors: list[Name] = Field([], max_length=10)


class Batch(RequestModel):
    """Des films à reconnaître."""

    items: list[ByNumber | ByIdentifier | ByTitle] = Field(min_length=1, max_length=MAX_LINES, description="Les films demandés")
    offers: bool = Field(False, description="Vrai : avec les offres de chacun")
