"""Films against catalogues, as the European Audiovisual Observatory gathers them for LUMIERE VOD."""

from collections import defaultdict
from collections.abc import Iterator

from domain.common.enums import Access
from domain.models.platform import Platform
from opendata.batches import Stretch
from opendata.columns import Field, barred
from opendata.tables import COUNTRIES, DIRECTORS, FILM_ID, ORIGINAL, TITLE, YEAR, Context, Line, Lines, Table

_ORDER: list[str] = list(Access)


def presences(services: list[Platform]) -> tuple[Table, Lines]:
    """The table, with a column a service, and its lines: films that have an offer."""
    slugs = [service.slug for service in services]

    def lines(stretch: Stretch, context: Context) -> Iterator[Line]:
        for film in stretch.films:
            shown: dict[str, set[str]] = defaultdict(set)
            for offer in stretch.offers.get(film.id, ()):
                shown[offer.platform].add(offer.access)
            if not shown:
                continue
            titles = [f"{title.language or ''}:{title.title}" for title in stretch.titles.get(film.id, ())]
            known = stretch.identifiers.get(film.id, {})
            facts = (film.id, film.original_title, film.title, titles, film.countries, film.year, film.directors)
            cells = (barred(sorted(shown[slug], key=_ORDER.index)) if slug in shown else None for slug in slugs)
            yield (*facts, *(known.get(scheme) for scheme in ("imdb", "isan", "eidr")), *cells)

    return _table(services), lines


def _table(services: list[Platform]) -> Table:
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
    return Table(
        "presences_catalogues",
        "Présence des films dans les catalogues",
        "Un film par ligne, un catalogue par colonne, à la façon de LUMIERE VOD (Observatoire européen de l'audiovisuel) : les "
        "cinq critères qui identifient une œuvre, puis les accès sous lesquels chaque catalogue la propose. Toutes origines.",
        ("films", "catalogues", "LUMIERE VOD"),
        (FILM_ID, ORIGINAL, TITLE, titles, COUNTRIES, YEAR, DIRECTORS, *numbers, *catalogues),
        ("film_id",),
    )
