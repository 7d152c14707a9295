"""Read the page number of an address."""

from webapp.core.context import RequestError
from webapp.core.i18n import gettext

_MAX_PAGE = 10_000


def parse_page(text: str) -> int:
    """Return the page number of the `page` parameter. Raise RequestError when it is not one."""
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(_MAX_PAGE)) and 1 <= int(text) <= _MAX_PAGE):
        message = gettext("Le numéro de page (paramètre « page ») est un nombre de 1 à %(limit)s.")
        raise RequestError(message % {"limit": _MAX_PAGE})
    return int(text)
