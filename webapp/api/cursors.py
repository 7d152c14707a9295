"""Write and read cursors: the position where a page ends, signed, and valid for one list only."""

from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from domain.accounts.secret_key import get_signing_key
from webapp.core.context import RequestError


def write_cursor(list_name: str, *position: str | int) -> str:
    """Return the cursor of a position in a list."""
    return str(_build_serializer(list_name).dumps(position))


def read_cursor(list_name: str, cursor: str | None) -> list[Any] | None:
    """Return the position that a cursor of that list holds, None without one. Raise RequestError when it was not written here."""
    if cursor is None:
        return None
    try:
        position: list[Any] = _build_serializer(list_name).loads(cursor)
    except BadData:
        raise RequestError(
            "Valeur inattendue (paramètre « cursor ») : ce curseur n’a pas été donné ici, ou l’a été pour une autre liste. "
            "Repartez de la première page."
        ) from None
    return position


def _build_serializer(list_name: str) -> URLSafeSerializer:
    return URLSafeSerializer(get_signing_key(), salt=f"cursor {list_name}")
