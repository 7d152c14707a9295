"""A film's sheet and the acts on it in French, as agents read them."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from domain.common.casing import KIND_LABELS
from domain.common.enums import Kind, TitleKind
from webapp.core.french import format_long_date, format_number, format_runtime

FACTS = {
    "title": "titre",
    "original_title": "titre original",
    "year": "année",
    "release_date": "date de sortie",
    "runtime_min": "durée",
    "directors": "réalisation",
    "countries": "pays",
    "kind": "nature",
    "genres": "genres",
    "age_rating": "classification",
    "in_cinemas": "sorti en salle",
    "admissions": "entrées (quatre semaines)",
}
KINDS = {Kind(kind): word for kind, word in KIND_LABELS.items()}
TITLES = {TitleKind.DISPLAY: "affiché", TitleKind.ORIGINAL: "original", TitleKind.ALTERNATIVE: "autre"}
SCHEMES = {
    "cnc": "n° CNC",
    "visa": "visa",
    "imdb": "IMDb",
    "tmdb": "TMDB",
    "allocine": "AlloCiné",
    "senscritique": "SensCritique",
    "wikidata": "Wikidata",
    "isan": "ISAN",
    "eidr": "EIDR",
}
_UNKNOWN = "inconnu"


class Change(NamedTuple):
    """What an act changed of a film: what it is, as it was, as it became."""

    name: str
    before: str
    after: str


def format_fact(fact: str, value: Any) -> str:
    """A fact in French, as the film or the trail holds it; « inconnu » where nobody says."""
    if value in (None, "", []):
        return _UNKNOWN
    if fact == "release_date":
        return format_long_date(value if isinstance(value, date) else date.fromisoformat(value))
    if fact == "kind":
        return KINDS[Kind(value)]
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return {"runtime_min": format_runtime, "admissions": format_number}.get(fact, str)(value)


def format_source(source: str) -> str:
    """Where a title or a number comes from."""
    return (source if " " in source else f"base {source}") if source else "source non notée"


def list_changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Change]:
    """What an act changed of a film's sheet (`domain.films.snapshot`): facts, titles and numbers."""
    was, became = before or {}, after or {}
    found = []
    for name in dict.fromkeys((*was, *became)):
        kind, _, rest = name.partition(":")
        if name in FACTS:
            found.append(Change(FACTS[name], format_fact(name, was.get(name)), format_fact(name, became.get(name))))
        elif kind == "titles":
            found.append(Change("titre", *(f"« {sheet[name]['title']} »" if name in sheet else "–" for sheet in (was, became))))
        elif kind == "numbers":
            scheme = rest.partition(":")[0]
            told = (sheet[name]["value"] if name in sheet else "–" for sheet in (was, became))
            found.append(Change(SCHEMES.get(scheme, scheme), *told))
    return found
