"""Pages of a long list: their number, read from the address, and how many there are."""

from webapp.core.context import RequestError
from webapp.core.i18n import gettext

_MAX_PAGE = 10_000


def parse_page(text: str) -> int:
    """The page number asked for. Raises Refusal when it is not one."""
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(_MAX_PAGE)) and 1 <= int(text) <= _MAX_PAGE):
        told = gettext("Le numéro de page (paramètre « page ») est un nombre de 1 à %(most)s.")
        raise RequestError(told % {"most": _MAX_PAGE})
    return int(text)


def count_pages(total: int, size: int) -> int:
    """How many pages there are; one when there is nothing."""
    return max(1, -(-total // size))
