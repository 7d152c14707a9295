"""Look for a catalogue, or for a film, in a document whose shape is unknown. Depth and time stay bounded."""

import json
import re
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Any

from domain.common.text import fold_text

_MAX_NODES = 100_000
_MAX_DEPTH = 30
_MAX_KEY_LENGTH = 200
_MAX_PATH_LENGTH = 500
_MAX_LIST_ITEMS = 200
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FILM_KEY_WEIGHTS = {
    "title": 3, "titre": 3, "name": 1, "nom": 1, "originaltitle": 2, "director": 3, "directors": 3, "realisateur": 3,
    "realisateurs": 3, "year": 2, "productionyear": 3, "releaseyear": 3, "annee": 2, "duration": 2, "runtime": 2, "duree": 2,
    "synopsis": 1, "isan": 3, "imdb": 2, "slug": 1, "id": 1, "offers": 1, "countries": 1,
}  # fmt: skip
_FILM_SCORE_THRESHOLD = 5


def quote_key(name: str) -> str:
    """Return a name as JMESPath writes it, quoted when it must be."""
    if _PLAIN_NAME.fullmatch(name):
        return name
    return json.dumps(name, ensure_ascii=False)


def normalise_key(name: str) -> str:
    """Return a key as it is compared: « production_year », « productionYear » and « Production year » are the same."""
    return re.sub(r"[^a-z0-9]", "", fold_text(name))


def score_film(value: dict[str, Any]) -> int:
    """Return how much an object looks like a film: the sum of the weights of its filled keys."""
    filled_names = [name for name, member in _iter_members(value) if member not in (None, "", [], {})]
    return sum(map(_get_key_weight, filled_names))


def _get_key_weight(name: str) -> int:
    return _FILM_KEY_WEIGHTS.get(normalise_key(name), 0)


def find_longest_list(content: Any) -> tuple[str | None, list[dict[str, Any]]]:
    """Return the JMESPath of the longest list of objects (None for the root), and its objects.

    Lists of film-like objects come before any other.
    """
    best_rank = (False, 0)
    best_path = ""
    best_rows: list[dict[str, Any]] = []
    for path, value in _walk_tree(content):
        if not isinstance(value, list) or "[" in path:
            continue
        rows = [row for row in value if isinstance(row, dict)]
        if not rows or len(rows) < len(value) / 2:
            continue
        looks_like_films = max(map(score_film, rows[:20])) >= _FILM_SCORE_THRESHOLD
        rank = (looks_like_films, len(rows))
        if rank > best_rank:
            best_rank = rank
            best_path = path
            best_rows = rows
    return best_path or None, best_rows


def find_film_object(content: Any) -> tuple[str | None, dict[str, Any]]:
    """Return the JMESPath of the object that looks most like a film, and the object; (None, {}) when none does."""
    best_score = _FILM_SCORE_THRESHOLD - 1
    best_path = ""
    best_film: dict[str, Any] = {}
    for path, value in _walk_tree(content):
        if not isinstance(value, dict) or not path:
            continue
        score = score_film(value)
        if score > best_score:
            best_score = score
            best_path = path
            best_film = value
    return best_path or None, best_film


def _walk_tree(content: Any) -> Iterator[tuple[str, Any]]:
    """Yield every object and list with its path, nearest first."""
    waiting: deque[tuple[str, Any, int]] = deque([("", content, 0)])
    node_count = 1
    while waiting:
        path, value, depth = waiting.popleft()
        yield path, value
        if depth < _MAX_DEPTH and node_count < _MAX_NODES:
            children = list(islice(_iter_children(path, value), _MAX_NODES - node_count))
            waiting.extend((child_path, child, depth + 1) for child_path, child in children)
            node_count += len(children)


def _iter_children(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the objects and lists that a node holds, under paths of a reasonable length."""
    children = _iter_member_paths(path, value) if isinstance(value, dict) else _iter_item_paths(path, value)
    for child_path, child in children:
        if isinstance(child, dict | list) and len(child_path) <= _MAX_PATH_LENGTH:
            yield child_path, child


def _iter_member_paths(path: str, value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, member in _iter_members(value):
        key = quote_key(name)
        yield (f"{path}.{key}" if path else key), member


def _iter_members(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what an object holds, without what stands under a key that no person wrote."""
    return ((str(name), member) for name, member in value.items() if len(str(name)) <= _MAX_KEY_LENGTH)


def _iter_item_paths(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the objects of a list, and the objects that they hold.

    A position in a list changes from page to page: an object is found by the keys that it holds, or that lead to it.
    """
    items = value[:_MAX_LIST_ITEMS] if isinstance(value, list) else []
    for item in items:
        if not isinstance(item, dict):
            continue
        yield f"{path}[?{_build_item_filter(item)}] | [0]", item
        for name, member in _iter_members(item):
            if isinstance(member, dict):
                yield f"{path}[?{quote_key(name)}].{quote_key(name)} | [0]", member


def _build_item_filter(item: dict[str, Any]) -> str:
    """Return the JMESPath condition that the two most film-like keys of an object are filled."""
    names = [name for name, _ in _iter_members(item)]
    names.sort(key=_get_key_weight, reverse=True)
    return " && ".join(map(quote_key, names[:2])) or "@"
