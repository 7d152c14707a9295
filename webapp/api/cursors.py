"""Where a page ends, as a word that its reader gives back and cannot make: signed, and of one list only."""

from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from domain.accounts.secret_key import get_signing_key
from webapp.core.context import RequestError


def write_cursor(list_name: str, *position: str | int) -> str:
    """The cursor of a place in a list."""
    return str(_build_serializer(list_name).dumps(position))


def read_cursor(list_name: str, cursor: str | None) -> list[Any] | None:
    """The place that a cursor of that list stands for, None without one. Raises Refusal on any other word."""
    if cursor is None:
        return None
    try:
        place: list[Any] = _build_serializer(list_name).loads(cursor)
    except BadData:
        told = "ce curseur n’a pas été donné ici, ou l’a été pour une autre liste"
        raise RequestError(f"Valeur inattendue (paramètre « cursor ») : {told}. Repartez de la première page.") from None
    return place


def _build_serializer(list_name: str) -> URLSafeSerializer:
    return URLSafeSerializer(get_signing_key(), salt=f"cursor {list_name}")
