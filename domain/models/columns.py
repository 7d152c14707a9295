"""Column types that the tables share."""

from enum import StrEnum

from sqlalchemy import Enum
from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def build_enum_type(words: type[StrEnum]) -> Enum:
    """A column that holds one word of a vocabulary, by its value, in plain text."""
    return Enum(words, native_enum=False, create_constraint=False, length=32, values_callable=list)
