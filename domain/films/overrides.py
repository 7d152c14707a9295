"""Keep what persons said of a film whatever its sources say later: facts they set, titles and identifiers they removed."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from domain.common.batches import iter_batches
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
"""The key of `Film.edited` under which are the tokens of titles and identifiers that a person removed."""
_FACT_BY_TITLE_KIND = {TitleKind.DISPLAY: "title", TitleKind.ORIGINAL: "original_title"}
_BY_PERSON = (ProvenanceKind.AGENT, ProvenanceKind.LEGACY)
_BATCH = 500


def format_title_token(key: str) -> str:
    """Return the token of a removed title, by its key."""
    return f"title:{key}"


def format_identifier_token(scheme: str, value: str) -> str:
    """Return the token of a removed identifier."""
    return f"{scheme}:{value}"


def get_removed_tokens(edited: Mapping[str, Any]) -> frozenset[str]:
    """Return the tokens of what a person removed from a film, which no source gives again; from its `Film.edited`."""
    return frozenset(edited.get(REMOVED_KEY, ()))


def add_removed_tokens(film: Film, tokens: Iterable[str]) -> None:
    """Note that a person removed titles or identifiers from a film, so that no source gives them again."""
    film.edited = {**film.edited, REMOVED_KEY: sorted(get_removed_tokens(film.edited).union(tokens))}


def discard_removed_token(film: Film, token: str) -> None:
    """Note that a person gives back a title or an identifier that was removed from a film."""
    tokens = sorted(get_removed_tokens(film.edited) - {token})
    edited = {name: value for name, value in film.edited.items() if name != REMOVED_KEY}
    film.edited = {**edited, REMOVED_KEY: tokens} if tokens else edited


def to_json_value(value: Any) -> Any:
    """Return a fact as the audit trail and `Film.edited` keep it."""
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def from_json_value(fact: str, value: Any) -> Any:
    """Return a fact that `to_json_value` gave as the film's column takes it."""
    if fact == "release_date":
        return date.fromisoformat(value) if value else None
    return Kind(value) if fact == "kind" and value else value


def lock_edits(session: Session, film_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return `Film.edited` of the films that persons edited, by id; nobody edits any of them until the transaction ends."""
    ordered = sorted(film_ids)
    edits: dict[int, dict[str, Any]] = {}
    for batch in iter_batches(ordered, _BATCH):
        stmt = select(Film.id, Film.edited).where(col(Film.id).in_(batch)).order_by(col(Film.id)).with_for_update()
        edits |= {film_id: dict(edited) for film_id, edited in session.exec(stmt) if edited}
    return edits


def preserve_edits(row: Mapping[str, Any], edited: Mapping[str, Any]) -> dict[str, Any]:
    """Return a film's new row without the facts that a person set: what the source says of these is kept under `edited`."""
    if not edited:
        return dict(row)
    edited_facts = [fact for fact in EDITABLE_FACTS if fact in edited]
    own_facts = {fact: to_json_value(row[fact]) for fact in edited_facts}
    preserved = {*edited_facts, "slug"} if "title" in edited else set(edited_facts)
    remaining = {name: value for name, value in row.items() if name not in preserved}
    return remaining | {"edited": {**edited, **own_facts}}


def sync_title_kinds(session: Session, film: Film, provenance: Provenance | None = None) -> None:
    """Make the film's titles tell which is displayed and which is original, as its facts do; the others become alternatives.

    A title that had to be added or changed gets the provenance where one is given.
    """
    rows = session.exec(select(FilmTitle).where(FilmTitle.film_id == film.id).order_by(col(FilmTitle.id))).all()
    kinds = _get_title_kinds(film)
    for row in rows:
        if row.kind in _FACT_BY_TITLE_KIND and kinds.get(row.key) is not row.kind:
            row.kind = TitleKind.ALTERNATIVE
    for key, kind in kinds.items():
        title = getattr(film, _FACT_BY_TITLE_KIND[kind])
        same_key = sorted((row for row in rows if row.key == key), key=lambda row: row.source_kind not in _BY_PERSON)
        for row in same_key[1:]:
            session.delete(row)
        if not same_key:
            columns = (provenance or Provenance.by_source("")).to_columns()
            session.add(FilmTitle(film_id=film.id, title=title, kind=kind, key=key, **columns))
        elif (same_key[0].kind, same_key[0].title) != (kind, title):
            _change_title(same_key[0], kind, title, provenance)
    session.flush()


def _get_title_kinds(film: Film) -> dict[str, TitleKind]:
    """Return the kind of the film's displayed and original titles, by key; displayed when they are alike."""
    kinds: dict[str, TitleKind] = {}
    for kind, fact in _FACT_BY_TITLE_KIND.items():
        title = getattr(film, fact)
        if title:
            kinds.setdefault(build_title_key(title), kind)
    return kinds


def _change_title(row: FilmTitle, kind: TitleKind, title: str, provenance: Provenance | None) -> None:
    row.kind, row.title = kind, title
    if provenance is not None:
        row.sqlmodel_update(provenance.to_columns())
