"""Parse the JSON documents of feeds and APIs; what is cut, too large, or a page of HTML raises UserError."""

import json
import re
from typing import Any

from domain.common.csv_reader import decode_bytes, looks_like_html
from domain.common.errors import UserError

_VALUES_LIMIT = 3_000_000
_OBJECT_WEIGHT = 3  # an object or a list weighs as much as so many values: three million make about 200 MB
_TRAILING_COMMA = re.compile(r'("(?:[^"\\]++|\\.)*+"?)|,(?=\s*+[\]}])', re.DOTALL)


def load_json(data: bytes, name: str, encoding: str | None = None) -> Any:
    """Return what a JSON document holds. Raises UserError as `parse_json`, or when no encoding reads it."""
    return parse_json(decode_bytes(data, name, encoding), name)


def parse_json(text: str, name: str) -> Any:
    """Return what a JSON text holds; a comma too many at the end of a list is forgiven.

    Raises UserError when it is cut, too large, or no JSON.
    """
    if looks_like_html(text):
        raise UserError(f"{name} : page HTML reçue au lieu d'un JSON")
    if _count_values(text) > _VALUES_LIMIT:
        raise UserError(f"{name} : JSON démesuré, plus de {_VALUES_LIMIT // 1_000_000} millions de valeurs")
    try:
        return json.loads(text)
    except RecursionError:
        raise UserError(f"{name} : JSON coupé ou illisible") from None
    except ValueError:
        pass
    try:
        return json.loads(_TRAILING_COMMA.sub(r"\1", text))
    except (ValueError, RecursionError):
        raise UserError(f"{name} : JSON coupé ou illisible") from None


def _count_values(text: str) -> int:
    """Return an upper bound of the values that a JSON text holds, weighed by the memory that they take."""
    return text.count(",") + _OBJECT_WEIGHT * (text.count("{") + text.count("["))
