"""What persons said of a film, kept whatever its bases say later: facts they set, titles and numbers they took away."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from domain.common.enums import Kind, ProvenanceKind, TitleKind
from domain.common.titles import build_title_key
from domain.linking.provenance import Provenance
from domain.models.film import Film, FilmTitle

EDITABLE_FACTS = (
    "title",
    "original_title",
    "year",
    "release_date",
    "runtime_min",
    "directors",
    "countries",
    "kind",
    "genres",
    "age_rating",
    "in_cinemas",
    "admissions",
)
"""The facts that a person may set."""
REMOVED_KEY = "left_out"
_FACT_BY_TITLE_KIND = {TitleKind.DISPLAY: "title", TitleKind.ORIGINAL: "original_title"}
_BY_PERSON = (ProvenanceKind.AGENT, ProvenanceKind.LEGACY)
_BATCH = 500


def format_title_token(key: str) -> str:
    """How a title taken away is written under LEFT_OUT."""
    return f"title:{key}"


def format_identifier_token(scheme: str, value: str) -> str:
    """How a number taken away is written under LEFT_OUT."""
    return f"{scheme}:{value}"


def get_removed_tokens(edited: Mapping[str, Any]) -> frozenset[str]:
    """The marks of what a person took away from a film, and no base gives again."""
    return frozenset(edited.get(REMOVED_KEY, ()))


def to_json_value(value: Any) -> Any:
    """A fact as the trail and `Film.edited` keep it."""
    return value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value


def from_json_value(fact: str, value: Any) -> Any:
    """The same, as the film's column takes it."""
    if fact == "release_date":
        return date.fromisoformat(value) if value else None
    return Kind(value) if fact == "kind" and value else value


def lock_edits(session: Session, film_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """What persons said of these films, where they said something; nobody edits them until the transaction ends."""
    numbers, found = sorted(film_ids), dict[int, dict[str, Any]]()
    for start in range(0, len(numbers), _BATCH):
        some = col(Film.id).in_(numbers[start : start + _BATCH])
        asked = select(Film.id, Film.edited).where(some).order_by(col(Film.id)).with_for_update()
        found |= {film_id: dict(edited) for film_id, edited in session.exec(asked) if edited}
    return found


def preserve_edits(row: Mapping[str, Any], edited: Mapping[str, Any]) -> dict[str, Any]:
    """What a base now says of a film, but the facts that a person set: these are only noted, under `edited`."""
    if not edited:
        return dict(row)
    set_by_hand = [fact for fact in EDITABLE_FACTS if fact in edited]
    noted = {fact: to_json_value(row[fact]) for fact in set_by_hand}
    aside = {*set_by_hand, *(["slug"] if "title" in edited else [])}
    return {name: value for name, value in row.items() if name not in aside} | {"edited": {**edited, **noted}}


def sync_title_kinds(session: Session, film: Film, provenance: Provenance | None = None) -> None:
    """Makes the film's titles say which is displayed and which is original, as its facts do; what else was said so is a title.

    A title that had to be added, or told otherwise, gets the provenance where one is given.
    """
    rows = session.exec(select(FilmTitle).where(FilmTitle.film_id == film.id).order_by(col(FilmTitle.id))).all()
    named: dict[str, TitleKind] = {}
    for kind, fact in _FACT_BY_TITLE_KIND.items():
        if title := getattr(film, fact):
            named.setdefault(build_title_key(title), kind)
    for row in rows:
        if row.kind in _FACT_BY_TITLE_KIND and named.get(row.key) is not row.kind:
            row.kind = TitleKind.ALTERNATIVE
    for key, kind in named.items():
        title = getattr(film, _FACT_BY_TITLE_KIND[kind])
        same = sorted((row for row in rows if row.key == key), key=lambda row: row.source_kind not in _BY_PERSON)
        for row in same[1:]:
            session.delete(row)
        if not same:
            columns = (provenance or Provenance.by_source("")).to_columns()
            session.add(FilmTitle(film_id=film.id, title=title, kind=kind, key=key, **columns))
            continue
        if (same[0].kind, same[0].title) != (kind, title):
            same[0].kind, same[0].title = kind, title
            if provenance:
                same[0].sqlmodel_update(provenance.to_columns())
    session.flush()
