"""Read the parameters of a search, the words and the filters, from the query string of an address."""

from collections.abc import Sequence

from sqlmodel import Session
from werkzeug.datastructures import MultiDict

from domain.common.countries import get_country_code
from domain.common.text import clean_text
from search.filters import ACCESS_CHOICES, DECADES, KIND_CHOICES, QUALITY_CHOICES, SERVICES_PARAM, VERSION_CHOICES, Filters
from search.query import MAX_QUERY_LENGTH, MAX_WORDS, count_words
from webapp.core.context import RequestError
from webapp.core.i18n import gettext
from webapp.core.my_services import parse_services

_YES = ("1",)
_MAX_ECHOED_LENGTH = 60


class UnknownCountryError(RequestError):
    """Report a country whose name is not known."""


def parse_query(text: str) -> str:
    """Return the words searched for, cleaned. Raise RequestError when they are too long or too many."""
    if len(text) > MAX_QUERY_LENGTH:
        message = gettext("La recherche (paramètre « q ») est limitée à %(limit)s caractères.")
        raise RequestError(message % {"limit": MAX_QUERY_LENGTH})
    if count_words(text) > MAX_WORDS:
        raise RequestError(gettext("La recherche (paramètre « q ») est limitée à %(limit)s mots.") % {"limit": MAX_WORDS})
    return clean_text(text)


def parse_filters(session: Session, args: MultiDict[str, str]) -> Filters:
    """Return the filters of an address. Raise RequestError, naming the parameter, for a value that is not expected."""
    country = clean_text(args.get("pays", ""))[:_MAX_ECHOED_LENGTH]
    if country and get_country_code(country) is None:
        message = gettext(
            "Pays inconnu (paramètre « pays ») : « %(country)s ». Écrivez son nom en entier, par exemple « Italie »."
        )
        raise UnknownCountryError(message % {"country": country})
    return Filters(
        available=_parse_choice(args, "disponible", _YES) is not None,
        accesses=_parse_choices(args, "acces", tuple(ACCESS_CHOICES)),
        version=_parse_choice(args, "version", tuple(VERSION_CHOICES)),
        audio_description=_parse_choice(args, "audiodescription", _YES) is not None,
        sdh=_parse_choice(args, "sme", _YES) is not None,
        quality=_parse_choice(args, "qualite", tuple(QUALITY_CHOICES)),
        decade=_parse_choice(args, "decennie", DECADES),
        country=country or None,
        kind=_parse_choice(args, "genre", tuple(KIND_CHOICES)),
        services=parse_services(session, args.getlist(SERVICES_PARAM)),
    )


def _parse_choice(args: MultiDict[str, str], name: str, expected: Sequence[str]) -> str | None:
    return next(iter(_parse_choices(args, name, expected)), None)


def _parse_choices(args: MultiDict[str, str], name: str, expected: Sequence[str]) -> tuple[str, ...]:
    """Return the values of a parameter, separated by commas or repeated as a form sends them."""
    written = ",".join(args.getlist(name)).split(",")
    values = tuple(dict.fromkeys(filter(None, written)))
    for value in values:
        if value not in expected:
            message = gettext("Valeur inconnue (paramètre « %(name)s ») : « %(value)s ». Valeurs attendues : %(expected)s.")
            echoed = clean_text(value)[:_MAX_ECHOED_LENGTH]
            raise RequestError(message % {"name": name, "value": echoed, "expected": ", ".join(expected)})
    return values
