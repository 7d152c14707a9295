"""Write a film's facts and the acts on it in French, as agents read them."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from domain.common.casing import KIND_LABELS
from domain.common.enums import Kind, ProvenanceKind, TitleKind
from domain.linking.provenance import format_provenance
from domain.models.provenance import ProvenancedRow
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
TITLES = {
    TitleKind.DISPLAY: "affiché",
    TitleKind.ORIGINAL: "original",
    TitleKind.ALTERNATIVE: "autre",
    TitleKind.ALIAS: "alias",
}
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
_NOTHING = "–"


class Change(NamedTuple):
    """Represent a value of a film that an act changed: its label, as it was, as it became."""

    name: str
    before: str
    after: str


def format_fact(fact: str, value: Any) -> str:
    """Return a fact in French, from a film's column or from the audit trail (JSON); « inconnu » where nobody says."""
    if value in (None, "", []):
        return _UNKNOWN
    if fact == "release_date":
        return format_long_date(value if isinstance(value, date) else date.fromisoformat(value))
    if fact == "kind":
        return KINDS[Kind(value)]
    if isinstance(value, bool):
        return format_boolean(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if fact == "runtime_min":
        return format_runtime(value)
    return format_number(value) if fact == "admissions" else str(value)


def format_boolean(value: bool) -> str:
    """Return « oui » or « non »."""
    return "oui" if value else "non"


def format_source(row: ProvenancedRow, logins: Mapping[int, str]) -> str:
    """Return where a title or an identifier comes from; `logins` are the agents', by id."""
    if row.source_kind is not ProvenanceKind.SOURCE:
        return format_provenance(row, logins)
    return f"base {row.source}" if row.source else "source non notée"


def list_changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Change]:
    """Return what an act changed of a film, from two snapshots (`domain.films.snapshot`): facts, titles and identifiers."""
    old = before or {}
    new = after or {}
    changes = [_describe_change(name, old, new) for name in dict.fromkeys((*old, *new))]
    return [change for change in changes if change]


def _describe_change(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Change | None:
    """Return the change of one value of a snapshot, None for those that agents need not see."""
    kind, _, key = name.partition(":")
    if name in FACTS:
        return Change(FACTS[name], format_fact(name, old.get(name)), format_fact(name, new.get(name)))
    if kind == "titles":
        return Change("titre", _format_title(old.get(name)), _format_title(new.get(name)))
    if kind == "numbers":
        scheme = key.partition(":")[0]
        return Change(SCHEMES.get(scheme, scheme), _format_identifier(old.get(name)), _format_identifier(new.get(name)))
    return None


def _format_title(title: Mapping[str, Any] | None) -> str:
    if not title:
        return _NOTHING
    return f"« {title['title']} »"


def _format_identifier(identifier: Mapping[str, Any] | None) -> str:
    if not identifier:
        return _NOTHING
    return str(identifier["value"])
