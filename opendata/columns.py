"""Describe a column and format its cells: in CSV, in Parquet and in a Table Schema."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.common.isoformat import format_iso

VALUE_SEPARATOR = "|"
"""Separates the values of a cell that holds several."""
MULTIPLE_VALUES_NOTE = "Plusieurs valeurs sont séparées par une barre verticale."
_DUCKDB_TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DECIMAL(18,4)",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMPTZ",
}


@dataclass(frozen=True)
class Field:
    """Describe a column: ASCII name, Table Schema type, French title and description, constraints.

    `allowed_values` are the only ones that a cell may hold; empty for any.
    """

    name: str
    kind: str
    title: str
    description: str = ""
    required: bool = False
    allowed_values: Sequence[str] = ()
    unique: bool = False

    @property
    def sql_type(self) -> str:
        """Return the type of the column in Parquet, as DuckDB names it."""
        return _DUCKDB_TYPES[self.kind]

    def to_descriptor(self) -> dict[str, Any]:
        """Return the field descriptor of a Table Schema; what is empty is left out."""
        constraints = {"required": self.required, "unique": self.unique, "enum": list(self.allowed_values)}
        descriptor = {
            "name": self.name,
            "type": self.kind,
            "title": self.title,
            "description": self.description,
            "constraints": _drop_empty(constraints),
        }
        return _drop_empty(descriptor)


def _drop_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def join_values(values: Iterable[Any]) -> str:
    """Join several values in one cell; a separator inside a value becomes « / »."""
    return VALUE_SEPARATOR.join([str(value).replace(VALUE_SEPARATOR, "/") for value in values])


_CELL_FORMATTERS: dict[type, Callable[[Any], Any]] = {
    bool: lambda value: "true" if value else "false",
    datetime: format_iso,
    date: date.isoformat,
    list: join_values,
}


def format_cells(row: Iterable[Any]) -> list[Any]:
    """Format the cells of a row for a CSV writer.

    None stays None (an empty cell), booleans become « true » or « false », moments ISO 8601 in UTC, lists joined values.
    """
    cells = []
    for value in row:
        formatter = _CELL_FORMATTERS.get(type(value))
        cells.append(value if formatter is None else formatter(value))
    return cells
