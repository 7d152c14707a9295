"""Define the tables of films and offers: their columns, and their rows for a batch of films."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from domain.common.enums import Access, Kind, Quality
from domain.common.isoformat import format_decimal_price
from domain.linking.authors import format_author
from domain.runs.close_reasons import format_close_reason
from opendata.batches import FilmBatch
from opendata.columns import MULTIPLE_VALUES_NOTE, Field, format_cells

RowValues = Sequence[Any]
RowBuilder = Callable[[FilmBatch, "ExportContext"], Iterator[RowValues]]
SCHEMES = ("cnc", "visa", "isan", "eidr", "imdb", "tmdb", "allocine", "senscritique", "wikidata")


@dataclass(frozen=True)
class ExportContext:
    """Hold what every table may need: the moment of the export, and the URL of the site."""

    at: datetime
    site: str

    def get_film_url(self, film: Row[Any]) -> str:
        """Return the URL of a film's page."""
        return f"{self.site}/films/{film.id}-{film.slug}"


@dataclass(frozen=True)
class TableSchema:
    """Describe a table: ASCII name, French title and description, columns, and the columns that identify a row."""

    name: str
    title: str
    description: str
    keywords: tuple[str, ...]
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]

    def to_descriptor(self, homepage: str) -> dict[str, Any]:
        """Return the Table Schema of the table."""
        return {
            "$schema": "https://frictionlessdata.io/schemas/table-schema.json",
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "homepage": homepage,
            "fields": [field.to_descriptor() for field in self.fields],
            "primaryKey": list(self.primary_key),
            "missingValues": [""],
        }


def _iter_film_rows(batch: FilmBatch, context: ExportContext) -> Iterator[RowValues]:
    for film in batch.films:
        values_by_scheme = batch.identifiers.get(film.id, {})
        identifiers = [values_by_scheme.get(scheme) for scheme in SCHEMES]
        facts = (film.title, film.original_title, film.year, film.release_date, film.runtime_min)
        yield (film.id, *facts, film.directors, film.countries, film.kind, *identifiers, context.get_film_url(film))


def _iter_offer_rows(batch: FilmBatch, context: ExportContext) -> Iterator[RowValues]:
    for film in batch.films:
        for offer in batch.offers.get(film.id, ()):
            *terms, first_seen, last_seen = _format_offer_cells(batch, offer)
            film_cells = (film.id, film.title, film.year)
            evidence = (batch.links[offer.id], first_seen, last_seen, offer.last_run_id)
            decided_by = "agent" if offer.by_person else format_author(offer, {})
            yield (offer.id, *film_cells, *terms, *evidence, decided_by, offer.decided_at, offer.probability)


def _iter_period_rows(batch: FilmBatch, context: ExportContext) -> Iterator[RowValues]:
    for film in batch.films:
        for offer in batch.periods.get(film.id, ()):
            runs = (offer.first_run_id, offer.last_run_id)
            closing = (offer.closed_at, format_close_reason(offer.closed_why))
            yield (offer.id, film.id, *_format_offer_cells(batch, offer), *runs, *closing)


def _format_offer_cells(batch: FilmBatch, offer: Row[Any]) -> RowValues:
    """Format the cells of an offer that several tables share, once: its terms, then when it was first and last seen."""
    cells = batch.offer_cells.get(offer.id)
    if cells is None:
        price = format_decimal_price(offer.price_cents)
        currency = offer.currency if price else None
        versions = (offer.quality, offer.languages, offer.audio_description, offer.sdh, offer.edition)
        dates = (offer.starts, offer.ends, offer.first_seen, offer.last_seen)
        cells = format_cells((offer.platform, offer.access, price, currency, *versions, *dates))
        batch.offer_cells[offer.id] = cells
    return cells


