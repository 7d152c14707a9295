"""Represent a line of a list as it was sent, and the ways to understand it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.common.identifiers import SCHEMES

MAX_LINES = 500
MAX_LINE_LENGTH = 300
"""Characters of a typed line, or of a cell of a table."""
MAX_BYTES = 1_000_000
Text = Annotated[str, Field(max_length=MAX_LINE_LENGTH)]


class LineFault(StrEnum):
    """Say why a line of a table cannot be read."""

    CELLS = "cells"
    NO_TITLE = "no-title"
    TOO_LONG = "too-long"


@dataclass(frozen=True)
class Interpretation:
    """One way to understand a line: a title, and the year and names of directors that it gives."""

    title: str
    year: int | None = None
    directors: tuple[str, ...] = ()


@dataclass(frozen=True)
class InputLine:
    """A line of a list: its number from 1, and either `typed`, free text, or the cells of a table.

    `titles` are those of one film, the main one first; `identifiers` are (scheme, value); `series` is None when the table
    does not say whether it is a series. The bounds are those of a list that a page sends back.
    """

    line: Annotated[int, Field(ge=1, le=MAX_BYTES)]
    typed: Text = ""
    titles: Annotated[tuple[Text, ...], Field(max_length=2)] = ()
    year: Annotated[int, Field(ge=1800, le=2099)] | None = None
    directors: Annotated[tuple[Text, ...], Field(max_length=MAX_LINE_LENGTH)] = ()
    identifiers: Annotated[tuple[tuple[Text, Text], ...], Field(max_length=len(SCHEMES))] = ()
    series: bool | None = None
    fault: LineFault | None = None

    @property
    def display_text(self) -> str:
        """Return the line as a person would type it: « Dune (2021), Denis Villeneuve »."""
        title = self.typed or next(iter(self.titles), "")
        if title and self.year:
            title += f" ({self.year})"
        text = ", ".join(filter(None, (title, *self.directors)))
        return text or " ".join(value for _, value in self.identifiers)
