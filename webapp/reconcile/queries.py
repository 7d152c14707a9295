"""A batch of queries, read into rows for the matcher; what is not of the protocol is refused with its place."""

import json
import re
from typing import Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from domain.common.enums import Kind
from domain.common.identifiers import parse_identifier
from domain.common.text import clean_text
from domain.linking.protocol import ReconciliationQuery
from webapp.core.context import RequestError
from webapp.reconcile.properties import IDENTIFIERS, PROPERTIES, TYPE_LABELS, read_list, read_minutes, read_names, read_year

MAX_QUERIES = 50
MAX_CANDIDATES = 10
_DEFAULT_CANDIDATES = 5
_MAX_CELL_LENGTH, _MAX_ECHOED_LENGTH = 500, 40  # characters read of a cell, or repeated of a name
_MAX_VALUES, _MAX_PROPERTIES = 50, 40
_MAX_LOCATION_DEPTH = 4  # names of a place: further on stand the members of a union
_IDENTIFIER_PATTERN = re.compile(r"(?P<imdb>tt\d{7,9})|(?P<scheme>[a-z]+)\s*:\s*(?P<value>\S+)", re.IGNORECASE)
Read = TypeVar("Read")


class PayloadTooLargeError(RequestError):
    """More than is taken at once."""

    code = 413


class _Entity(BaseModel):
    id: str
    name: str | None = None


class PropertyValue(BaseModel):
    """A property and what a cell says of it."""

    model_config = ConfigDict(extra="forbid")
    pid: str
    v: str | float | bool | _Entity | Annotated[list[str | float | bool | _Entity], Field(max_length=_MAX_VALUES)]


class Query(BaseModel):
    """One row, as the protocol writes it."""

    model_config = ConfigDict(extra="forbid")
    query: str | None = None
    type: str | list[str] | None = None
    limit: Annotated[int, Field(ge=1)] = _DEFAULT_CANDIDATES
    properties: Annotated[list[PropertyValue], Field(max_length=_MAX_PROPERTIES)] = []
    type_strict: Literal["any", "should", "all"] | None = None

    @model_validator(mode="after")
    def _check_not_empty(self) -> Self:
        if self.query is None and not self.properties:
            raise ValueError("query or properties is expected")
        return self

    def parse_row(self) -> ReconciliationQuery:
        """What the row says of a film; a cell that cannot be read says nothing. Raises Refusal for an unknown name."""
        told = self._read_cells()
        title, numbers = _parse_title_or_identifier(self.query or "")
        written = ((scheme, cell) for scheme in IDENTIFIERS for cell in told.get(scheme, ()))
        return ReconciliationQuery(
            titles=tuple(filter(None, (title, *told.get("original_title", ()), *read_names(told.get("other_titles", ()))))),
            year=read_year(told.get("year", ())),
            release_year=read_year(told.get("release_date", ())),
            runtime_min=read_minutes(told.get("runtime_min", ())),
            directors=read_names(told.get("directors", ())),
            countries=read_list(told.get("countries", ())),
            kind=self._read_kind(),
            identifiers=(*numbers, *written),
        )

    def _read_cells(self) -> dict[str, list[str]]:
        cells: dict[str, list[str]] = {}
        for one in self.properties:
            known = PROPERTIES.get(one.pid)
            if known is None or not known.is_matchable:
                expected = ", ".join(name for name, each in PROPERTIES.items() if each.is_matchable)
                raise RequestError(
                    f"Propriété « {shorten_text(one.pid)} » : elle ne sert pas à rapprocher (attendues : {expected})."
                )
            values = one.v if isinstance(one.v, list) else [one.v]
            cells.setdefault(one.pid, []).extend(_format_cell(value, one.pid in IDENTIFIERS) for value in values)
        return cells

    def _read_kind(self) -> Kind | None:
        asked = [self.type] if isinstance(self.type, str) else self.type or []
        if unknown := next((one for one in asked if one not in TYPE_LABELS), None):
            raise RequestError(f"Type « {shorten_text(unknown)} » inconnu (attendus : {', '.join(TYPE_LABELS)}).")
        kinds = [Kind(one) for one in asked if one in list(Kind)]
        return kinds[0] if len(kinds) == len(asked) == 1 else None


def _format_cell(value: str | float | bool | _Entity, as_identifier: bool) -> str:
    """A cell that was reconciled elsewhere gives its name, or its number where a number is expected."""
    if isinstance(value, _Entity):
        value = value.id if as_identifier or not value.name else value.name
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if isinstance(value, bool) else str(value)[:_MAX_CELL_LENGTH]


def _parse_title_or_identifier(query: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """« tt0060474 » and « visa:31345 » are numbers; anything else is a title."""
    found = _IDENTIFIER_PATTERN.fullmatch(query.strip())
    if found:
        scheme, value = ("imdb", found["imdb"]) if found["imdb"] else (found["scheme"].lower(), found["value"])
        if scheme in IDENTIFIERS and parse_identifier(scheme, value):
            return "", ((scheme, value),)
    return query[:_MAX_CELL_LENGTH], ()


def shorten_text(text: str) -> str:
    """A name that was sent, as a refusal may repeat it: JSON can hold halves of characters, which no answer can."""
    return clean_text(text)[:_MAX_ECHOED_LENGTH]


def read_batch(text: str) -> dict[str, Query]:
    """The queries of a batch by their keys. Raises Refusal, TooMany over fifty."""
    batch = read_json(text, TypeAdapter(dict[str, Query]), "queries")
    if len(batch) > MAX_QUERIES:
        raise PayloadTooLargeError(f"Un lot contient {MAX_QUERIES} requêtes au plus.")
    return batch


def read_json(text: str, adapter: TypeAdapter[Read], name: str) -> Read:
    """What a parameter holds in JSON. Raises Refusal with the place of what is not expected."""
    try:
        return adapter.validate_python(json.loads(text))
    except ValidationError as error:
        place = ".".join(shorten_text(str(part)) for part in error.errors(include_url=False)[0]["loc"][:_MAX_LOCATION_DEPTH])
        raise RequestError(f"Paramètre « {name} », champ « {place or 'racine'} » : valeur absente ou inattendue.") from None
    except (ValueError, RecursionError):
        raise RequestError(f"Paramètre « {name} » : JSON attendu.") from None
