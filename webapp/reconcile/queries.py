"""Read a batch of queries into rows for the matcher; what is not of the protocol is refused with its location."""

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
_MAX_CELL_LENGTH = 500
"""Characters read of a cell."""
_MAX_ECHOED_LENGTH = 40
"""Characters of a name that a refusal repeats."""
_MAX_VALUES = 50
_MAX_PROPERTIES = 40
_MAX_LOCATION_DEPTH = 4
"""Parts of a location that are shown: the members of a union come after."""
_IDENTIFIER_PATTERN = re.compile(r"(?P<imdb>tt\d{7,9})|(?P<scheme>[a-z]+)\s*:\s*(?P<value>\S+)", re.IGNORECASE)
ParsedT = TypeVar("ParsedT")


class PayloadTooLargeError(RequestError):
    """Refuse more than is taken at once."""

    code = 413


class _Entity(BaseModel):
    id: str
    name: str | None = None


class PropertyValue(BaseModel):
    """Represent a property and the value that a cell gives it."""

    model_config = ConfigDict(extra="forbid")
    pid: str
    v: str | float | bool | _Entity | Annotated[list[str | float | bool | _Entity], Field(max_length=_MAX_VALUES)]


class Query(BaseModel):
    """Represent one row, as the protocol writes it."""

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
        """Return what the row says of a film; a cell that cannot be read says nothing. Raise RequestError for an unknown name."""
        cells = self._read_cells()
        title, query_identifiers = _parse_title_or_identifier(self.query or "")
        titles = (title, *cells.get("original_title", ()), *read_names(cells.get("other_titles", ())))
        cell_identifiers = ((scheme, cell) for scheme in IDENTIFIERS for cell in cells.get(scheme, ()))
        return ReconciliationQuery(
            titles=tuple(filter(None, titles)),
            year=read_year(cells.get("year", ())),
            release_year=read_year(cells.get("release_date", ())),
            runtime_min=read_minutes(cells.get("runtime_min", ())),
            directors=read_names(cells.get("directors", ())),
            countries=read_list(cells.get("countries", ())),
            kind=self._read_kind(),
            identifiers=(*query_identifiers, *cell_identifiers),
        )

    def _read_cells(self) -> dict[str, list[str]]:
        cells: dict[str, list[str]] = {}
        for given in self.properties:
            _require_matchable(given.pid)
            values = given.v if isinstance(given.v, list) else [given.v]
            cells.setdefault(given.pid, []).extend(_format_cell(value, given.pid in IDENTIFIERS) for value in values)
        return cells

    def _read_kind(self) -> Kind | None:
        types = [self.type] if isinstance(self.type, str) else self.type or []
        for type_id in types:
            if type_id not in TYPE_LABELS:
                raise RequestError(f"Type « {shorten_text(type_id)} » inconnu (attendus : {', '.join(TYPE_LABELS)}).")
        if len(types) == 1 and types[0] in list(Kind):
            return Kind(types[0])
        return None


def _require_matchable(property_id: str) -> None:
    prop = PROPERTIES.get(property_id)
    if prop is None or not prop.is_matchable:
        expected = ", ".join(name for name, each in PROPERTIES.items() if each.is_matchable)
        raise RequestError(f"Propriété « {shorten_text(property_id)} » : elle ne sert pas à rapprocher (attendues : {expected}).")


def _format_cell(value: str | float | bool | _Entity, as_identifier: bool) -> str:
    """Return the text of a cell. One reconciled elsewhere gives its name, or its id where an identifier is expected."""
    if isinstance(value, _Entity):
        value = value.id if as_identifier or not value.name else value.name
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if isinstance(value, bool) else str(value)[:_MAX_CELL_LENGTH]


def _parse_title_or_identifier(query: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return a title and no identifier, or no title and one: « tt0060474 » and « visa:31345 » are identifiers."""
    match = _IDENTIFIER_PATTERN.fullmatch(query.strip())
    if match:
        scheme, value = ("imdb", match["imdb"]) if match["imdb"] else (match["scheme"].lower(), match["value"])
        if scheme in IDENTIFIERS and parse_identifier(scheme, value):
            return "", ((scheme, value),)
    return query[:_MAX_CELL_LENGTH], ()


def shorten_text(text: str) -> str:
    """Return a name that was sent, as a refusal may repeat it: JSON can hold halves of characters, which no answer can."""
    return clean_text(text)[:_MAX_ECHOED_LENGTH]


def read_batch(text: str) -> dict[str, Query]:
    """Return the queries of a batch by their keys. Raise RequestError, or PayloadTooLargeError over fifty."""
    batch = read_json(text, TypeAdapter(dict[str, Query]), "queries")
    if len(batch) > MAX_QUERIES:
        raise PayloadTooLargeError(f"Un lot contient {MAX_QUERIES} requêtes au plus.")
    return batch


def read_json(text: str, adapter: TypeAdapter[ParsedT], name: str) -> ParsedT:
    """Return what a parameter holds in JSON. Raise RequestError with the location of what is not expected."""
    try:
        return adapter.validate_python(json.loads(text))
    except ValidationError as error:
        parts = error.errors(include_url=False)[0]["loc"][:_MAX_LOCATION_DEPTH]
        location = ".".join(shorten_text(str(part)) for part in parts) or "racine"
        raise RequestError(f"Paramètre « {name} », champ « {location} » : valeur absente ou inattendue.") from None
    except (ValueError, RecursionError):
        raise RequestError(f"Paramètre « {name} » : JSON attendu.") from None
