"""Narrow a search: access, version, accessibility, quality, decade, country, kind and services, as SQL conditions."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, String, cast, or_
from sqlmodel import col

from domain.common.countries import get_country_code
from domain.common.enums import FREE_ACCESSES, Access, Kind, Quality
from domain.models.film import Film
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.offers import listings

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
SERVICES_PARAM = "services"


@dataclass(frozen=True)
class ServiceChoice:
    """A service that may be chosen, and whether it is."""

    slug: str
    name: str
    chosen: bool


@dataclass(frozen=True)
class ServiceSelection:
    """The services chosen (none: all of them), and those to choose from, in alphabetical order."""

    slugs: tuple[str, ...]
    platform_ids: tuple[int, ...]
    choices: tuple[ServiceChoice, ...]

    @property
    def query_params(self) -> dict[str, str]:
        """Return the parameters that an address must carry to repeat this choice."""
        return {SERVICES_PARAM: ",".join(self.slugs)} if self.slugs else {}


NO_SERVICES = ServiceSelection((), (), ())


@dataclass(frozen=True)
class Filters:
    """The choices of a search, as the parameters of an address write them; None or an empty tuple leaves everything in."""

    available: bool = False
    accesses: tuple[str, ...] = ()
    version: str | None = None
    audio_description: bool = False
    sdh: bool = False
    quality: str | None = None
    decade: str | None = None
    country: str | None = None
    kind: str | None = None
    services: ServiceSelection = NO_SERVICES

    @property
    def has_offer_filters(self) -> bool:
        """Return whether films must have a current offer."""
        choices = (self.available, self.accesses, self.version, self.audio_description, self.sdh, self.quality)
        return any(choices) or bool(self.services.slugs)

    @property
    def has_film_filters(self) -> bool:
        """Return whether films are chosen by their own facts."""
        return any((self.decade, self.country, self.kind))

    @property
    def query_params(self) -> dict[str, str]:
        """Return the parameters that an address must carry to repeat these choices."""
        params = {
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
        return {name: value for name, value in params.items() if value} | self.services.query_params


NO_FILTERS = Filters()


def build_offer_conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """Build the SQL conditions, on Offer and Platform, that one and the same offer must meet."""
    conditions: list[ColumnElement[bool]] = []
    if filters.accesses:
        accesses = [access for name in filters.accesses for access in ACCESS_CHOICES[name]]
        conditions.append(col(Offer.access).in_(accesses))
    if filters.version:
        languages = cast(col(Offer.languages), String)
        conditions.append(or_(*(languages.contains(word, autoescape=True) for word in VERSION_CHOICES[filters.version])))
    if filters.audio_description:
        conditions.append(col(Offer.audio_description).is_(True))
    if filters.sdh:
        conditions.append(col(Offer.sdh).is_(True))
    if filters.quality:
        conditions.append(col(Offer.quality).in_(QUALITY_CHOICES[filters.quality]))
    if filters.services.slugs:
        conditions.append(col(Platform.id).in_(filters.services.platform_ids))
    return conditions


def build_film_conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """Build the SQL conditions that a Film must meet, except its country: see `matches_country`."""
    conditions: list[ColumnElement[bool]] = []
    if filters.decade:
        first_year = int(filters.decade)
        conditions.append(col(Film.year).between(first_year, first_year + 9))
    if filters.kind:
        kind = KIND_CHOICES[filters.kind]
        condition = col(Film.kind) == kind
        if kind is Kind.FILM:
            condition = or_(condition, col(Film.kind).is_(None))
        conditions.append(condition)
    return conditions


def matches_country(countries: Sequence[str], filters: Filters) -> bool:
    """Return whether one of a film's countries is the chosen one, whatever its spelling; SQL cannot compare spellings."""
    return not filters.country or get_country_code(filters.country) in map(get_country_code, countries)
