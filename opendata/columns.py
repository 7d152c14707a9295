"""How a column is told: its name, its type, and its cells in CSV, in Parquet and in a Table Schema."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.common.isoformat import format_iso

VALUE_SEPARATOR = "|"
"""Between the values of a cell that holds several."""
_SQL_TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DECIMAL(18,4)",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMPTZ",
}


@dataclass(frozen=True)
class Field:
    """A column: ASCII name, Table Schema type, French title and description; `words` are the only ones it may hold."""

    name: str
    kind: str
    title: str
    description: str = ""
    required: bool = False
    allowed_values: Sequence[str] = ()
    unique: bool = False

    @property
    def sql_type(self) -> str:
        """Its type in Parquet, in the words of DuckDB."""
        return _SQL_TYPES[self.kind]

    def to_descriptor(self) -> dict[str, Any]:
        """The column in a Table Schema."""
        limits = {"required": self.required, "unique": self.unique, "enum": list(self.allowed_values)}
        told = {"name": self.name, "type": self.kind, "title": self.title, "description": self.description}
        constraints = {name: value for name, value in limits.items() if value}
        return {name: value for name, value in (told | {"constraints": constraints}).items() if value}


def join_values(values: Iterable[Any]) -> str:
    """Several values in one cell; a bar inside one is written « / »."""
    return VALUE_SEPARATOR.join([str(value).replace(VALUE_SEPARATOR, "/") for value in values])


_CELL_FORMATTERS: dict[type, Callable[[Any], Any]] = {
    bool: lambda value: "true" if value else "false",
    datetime: format_iso,
    date: date.isoformat,
    list: join_values,
}


def format_cells(row: Iterable[Any]) -> list[Any]:
    """A line as a CSV writer takes it: None is empty, true or false, ISO 8601 in UTC for moments, a list between bars."""
    return [value if (write := _CELL_FORMATTERS.get(type(value))) is None else write(value) for value in row]
