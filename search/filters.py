"""What a search may be narrowed to: ways to watch, versions, accessibility, picture, decade, country, kind, services."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, String, cast, or_
from sqlmodel import Session, col
from werkzeug.datastructures import MultiDict

from domain.common.countries import get_country_code
from domain.common.enums import FREE_ACCESSES, Access, Kind, Quality
from domain.common.text import clean_text
from domain.models.film import Film
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.offers import listings
from webapp.core.context import RequestError
from webapp.core.i18n import gettext
from webapp.core.my_services import SERVICES_PARAM, ServiceSelection, parse_services

ACCESS_CHOICES = {
    "gratuit": FREE_ACCESSES,
    "mediatheque": (Access.LIBRARY,),
    "abonnement": (Access.SUBSCRIPTION,),
    "location": (Access.RENT,),
    "achat": (Access.BUY,),
}
VERSION_CHOICES = {"vf": ('"VF"', '"VOF"'), "vost": ('"VOST"', '"VOSTFR"')}
QUALITY_CHOICES = {"hd": (Quality.HD, Quality.UHD), "4k": (Quality.UHD,)}
KIND_CHOICES = {"film": Kind.FILM, "court": Kind.SHORT, "serie": Kind.SERIES}
DECADES = tuple(map(str, listings.DECADES))
_YES = ("1",)
_MAX_ECHOED_LENGTH = 60


@dataclass(frozen=True)
class Filters:
    """What was chosen, in the words of the address; nothing chosen is all there is."""

    available: bool
    accesses: tuple[str, ...]
    version: str | None
    audio_description: bool
    sdh: bool
    quality: str | None
    decade: str | None
    country: str | None
    kind: str | None
    services: ServiceSelection

    @property
    def has_offer_filters(self) -> bool:
        """Whether some offer must be there now."""
        told = (self.available, self.accesses, self.version, self.audio_description, self.sdh, self.quality)
        return any(told) or bool(self.services.slugs)

    @property
    def has_film_filters(self) -> bool:
        """Whether films themselves are chosen by what they are."""
        return any((self.decade, self.country, self.kind))

    @property
    def query_params(self) -> dict[str, str]:
        """What the addresses of other pages carry over."""
        told = {
            "disponible": "1" if self.available else None,
            "acces": ",".join(self.accesses),
            "version": self.version,
            "audiodescription": "1" if self.audio_description else None,
            "sme": "1" if self.sdh else None,
            "qualite": self.quality,
            "decennie": self.decade,
            "pays": self.country,
            "genre": self.kind,
        }
        return {name: value for name, value in told.items() if value} | self.services.query_params


NO_FILTERS = Filters(False, (), None, False, False, None, None, None, None, ServiceSelection((), (), ()))
"""Nothing is left out."""


class UnknownCountryError(RequestError):
    """A country that we do not know by the name typed."""


def parse_filters(session: Session, args: MultiDict[str, str]) -> Filters:
    """The filters of an address. Raises Refusal, which names the parameter, for a value that is none of those expected."""
    country = clean_text(args.get("pays", ""))[:_MAX_ECHOED_LENGTH]
    if country and get_country_code(country) is None:
        told = gettext("Pays inconnu (paramètre « pays ») : « %(country)s ». Écrivez son nom en entier, par exemple « Italie ».")
        raise UnknownCountryError(told % {"country": country})
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
    """The values of a parameter: with commas, or one parameter each as a form sends them."""
    told = tuple(dict.fromkeys(filter(None, ",".join(args.getlist(name)).split(","))))
    for value in told:
        if value not in expected:
            known = gettext("Valeur inconnue (paramètre « %(name)s ») : « %(value)s ». Valeurs attendues : %(expected)s.")
            raise RequestError(
                known % {"name": name, "value": clean_text(value)[:_MAX_ECHOED_LENGTH], "expected": ", ".join(expected)}
            )
    return told


def build_offer_conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """What one and the same offer must be, as SQL conditions on Offer and Platform."""
    wanted: list[ColumnElement[bool]] = []
    if filters.accesses:
        wanted.append(col(Offer.access).in_([access for name in filters.accesses for access in ACCESS_CHOICES[name]]))
    if filters.version:
        languages = cast(col(Offer.languages), String)
        wanted.append(or_(*(languages.contains(word, autoescape=True) for word in VERSION_CHOICES[filters.version])))
    if filters.audio_description:
        wanted.append(col(Offer.audio_description).is_(True))
    if filters.sdh:
        wanted.append(col(Offer.sdh).is_(True))
    if filters.quality:
        wanted.append(col(Offer.quality).in_(QUALITY_CHOICES[filters.quality]))
    if filters.services.slugs:
        wanted.append(col(Platform.id).in_(filters.services.platform_ids))
    return wanted


def build_film_conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """What a film must be, as SQL conditions on Film; its country is asked of `is_of_country`."""
    wanted: list[ColumnElement[bool]] = []
    if filters.decade:
        wanted.append(col(Film.year).between(int(filters.decade), int(filters.decade) + 9))
    if filters.kind:
        kind = KIND_CHOICES[filters.kind]
        unsaid = [col(Film.kind).is_(None)] if kind is Kind.FILM else []
        wanted.append(or_(col(Film.kind) == kind, *unsaid))
    return wanted


def is_of_country(countries: Sequence[str], filters: Filters) -> bool:
    """Whether one of a film's countries is the one chosen, whatever its spelling."""
    return not filters.country or get_country_code(filters.country) in map(get_country_code, countries)
