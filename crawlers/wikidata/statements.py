"""Represent what an item says, whether rows of the SPARQL service or a line of a dump told it."""

import re
from collections import defaultdict
from typing import NamedTuple

_ITEM_URI = re.compile(r"https?://www\.wikidata\.org/entity/(Q[1-9][0-9]{0,11})")
_ITEM = re.compile(r"Q[1-9][0-9]{0,11}")


class Statement(NamedTuple):
    """Hold a value as a text, its language where it has one, and the item that it is about: a person, a unit."""

    text: str
    language: str = ""
    about: str | None = None


Facts = defaultdict[str, list[Statement]]
"""The statements about an item: label, alias, original, director, published, released, runtime, and the schemes of numbers."""


def make_facts() -> Facts:
    """Return facts of an item of which nothing is known yet."""
    return defaultdict(list)


def parse_item_id(text: str) -> str | None:
    """Return the item that an id or an address names, or None."""
    if _ITEM.fullmatch(text):
        return text
    uri = _ITEM_URI.fullmatch(text)
    return uri[1] if uri else None
