"""Define the parameters of the API: models that check requests and describe themselves in the document."""

import re
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from babel import Locale
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

from domain.common.identifiers import ALL_SCHEMES
from domain.common.paris_time import PARIS
from domain.offers.change_feed import ChangeKind
from search import filters
from search.query import MAX_QUERY_LENGTH
from webapp.core.my_services import MAX_SERVICES

MAX_PAGE_SIZE = 100
"""Rows of a page, at most."""
SLUG_PATTERN = "^[a-z0-9]+(-[a-z0-9]+)*$"
_INTEGER_PATTERN = re.compile(r"-?(0|[1-9][0-9]{0,9})")
_DAY_PATTERN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT_PATTERN = re.compile(rf"{_DAY_PATTERN.pattern}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9]+)?(Z|[+-][0-9]{{2}}:[0-9]{{2}})")
_EXTRA_DIGITS_PATTERN = re.compile(r"(\.[0-9]{6})[0-9]+")
_DAY_OR_MOMENT_SCHEMA = {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}
_MIN_MOMENT, _MAX_MOMENT = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_COUNTRY_CODES = sorted(filter(re.compile("[A-Z]{2}").fullmatch, map(str, Locale("fr").territories)))


class OneOf:
    """Mark a text that is one of some words."""

    def __init__(self, *words: str) -> None:
        self._words = list(words)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.literal_schema(self._words)


def _check_integer(value: Any) -> Any:
    if isinstance(value, str) and not _INTEGER_PATTERN.fullmatch(value):
        raise ValueError("a whole number is expected")
    return value


def _check_flag(value: Any) -> Any:
    if isinstance(value, str) and value not in ("true", "false"):
        raise ValueError("true or false is expected")
    return value


def _parse_moment(text: str, hour: time) -> datetime:
    """Return a moment in UTC; a day means one of its hours in Paris. What falls out of the calendar is put at its edge."""
    if _DAY_PATTERN.fullmatch(text):
        moment = datetime.combine(date.fromisoformat(text), hour, PARIS)
    elif _MOMENT_PATTERN.fullmatch(text.upper()):
        moment = datetime.fromisoformat(_EXTRA_DIGITS_PATTERN.sub(r"\1", text.upper()))
    else:
        raise ValueError("a day or a moment is expected")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return _MIN_MOMENT if moment.year == date.min.year else _MAX_MOMENT


def _parse_at_noon(value: Any) -> Any:
    return _parse_moment(value, time(12)) if isinstance(value, str) else value


def _parse_at_midnight(value: Any) -> Any:
    return _parse_moment(value, time()) if isinstance(value, str) else value


Integer = Annotated[int, BeforeValidator(_check_integer)]
Flag = Annotated[bool, BeforeValidator(_check_flag)]
MomentAtNoon = Annotated[datetime, BeforeValidator(_parse_at_noon), WithJsonSchema(_DAY_OR_MOMENT_SCHEMA)]
MomentAtMidnight = Annotated[datetime, BeforeValidator(_parse_at_midnight), WithJsonSchema(_DAY_OR_MOMENT_SCHEMA)]
CheckboxFlag = Annotated[str, OneOf("1")]
Slug = Annotated[str, Field(pattern=SLUG_PATTERN, max_length=64)]


class RequestModel(BaseModel):
    """Base the parameters of an address; any other name is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoParams(RequestModel):
    """Take no parameter."""


class PageParams(RequestModel):
    """Page through a long list."""

    limit: Integer = Field(MAX_PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE, description="Lignes par page")
    cursor: str | None = Field(
        None, pattern=r"^[A-Za-z0-9_.-]{1,400}$", description="Celui de la page précédente, tel quel ; sans lui, la première page"
    )


class SearchParams(RequestModel):
    """Search by words, narrowed by filters; the names are those of the site's own search."""

    q: str = Field(pattern=r"\S", max_length=MAX_QUERY_LENGTH, description="Mots d’un titre, nom d’un réalisateur, année")
    page: Integer = Field(1, ge=1, le=10_000, description="Numéro de page ; une page a vingt films")
    disponible: CheckboxFlag | None = Field(None, description="Seulement les films à voir en ce moment")
    acces: list[Annotated[str, OneOf(*filters.ACCESS_CHOICES)]] | None = Field(
        None, min_length=1, description="Par un de ces accès"
    )
    version: Annotated[str, OneOf(*filters.VERSION_CHOICES)] | None = Field(
        None, description="En version française, ou sous-titrée"
    )
    audiodescription: CheckboxFlag | None = Field(None, description="Avec audiodescription")
    sme: CheckboxFlag | None = Field(None, description="Avec sous-titres pour sourds et malentendants")
    qualite: Annotated[str, OneOf(*filters.QUALITY_CHOICES)] | None = Field(None, description="Cette image au moins")
    services: list[Slug] | None = Field(None, min_length=1, max_length=MAX_SERVICES, description="Sur un de ces services")
    decennie: Annotated[str, OneOf(*filters.DECADES)] | None = Field(None, description="Première année de la décennie")
    pays: Annotated[str, OneOf(*_COUNTRY_CODES)] | None = Field(None, description="Un des pays du film, code ISO 3166-1")
    genre: Annotated[str, OneOf(*filters.KIND_CHOICES)] | None = Field(None, description="Film, court métrage ou série")


class UpdatedFilmsParams(PageParams):
    """List films by their last change."""

    updated_since: MomentAtMidnight | None = Field(
        None, description="Depuis ce jour (à Paris) ou ce moment ; sans lui, depuis le début"
    )


class OffersParams(RequestModel):
    """Choose a moment, and whether past offers come too."""

    at: MomentAtNoon | None = Field(None, description="Un jour passé (à midi, à Paris) ou un moment passé ; sans lui, maintenant")
    history: Flag = Field(False, description="Vrai : aussi les périodes passées")


class IdentifiersParams(PageParams):
    """List identifiers of films."""

    scheme: Annotated[str, OneOf(*ALL_SCHEMES)] | None = Field(None, description="Une seule base")


class ChangesParams(PageParams):
    """List changes, of all types or of some."""

    since: MomentAtMidnight | None = Field(None, description="Depuis ce jour (à Paris) ou ce moment ; sans lui, depuis le début")
    type: list[Annotated[str, OneOf(*ChangeKind)]] | None = Field(None, min_length=1, description="Seulement ces types")
