"""Films against catalogues, as the European Audiovisual Observatory gathers them for LUMIERE VOD."""

from collections import defaultdict
from collections.abc import Iterator

from domain.common.enums import Access
from domain.models.platform import Platform
from opendata.batches import FilmBatch
from opendata.columns import Field, join_values
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


def build_presence_table(services: list[Platform]) -> tuple[TableSchema, RowBuilder]:
    """The table, with a column a service, and its lines: films that have an offer."""
    slugs = [service.slug for service in services]

    def lines(stretch: FilmBatch, context: ExportContext) -> Iterator[RowValues]:
        for film in stretch.films:
            shown: dict[str, set[str]] = defaultdict(set)
            for offer in stretch.offers.get(film.id, ()):
                shown[offer.platform].add(offer.access)
            if not shown:
                continue
            titles = [f"{title.language or ''}:{title.title}" for title in stretch.titles.get(film.id, ())]
            known = stretch.identifiers.get(film.id, {})
            facts = (film.id, film.original_title, film.title, titles, film.countries, film.year, film.directors)
            cells = (join_values(sorted(shown[slug], key=_ACCESS_ORDER.index)) if slug in shown else None for slug in slugs)
            yield (*facts, *(known.get(scheme) for scheme in ("imdb", "isan", "eidr")), *cells)

    return _define_table(services), lines


def _define_table(services: list[Platform]) -> TableSchema:
    several = "Plusieurs valeurs sont séparées par une barre verticale."
    catalogues = (
        Field(
            f"catalogue_{service.slug.replace('-', '_')}",
            "string",
            f"{service.name} ({service.country})",
            f"Vide : absent de ce catalogue ; sinon les accès sous lesquels le film y est. {several}",
        )
        for service in services
    )
    titles = Field(
        "titles", "string", "Autres titres", f"Précédés de leur langue (ISO 639-1, ou rien) et de deux points. {several}"
    )
    numbers = (Field(scheme, "string", f"Numéro {scheme}", several) for scheme in ("imdb", "isan", "eidr"))
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
            *numbers,
            *catalogues,
        ),
        ("film_id",),
    )
