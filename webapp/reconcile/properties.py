"""Define the types and properties of films in the protocol, and read the cells of a spreadsheet."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from domain.common.enums import Access, Kind
from webapp.core.offer_labels import ACCESS_LABELS

ANY_TYPE = "work"
TYPE_LABELS = {
    ANY_TYPE: "Œuvre",
    Kind.FILM: "Film",
    Kind.SHORT: "Court métrage",
    Kind.SERIES: "Série",
    Kind.EPISODE: "Épisode",
    Kind.OTHER: "Autre œuvre",
}
"""Every work is of the first; of another too where the base says so."""

_IDENTIFIER_LABELS = {
    "visa": "Numéro de visa d’exploitation",
    "isan": "Numéro ISAN",
    "eidr": "Numéro EIDR",
    "imdb": "Numéro IMDb",
    "tmdb": "Numéro TMDB",
    "allocine": "Numéro AlloCiné",
    "senscritique": "Numéro SensCritique",
    "wikidata": "Numéro Wikidata",
    "cnc": "Numéro du CNC",
}
_EXTRA_FACT_LABELS = {"title": "Titre", "kind": "Nature", "genres": "Genres", "page": "Adresse de la page du film"}
_FACT_LABELS = {
    "original_title": "Titre original",
    "other_titles": "Autres titres",
    "year": "Année",
    "release_date": "Sortie en salle en France",
    "directors": "Réalisation",
    "countries": "Pays",
    "runtime_min": "Durée en minutes",
}
ALL_SERVICES_PROPERTY = "services"
SERVICE_PROPERTIES = {f"services_{access.replace('-', '_')}": access for access in Access}
"""Properties that name the services that offer a film now, by access."""

_YEAR_PATTERN = re.compile(r"(?<!\d)(18[7-9]\d|19\d\d|20\d\d)(?!\d)")
_MINUTES_PATTERN = re.compile(r"0*(\d{1,4})(?:[.,]0+)?\s*(?:min(?:ute)?s?\.?|mn|['’′])?", re.IGNORECASE)
_HOURS_PATTERN = re.compile(r"0*(\d{1,2})\s*(?:h(?:eures?)?|:)\s*(?:(\d{1,2})\s*(?:min|mn|['’′])?)?(?::\d\d)?", re.IGNORECASE)
_NAME_SEPARATOR = re.compile(r"\s*[|;/]\s*")
_LIST_SEPARATOR = re.compile(r"\s*[|;/,]\s*")


@dataclass(frozen=True)
class Property:
    """Represent a property of films; `is_matchable` when a query may give it to find a film."""

    id: str
    name: str
    is_matchable: bool

    @property
    def description(self) -> str:
        """Return what the property serves for, in a few words."""
        return "Pour rapprocher et pour compléter" if self.is_matchable else "Pour compléter seulement"


def _build_properties() -> Iterable[Property]:
    yield from (Property(name, label, True) for name, label in _FACT_LABELS.items())
    yield from (Property(scheme, label, True) for scheme, label in _IDENTIFIER_LABELS.items())
    yield from (Property(name, label, False) for name, label in _EXTRA_FACT_LABELS.items())
    yield Property(ALL_SERVICES_PROPERTY, "Services qui le proposent aujourd’hui", False)
    yield from (Property(name, f"Services : {ACCESS_LABELS[access]}", False) for name, access in SERVICE_PROPERTIES.items())


PROPERTIES = {prop.id: prop for prop in _build_properties()}
"""The properties by id, in the order they are proposed."""
IDENTIFIERS = tuple(_IDENTIFIER_LABELS)


def read_year(cells: Iterable[str]) -> int | None:
    """Return the one year that cells hold, alone or in a date; None when there is none, or several."""
    years = {int(year) for cell in cells for year in _YEAR_PATTERN.findall(cell)}
    return years.pop() if len(years) == 1 else None


def read_minutes(cells: Iterable[str]) -> int | None:
    """Return minutes read in « 123 », « 123 min », « 2h03 » or « 2:03:00 »; None for what is no running time."""
    for cell in cells:
        if plain := _MINUTES_PATTERN.fullmatch(cell.strip()):
            return int(plain[1]) or None
        if hours := _HOURS_PATTERN.fullmatch(cell.strip()):
            return 60 * int(hours[1]) + int(hours[2] or 0) or None
    return None


def read_names(cells: Iterable[str]) -> tuple[str, ...]:
    """Return the names in cells, parted by « | », « ; » or « / »; a comma may be part of a name (« Oury, Gérard »)."""
    return tuple(name for cell in cells for name in _NAME_SEPARATOR.split(cell.strip()) if name)


def read_list(cells: Iterable[str]) -> tuple[str, ...]:
    """Return the values in cells, parted by « | », « ; », « / » or a comma."""
    return tuple(name for cell in cells for name in _LIST_SEPARATOR.split(cell.strip()) if name)
