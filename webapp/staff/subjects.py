"""A case as it is shown: what the platform or the base wrote, beside the films that it may be, differences marked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from records.catalogue import Entry, Platform
from records.desk import ReviewCase
from records.films import BaseLine, Film
from records.judgements import live_judgement
from records.links import Candidate
from records.text import words
from records.vocabulary import Kind
from webapp.french import long_date, runtime

_KINDS = {
    Kind.FILM: "film",
    Kind.SHORT: "court métrage",
    Kind.SERIES: "série",
    Kind.EPISODE: "épisode",
    Kind.OTHER: "autre",
}
_LABELS = {
    "title": "Titre",
    "original_title": "Titre original",
    "year": "Année",
    "release_date": "Sortie en France",
    "directors": "Réalisation",
    "runtime_min": "Durée",
    "countries": "Pays",
    "kind": "Nature",
}
_RELEASE = "release_date"
UNKNOWN = "inconnu"
"""How a fact that nobody gave is told."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of an entry or of a film; `differs` says whether both tell it and otherwise (None: one does not tell it)."""

    label: str
    told: str
    differs: bool | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A film put forward, under the key that chooses it: its facts, its probability, and the clues, in words."""

    key: int
    film: Film
    facts: list[Fact]
    probability: float | None
    clues: list[str]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a case is about: where it comes from, its facts as written, the films it may be, and why a person is asked."""

    case: ReviewCase
    source: str
    url: str | None
    facts: list[Fact]
    films: list[Shown]
    rule: str
    standing: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was written of the work asked about, under the names of a film's columns, and the films put forward."""

    source: str
    url: str | None
    written: Mapping[str, Any]
    proposals: Sequence[tuple[int, float, str]]
    reason: str
    who: str


def _told(name: str, value: Any) -> str:
    match name, value:
        case _, None | "" | []:
            return ""
        case "runtime_min", int():
            return runtime(value)
        case "kind", _:
            return _KINDS[Kind(value)]
        case "release_date", _:
            return value if isinstance(value, str) else long_date(value)
        case _, list() | tuple():
            return ", ".join(value)
    return str(value)


def _differs(mine: str, yours: str) -> bool | None:
    return sorted(words(mine)) != sorted(words(yours)) if mine and yours else None


def _facts(written: Mapping[str, Any], other: Mapping[str, Any] | None = None) -> list[Fact]:
    """The facts of a work, marked against those of another; what neither tells is left out."""
    found = []
    for name, label in _LABELS.items():
        mine, yours = _told(name, written.get(name)), _told(name, other.get(name)) if other is not None else ""
        if mine or (yours and name != _RELEASE):
            found.append(Fact(label, mine or UNKNOWN, _differs(mine, yours)))
    return found


def _of_entry(session: Session, case: ReviewCase) -> _Asked:
    entry = session.get_one(Entry, case.entry_id)
    near = session.exec(select(Candidate).where(Candidate.entry_id == entry.id).order_by(col(Candidate.id))).all()
    live = live_judgement(session, entry.id or 0)
    return _Asked(
        source=session.get_one(Platform, entry.platform_id).name,
        url=entry.url,
        written=entry.model_dump(),
        proposals=[(line.film_id, line.probability, line.reason) for line in near],
        reason=live.reason if live else "",
        who=live.who if live and live.by_person else "",
    )


def _of_line(session: Session, case: ReviewCase) -> _Asked:
    line = session.get_one(BaseLine, case.line_id)
    near = [(each["film_id"], each["probability"], each["reason"]) for each in line.proposals]
    return _Asked(f"base {line.source}", None, line.payload, near, line.reason, "")


def _shown(written: Mapping[str, Any], film: Film, key: int, probability: float | None, reason: str) -> Shown:
    return Shown(key, film, _facts(film.model_dump(), written), probability, [clue for clue in reason.split(" ; ") if clue])


def read_subject(session: Session, case: ReviewCase, searched: Iterable[Film] = ()) -> Subject:
    """A case with all that an agent needs to settle it; films that the agent searched come after those put forward."""
    asked = _of_entry(session, case) if case.entry_id else _of_line(session, case)
    films = {film.id: film for film in session.exec(select(Film).where(col(Film.id).in_([each[0] for each in asked.proposals])))}
    shown = [
        _shown(asked.written, films[film_id], key, probability, reason)
        for key, (film_id, probability, reason) in enumerate(asked.proposals, 1)
    ]
    further = [film for film in searched if film.id not in films]
    shown += [_shown(asked.written, film, key, None, "") for key, film in enumerate(further, len(shown) + 1)]
    _, _, rule = asked.reason.rpartition(" — ")
    standing = f"{asked.reason} ({asked.who})" if asked.who else ""
    return Subject(case, asked.source, asked.url, _facts(asked.written), shown, "" if standing else rule, standing)
