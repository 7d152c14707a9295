"""Looking for a catalogue, or for a film, in a document whose shape is unknown. Depth and time stay bounded."""

import json
import re
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Any

from domain.common.text import fold_text

_MAX_NODES, _MAX_DEPTH = 100_000, 30
_MAX_KEY_LENGTH, _MAX_PATH_LENGTH = 200, 500
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FILM_KEY_WEIGHTS = {
    "title": 3, "titre": 3, "name": 1, "nom": 1, "originaltitle": 2, "director": 3, "directors": 3, "realisateur": 3,
    "realisateurs": 3, "year": 2, "productionyear": 3, "releaseyear": 3, "annee": 2, "duration": 2, "runtime": 2, "duree": 2,
    "synopsis": 1, "isan": 3, "imdb": 2, "slug": 1, "id": 1, "offers": 1, "countries": 1,
}  # fmt: skip
_FILM_SCORE_THRESHOLD = 5


def quote_key(name: str) -> str:
    """A name of a JMESPath, quoted when it must be."""
    return name if _PLAIN_NAME.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def normalise_key(name: str) -> str:
    """A key as it is compared: « production_year », « productionYear » and « Production year » are one."""
    return re.sub(r"[^a-z0-9]", "", fold_text(name))


def score_film(value: dict[str, Any]) -> int:
    """How much an object looks like a film: the sum of the signs that its keys give."""
    return sum(
        _FILM_KEY_WEIGHTS.get(normalise_key(name), 0)
        for name, held in _iter_named_values(value)
        if held not in (None, "", [], {})
    )


def find_longest_list(content: Any) -> tuple[str | None, list[dict[str, Any]]]:
    """The JMESPath of the longest list of objects (None for the root), lists of film-like objects first, and its objects."""
    best: tuple[tuple[bool, int], str, list[dict[str, Any]]] | None = None
    for path, value in _walk_tree(content):
        rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
        if not rows or "[" in path or len(rows) < len(value) / 2:
            continue
        rank = (max(score_film(row) for row in rows[:20]) >= _FILM_SCORE_THRESHOLD, len(rows))
        if best is None or rank > best[0]:
            best = rank, path, rows
    return (best[1] or None, best[2]) if best else (None, [])


def find_film_object(content: Any) -> tuple[str | None, dict[str, Any]]:
    """The JMESPath of the object that looks most like a film, and the object; (None, {}) when none does."""
    best: tuple[int, str, dict[str, Any]] = (_FILM_SCORE_THRESHOLD - 1, "", {})
    for path, value in _walk_tree(content):
        if isinstance(value, dict) and path and (score := score_film(value)) > best[0]:
            best = score, path, value
    return (best[1] or None, best[2])


def _walk_tree(content: Any) -> Iterator[tuple[str, Any]]:
    """Every object and list, nearest first; of a list of objects, each item under the filter of the key that leads on."""
    waiting: deque[tuple[str, Any, int]] = deque([("", content, 0)])
    found = 1
    while waiting:
        path, value, depth = waiting.popleft()
        yield path, value
        if depth >= _MAX_DEPTH or found >= _MAX_NODES:
            continue
        parts = (
            _iter_members(path, value)
            if isinstance(value, dict)
            else _iter_list_items(path, value if isinstance(value, list) else [])
        )
        inner = (
            (where, held, depth + 1) for where, held in parts if isinstance(held, dict | list) and len(where) <= _MAX_PATH_LENGTH
        )
        held_before = len(waiting)
        waiting.extend(islice(inner, _MAX_NODES - found))
        found += len(waiting) - held_before


def _iter_members(path: str, value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, held in _iter_named_values(value):
        yield (f"{path}.{quote_key(name)}" if path else quote_key(name)), held


def _iter_named_values(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What an object holds, without what stands under a key that no person wrote."""
    return ((str(name), held) for name, held in value.items() if len(str(name)) <= _MAX_KEY_LENGTH)


def _iter_list_items(path: str, value: list[Any]) -> Iterator[tuple[str, Any]]:
    """A place in a list moves from page to page: what an item holds is found by the name under which it stands."""
    for item in value[:200]:
        if not isinstance(item, dict):
            continue
        yield f"{path}[?{_build_item_filter(item)}] | [0]", item
        for name, held in _iter_named_values(item):
            if isinstance(held, dict):
                yield f"{path}[?{quote_key(name)}].{quote_key(name)} | [0]", held


def _build_item_filter(item: dict[str, Any]) -> str:
    signs = sorted(
        (name for name, _ in _iter_named_values(item)), key=lambda name: -_FILM_KEY_WEIGHTS.get(normalise_key(name), 0)
    )[:2]
    return " && ".join(quote_key(name) for name in signs) or "@"
