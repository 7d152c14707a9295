"""Where a page ends, as a word that its reader gives back and cannot make: signed, and of one list only."""

from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from domain.accounts.secret_key import signing_key
from webapp.core.context import Refusal


def write_cursor(of: str, *place: str | int) -> str:
    """The cursor of a place in a list."""
    return str(_signer(of).dumps(place))


def read_cursor(of: str, cursor: str | None) -> list[Any] | None:
    """The place that a cursor of that list stands for, None without one. Raises Refusal on any other word."""
    if cursor is None:
        return None
    try:
        place: list[Any] = _signer(of).loads(cursor)
    except BadData:
        told = "ce curseur n’a pas été donné ici, ou l’a été pour une autre liste"
        raise Refusal(f"Valeur inattendue (paramètre « cursor ») : {told}. Repartez de la première page.") from None
    return place


def _signer(of: str) -> URLSafeSerializer:
    return URLSafeSerializer(signing_key(), salt=f"cursor {of}")
