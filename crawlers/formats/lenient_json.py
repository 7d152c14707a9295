"""JSON as pages and answers write it, made harmless: no recursion, infinity or flood can come from it."""

import json
import math
from typing import Any

_MAX_DEPTH, _MAX_VALUES = 60, 50_000
_MAX_SEPARATORS = 200_000


def parse_untrusted_json(text: str) -> Any:
    """JSON with raw line breaks inside texts, common and harmless; what is no finite number is None.

    Raises ValueError, also when it may hold more values than a page can.
    """
    if sum(map(text.count, "{[,")) > _MAX_SEPARATORS:
        raise ValueError("JSON démesuré")
    try:
        return json.loads(text, strict=False, parse_constant=lambda _: None, parse_float=_parse_finite)
    except RecursionError:
        raise ValueError("JSON trop profond") from None


def _parse_finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def copy_bounded(value: Any, null_texts: frozenset[str] = frozenset()) -> Any:
    """A copy of a value that no later reading can lose itself in; texts of `nothing` become None.

    Raises ValueError when it holds more values than a film can.
    """
    left = _MAX_VALUES

    def copy(part: Any, depth: int) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise ValueError("état démesuré")
        if isinstance(part, dict):
            return {str(name): copy(item, depth - 1) for name, item in part.items()} if depth else None
        if isinstance(part, list):
            return [copy(item, depth - 1) for item in part] if depth else None
        if isinstance(part, float) and not math.isfinite(part):
            return None
        return None if isinstance(part, str) and part in null_texts else part

    return copy(value, _MAX_DEPTH)
