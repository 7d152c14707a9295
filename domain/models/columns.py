"""Column types and naming conventions that all tables share."""

from enum import StrEnum
from typing import Protocol

from sqlalchemy import Enum
from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class _Identified(Protocol):
    """Describe a row with an integer key, None until it is stored."""

    id: int | None


def build_enum_type(members: type[StrEnum]) -> Enum:
    """Build the type of a column that stores an enum member as its value, in plain text."""
    return Enum(members, native_enum=False, create_constraint=False, length=32, values_callable=list)


def get_id(row: _Identified) -> int:
    """Return the key of a stored row. Raises ValueError for a row that was never flushed."""
    if row.id is None:
        raise ValueError(f"{type(row).__name__} has no id before it is stored")
    return row.id
