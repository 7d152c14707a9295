"""Parse JSON as pages and answers write it, made harmless: no recursion, infinity or flood can come from it."""

import json
import math
from typing import Any

_MAX_DEPTH = 60
_MAX_VALUES = 50_000
_MAX_SEPARATORS = 200_000


def parse_untrusted_json(text: str) -> Any:
    """Return what a JSON text holds. Raw line breaks inside texts are accepted; what is no finite number is None.

    Raises ValueError, also when it may hold more values than a page can.
    """
    if sum(map(text.count, "{[,")) > _MAX_SEPARATORS:
        raise ValueError("JSON démesuré")
    try:
        return json.loads(text, strict=False, parse_constant=lambda _: None, parse_float=_parse_finite)
    except RecursionError:
        raise ValueError("JSON trop profond") from None


def _parse_finite(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None


def copy_bounded(value: Any, null_texts: frozenset[str] = frozenset()) -> Any:
    """Return a copy of a value, cut at a depth that any later reader can follow; texts of `null_texts` become None.

    Raises ValueError when it holds more values than a film can.
    """
    return _BoundedCopier(null_texts).copy_value(value, _MAX_DEPTH)


class _BoundedCopier:
    """Copy one value, and count what it holds."""

    def __init__(self, null_texts: frozenset[str]) -> None:
        self._null_texts = null_texts
        self._values_left = _MAX_VALUES

    def copy_value(self, value: Any, depth: int) -> Any:
        """Return the copy; what is deeper than `depth` is None. Raises ValueError past the limit of values."""
        self._values_left -= 1
        if self._values_left < 0:
            raise ValueError("état démesuré")
        if isinstance(value, dict | list) and not depth:
            return None
        if isinstance(value, dict):
            return {str(name): self.copy_value(item, depth - 1) for name, item in value.items()}
        if isinstance(value, list):
            return [self.copy_value(item, depth - 1) for item in value]
        if isinstance(value, float) and not math.isfinite(value):
            return None
        if isinstance(value, str) and value in self._null_texts:
            return None
        return value
