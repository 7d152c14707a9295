"""Define the table of films against catalogues, as the European Audiovisual Observatory gathers them for LUMIERE VOD."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Row

from domain.common.enums import Access
from domain.models.platform import Platform
from opendata.batches import FilmBatch
from opendata.columns import MULTIPLE_VALUES_NOTE, Field, join_values
from opendata.tables import (
    COUNTRIES_FIELD,
    DIRECTORS_FIELD,
    FILM_ID_FIELD,
    ORIGINAL_TITLE_FIELD,
    TITLE_FIELD,
    YEAR_FIELD,
    ExportContext,
    RowBuilder,
    RowValues,
    TableSchema,
)

_ACCESS_ORDER: list[str] = list(Access)
_SCHEMES = ("imdb", "isan", "eidr")


def build_presence_table(services: list[Platform]) -> tuple[TableSchema, RowBuilder]:
    """Build the schema of the table, with a column for each service, and the function that gives its rows.

    Films without an offer have no row.
    """
    slugs = [service.slug for service in services]

    def iter_rows(batch: FilmBatch, _context: ExportContext) -> Iterator[RowValues]:
        for film in batch.films:
            accesses_by_slug = _group_accesses(batch.offers.get(film.id, ()))
            if accesses_by_slug:
                presences = [_format_accesses(accesses_by_slug.get(slug)) for slug in slugs]
                yield (*_build_work_cells(batch, film), *presences)

    return _define_table(services), iter_rows


def _group_accesses(offers: Iterable[Row[Any]]) -> dict[str, set[str]]:
    accesses_by_slug = defaultdict[str, set[str]](set)
    for offer in offers:
        accesses_by_slug[offer.platform].add(offer.access)
    return accesses_by_slug


def _format_accesses(accesses: set[str] | None) -> str | None:
    if accesses is None:
        return None
    return join_values(sorted(accesses, key=_ACCESS_ORDER.index))


def _build_work_cells(batch: FilmBatch, film: Row[Any]) -> RowValues:
    """Build the cells that identify a work: its id, titles, countries, year, directors and identifiers."""
    titles = [f"{title.language or ''}:{title.title}" for title in batch.titles.get(film.id, ())]
    values_by_scheme = batch.identifiers.get(film.id, {})
    identifiers = [values_by_scheme.get(scheme) for scheme in _SCHEMES]
    facts = (film.id, film.original_title, film.title, titles, film.countries, film.year, film.directors)
    return (*facts, *identifiers)


def _define_table(services: list[Platform]) -> TableSchema:
    catalogues = [
        Field(
            f"catalogue_{service.slug.replace('-', '_')}",
            "string",
            f"{service.name} ({service.country})",
            f"Vide : absent de ce catalogue ; sinon les accès sous lesquels le film y est. {MULTIPLE_VALUES_NOTE}",
        )
        for service in services
    ]
    titles = Field(
        "titles",
        "string",
        "Autres titres",
        f"Précédés de leur langue (ISO 639, parfois d’un pays, ou rien) et de deux points. {MULTIPLE_VALUES_NOTE}",
    )
    identifiers = [Field(scheme, "string", f"Numéro {scheme}", MULTIPLE_VALUES_NOTE) for scheme in _SCHEMES]
    return TableSchema(
        "presences_catalogues",
        "Présence des films dans les catalogues",
        "Un film par ligne, un catalogue par colonne, à la façon de LUMIERE VOD (Observatoire européen de l'audiovisuel) : les "
        "cinq critères qui identifient une œuvre, puis les accès sous lesquels chaque catalogue la propose. Toutes origines.",
        ("films", "catalogues", "LUMIERE VOD"),
        (
            FILM_ID_FIELD,
            ORIGINAL_TITLE_FIELD,
            TITLE_FIELD,
            titles,
            COUNTRIES_FIELD,
            YEAR_FIELD,
            DIRECTORS_FIELD,
            *identifiers,
            *catalogues,
        ),
        ("film_id",),
    )