FILM_ID_FIELD = Field(
    "film_id", "string", "Numéro du film", "Celui de son adresse sur le site ; il ne change jamais.", required=True
)
TITLE_FIELD = Field("title", "string", "Titre", "Le titre sous lequel le film est connu en France.", required=True)
ORIGINAL_TITLE_FIELD = Field("original_title", "string", "Titre original", "Vide quand il n'est pas connu.")
YEAR_FIELD = Field("year", "integer", "Année", "De production, ou à défaut de sortie en France.")
DIRECTORS_FIELD = Field("directors", "string", "Réalisation", MULTIPLE_VALUES_NOTE)
COUNTRIES_FIELD = Field("countries", "string", "Pays de production", f"Noms français. {MULTIPLE_VALUES_NOTE}")
PLATFORM_FIELD = Field("platform", "string", "Service", "Nom court du service, clé de la table services.", required=True)
_OFFER_ID_FIELD = Field(
    "offer_id", "string", "Numéro de la période d'offre", "Un changement de prix ou de dates ouvre une période nouvelle.",
    required=True, unique=True,
)  # fmt: skip
_RUN_DESCRIPTION = "Numéro de la collecte, par service, comme dans la table services."
_OFFER_TERM_FIELDS = (
    PLATFORM_FIELD,
    Field("access", "string", "Accès", "Comment le film se regarde : rent (location), buy (achat), subscription (abonnement), "
          "free (gratuit), free-with-ads (gratuit avec publicité), catch-up (rattrapage), library (avec une bibliothèque).",
          required=True, allowed_values=list(Access)),
    Field("price", "number", "Prix", "De la location ou de l'achat ; vide : non dit, ou l'on ne paie pas au film."),
    Field("currency", "string", "Monnaie", "Code ISO 4217 ; vide quand le prix est vide."),
    Field("quality", "string", "Image", "SD, HD ou UHD ; vide : non dit.", allowed_values=list(Quality)),
    Field("languages", "string", "Versions", f"VF, VO, VOST, VOSTFR… {MULTIPLE_VALUES_NOTE}"),
    Field("audio_description", "boolean", "Audiodescription", "Vide : non dit."),
    Field("sdh", "boolean", "Sous-titres pour sourds et malentendants", "Vide : non dit."),
    Field("edition", "string", "Édition", "« version restaurée »… Vide quand le service n'en dit rien."),
    Field("starts", "datetime", "Début annoncé", "Vide : non dit."),
    Field("ends", "datetime", "Fin annoncée", "Vide : non dite, ce qui n'est pas « sans fin »."),
)  # fmt: skip
_SEEN_FIELDS = (
    Field("first_seen", "datetime", "Vue pour la première fois", "Au cours d'une collecte du service.", required=True),
    Field("last_seen", "datetime", "Vue pour la dernière fois", "Au cours d'une collecte du service.", required=True),
)

FILMS_TABLE = TableSchema(
    "films_identifiants",
    "Films et leurs identifiants",
    "Un film par ligne, avec ses numéros dans les autres bases : de quoi relier un catalogue sans rapprocher de titres.",
    ("films", "cinéma", "identifiants"),
    (
        replace(FILM_ID_FIELD, unique=True), TITLE_FIELD, ORIGINAL_TITLE_FIELD, YEAR_FIELD,
        Field("release_date", "date", "Sortie en France", "Vide quand elle n'est pas connue."),
        Field("runtime_min", "integer", "Durée", "En minutes."),
        DIRECTORS_FIELD, COUNTRIES_FIELD,
        Field("kind", "string", "Sorte d'œuvre", "Vide quand elle n'est pas dite.", allowed_values=list(Kind)),
        *(Field(scheme, "string", f"Numéro {scheme}", MULTIPLE_VALUES_NOTE) for scheme in SCHEMES),
        Field("page", "string", "Page du film", "Son adresse sur le site.", required=True),
    ),
    ("film_id",),
)  # fmt: skip
OFFERS_TABLE = TableSchema(
    "offres_du_jour",
    "Offres légales du jour",
    "Une façon de regarder un film par ligne, telle qu'elle est montrée au public au moment de l'export, avec ses preuves : "
    "quand et dans quelle collecte elle a été vue, qui a décidé que la ligne du service est ce film.",
    ("films", "vidéo à la demande", "offre légale"),
    (
        _OFFER_ID_FIELD, FILM_ID_FIELD, TITLE_FIELD, YEAR_FIELD, *_OFFER_TERM_FIELDS,
        Field("url", "string", "Adresse de l'offre", "Sur le site du service ; vide quand elle n'a pas de page sur le web."),
        *_SEEN_FIELDS,
        Field("run", "string", "Dernière collecte qui l'a vue", _RUN_DESCRIPTION, required=True),
        Field("decided_by", "string", "Qui a relié", "« agent », une personne, ou la version du programme.", required=True),
        Field("decided_at", "datetime", "Quand", required=True),
        Field("probability", "number", "Probabilité du lien", "De 0 à 1 ; vide quand une personne a décidé."),
    ),
    ("offer_id",),
)  # fmt: skip
PERIODS_TABLE = TableSchema(
    "periodes_offres",
    "Périodes des offres",
    "Toutes les périodes d'offre connues, ouvertes ou closes, des services qui peuvent être montrés : l'état de tout jour passé "
    "s'y lit.",
    ("films", "vidéo à la demande", "historique"),
    (
        _OFFER_ID_FIELD, FILM_ID_FIELD, *_OFFER_TERM_FIELDS, *_SEEN_FIELDS,
        Field("first_run", "string", "Première collecte", _RUN_DESCRIPTION, required=True),
        Field("last_run", "string", "Dernière collecte", _RUN_DESCRIPTION, required=True),
        Field("closed_at", "datetime", "Close le", "Vide tant qu'elle est ouverte."),
        Field("closed_why", "string", "Pourquoi",
              "« prix ou dates changés », « absente de deux collectes complètes », « retirée par l'éditeur », "
              "« lien rompu plusieurs jours de suite »."),
    ),
    ("offer_id",),
)  # fmt: skip

FILM_TABLES: tuple[tuple[TableSchema, RowBuilder], ...] = (
    (FILMS_TABLE, _iter_film_rows),
    (OFFERS_TABLE, _iter_offer_rows),
    (PERIODS_TABLE, _iter_period_rows),
)
"""The tables of films, each with the function that gives its rows for a batch."""
