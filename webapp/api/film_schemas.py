"""Define the answers about films and offers: one description, which makes the answers and the document.

Docstrings and descriptions here and in `register_answers` are French: they are what readers of the document read.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from domain.common.enums import Access, Kind, Quality, TitleKind

LICENCE = "Licence Ouverte 2.0"
Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
Address = Annotated[str, WithJsonSchema({"type": "string", "format": "uri"})]


class ResponseModel(BaseModel):
    """Base the parts of an answer; a name that is not described cannot be sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(ResponseModel):
    """Base every answer."""

    generated_at: Moment = Field(description="Quand la réponse a été faite (UTC)")
    licence: str = Field(LICENCE, description="Licence des données")
    source: Address = Field(description="Le site d’où elles viennent, à citer avec la date")


class Order(ResponseModel):
    """Ordre neutre : les services sont tirés au sort, de nouveau toutes les cinq minutes, les mêmes pour tous."""

    drawn_at: Moment = Field(description="Début de la période pour laquelle le tirage vaut")
    period_seconds: int = Field(description="Durée d’une période")
    label: str = Field(description="La même chose en une phrase, à montrer avec la liste")


class FilmName(ResponseModel):
    """Un film, de quoi le nommer."""

    id: int = Field(description="Numéro du film, qui ne change jamais")
    title: str
    original_title: str | None
    year: int | None = Field(description="Année de production, à défaut de sortie en France")
    directors: list[str]
    page: Address = Field(description="Sa page sur le site")


class FilmFound(FilmName):
    """Un film, et comment il se regarde en ce moment."""

    accesses: list[Access] = Field(description="Les accès proposés en ce moment, du gratuit à l’achat")
    details: Address = Field(description="Sa réponse complète dans cette API")


class FilmChanged(FilmName):
    """Un film, et quand ses informations ont changé pour la dernière fois."""

    updated: Moment
    details: Address = Field(description="Sa réponse complète dans cette API")


class Title(ResponseModel):
    """Un titre d’un film."""

    title: str
    kind: TitleKind
    language: str | None = Field(description="Code ISO 639, parfois suivi d’un pays ou d’une écriture : fr, en-gb, ja-latn")


class PlatformName(ResponseModel):
    """Un service, de quoi le nommer."""

    slug: str = Field(description="Son nom dans les adresses, qui ne change jamais")
    name: str


class Link(ResponseModel):
    """Ce qui permet de dire que la ligne du service est bien ce film."""

    decided_by: str = Field(description="« agent », ou le programme et sa version")
    decided_at: Moment
    probability: float | None = Field(description="De 0 à 1, quand le programme en calcule une")
    reason: str


class Offer(ResponseModel):
    """Une façon de regarder le film sur un service, avec ce qui la prouve."""

    id: int = Field(description="Numéro de l’offre ; des conditions qui changent en ouvrent une autre")
    platform: PlatformName
    access: Access
    access_label: str
    price: str | None = Field(description="Nul : le service ne le dit pas, ou l’accès ne se paie pas au film")
    price_cents: int | None
    currency: str = Field(description="Code ISO 4217")
    price_label: str | None
    quality: Quality | None
    languages: list[str] = Field(description="VF, VO, VOF, VOST, VOSTFR, ou ce que dit le service")
    audio_description: bool | None = Field(description="Nul : le service ne le dit pas")
    sdh: bool | None = Field(description="Sous-titres pour sourds et malentendants ; nul : le service ne le dit pas")
    edition: str | None
    starts: Moment | None = Field(description="Début annoncé par le service")
    ends: Moment | None = Field(description="Fin annoncée ; nulle : non communiquée")
    url: Address | None = Field(description="Sa page chez le service")
    first_seen: Moment
    last_seen: Moment
    run: int = Field(description="La dernière collecte qui l’a vue")
    link: Link


class Period(Offer):
    """Une offre, présente ou passée, sur une période où ses conditions n’ont pas changé."""

    closed_at: Moment | None = Field(description="Quand elle a cessé d’être vue ; nul : elle l’est encore")
    closed_why: str | None


class FilmAnswer(FilmName, Answer):
    """Un film, ses titres, ses identifiants et ses offres du moment."""

    titles: list[Title]
    identifiers: dict[str, list[str]] = Field(description="Ses numéros ailleurs, par base")
    release_date: Day | None = Field(description="Sortie en salle en France")
    runtime_min: int | None
    countries: list[str]
    kind: Kind | None
    updated: Moment = Field(description="Quand ses informations ont changé pour la dernière fois")
    offers: list[Offer] = Field(description="Par accès, du gratuit à l’achat ; les services dans l’ordre neutre")
    order: Order


class SearchAnswer(Answer):
    """Une page de films."""

    query: str
    page: int
    pages: int
    total: int
    approximate: bool = Field(description="Vrai : aucun titre n’a tous les mots, ceux-ci leur ressemblent")
    films: list[FilmFound]


class UpdatedAnswer(Answer):
    """Des films, dans l’ordre où leurs informations ont changé."""

    films: list[FilmChanged]
    cursor: str = Field(description="À redonner pour la suite, maintenant ou plus tard")
    more: bool = Field(description="Vrai : il y a déjà une suite")


class OffersAnswer(Answer):
    """Les offres d’un film à un moment."""

    film: FilmName
    at: Moment = Field(description="Le moment dont il est question")
    offers: list[Offer] = Field(description="Celles qui se prenaient à ce moment, comme dans « film »")
    history: list[Period] | None = Field(description="Toutes les périodes commencées à ce moment, les plus anciennes d’abord")
    order: Order
