"""A film's sheet in plain values, flat: what an act changed of it is told, compared and taken back value by value."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from domain.common.enums import TitleKind
from domain.common.errors import UserError
from domain.common.text import slugify
from domain.films.directors import replace_directors
from domain.films.overrides import EDITABLE_FACTS, from_json_value, to_json_value
from domain.models.film import Film, FilmIdentifier, FilmTitle

FilmSnapshot = dict[str, Any]
"""Facts by name, « edited:year » and « gained:year », « titles:KEY SOURCE », « numbers:SCHEME:VALUE »; no key for what is not."""
_SNAPSHOT_FACTS = (*EDITABLE_FACTS, "popularity")
_TITLE_FIELDS = ("title", "kind", "language", "key", "source")
_IDENTIFIER_FIELDS = ("scheme", "value", "source")
_DICT_COLUMNS = {"edited": "edited", "gained": "merged_attributes"}
"""The columns that hold a dictionary, by the prefix of their keys in a snapshot; the audit trail keeps these for ever."""


class IdentifierTakenError(UserError):
    """A number that another film holds: perhaps the same film twice."""

    def __init__(self, message: str, film_id: int) -> None:
        super().__init__(message)
        self.film_id = film_id


def take_film_snapshot(session: Session, film: Film) -> FilmSnapshot:
    """The sheet of a film as it stands."""
    sheet: FilmSnapshot = {fact: to_json_value(getattr(film, fact)) for fact in _SNAPSHOT_FACTS}
    for prefix, column in _DICT_COLUMNS.items():
        sheet |= {f"{prefix}:{name}": value for name, value in getattr(film, column).items()}
    for title in session.exec(select(FilmTitle).where(FilmTitle.film_id == film.id).order_by(col(FilmTitle.id))):
        sheet[f"titles:{title.key} {title.source}"] = title.model_dump(include={*_TITLE_FIELDS}, mode="json")
    for held in session.exec(select(FilmIdentifier).where(FilmIdentifier.film_id == film.id)):
        sheet[f"numbers:{held.scheme}:{held.value}"] = held.model_dump(include={*_IDENTIFIER_FIELDS}, mode="json")
    return sheet


def compute_facts_etag(snapshot: Mapping[str, Any]) -> str:
    """What changes with the facts that a person may set."""
    told = json.dumps([snapshot[fact] for fact in EDITABLE_FACTS])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def diff_snapshots(before: FilmSnapshot, after: FilmSnapshot) -> tuple[FilmSnapshot, FilmSnapshot]:
    """What differs between two states of a sheet, as it was and as it is."""
    differ = [name for name in {**before, **after} if not _is_unchanged(name, before, after)]
    return {name: before[name] for name in differ if name in before}, {name: after[name] for name in differ if name in after}


def _is_unchanged(name: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return (name in one) == (name in other) and one.get(name) == other.get(name)


def revert_changes(session: Session, film: Film, before: FilmSnapshot, after: FilmSnapshot) -> None:
    """Puts back what an act changed. Raises Problem when something of it was changed again since."""
    now = take_film_snapshot(session, film)
    if not all(_is_unchanged(name, now, after) for name in {**before, **after}):
        raise UserError("ces faits ont changé depuis : corrigez-les plutôt à la main")
    for name in {**before, **after}:
        kind, _, rest = name.partition(":")
        if kind in _DICT_COLUMNS:
            column = _DICT_COLUMNS[kind]
            told = {other: value for other, value in getattr(film, column).items() if other != rest}
            setattr(film, column, told | ({rest: before[name]} if name in before else {}))
        elif kind in ("titles", "numbers"):
            _restore_row(session, film, kind, after.get(name), before.get(name))
        else:
            setattr(film, name, from_json_value(name, before[name]))
    film.slug = slugify(film.title)
    session.add(film)
    session.flush()
    replace_directors(session, [(film.id, film.directors)])


def require_free_identifier(session: Session, scheme: str, value: str) -> None:
    """Raises Held when a film has this number."""
    asked = select(Film).join(FilmIdentifier, col(FilmIdentifier.film_id) == col(Film.id))
    holder = session.exec(asked.where(FilmIdentifier.scheme == scheme, FilmIdentifier.value == value)).first()
    if holder is not None:
        raise IdentifierTakenError(f"{scheme} {value} est le numéro du film n° {holder.id}, « {holder.title} »", holder.id)


def _restore_row(session: Session, film: Film, kind: str, there: FilmSnapshot | None, target: FilmSnapshot | None) -> None:
    """A title or a number as it was, in place of the one there."""
    table = FilmTitle if kind == "titles" else FilmIdentifier
    if there:
        same = (col(getattr(table, name)) == there[name] for name in ("key" if kind == "titles" else "value", "source"))
        for row in session.exec(select(table).where(table.film_id == film.id, *same)):
            session.delete(row)
        session.flush()
    if target and kind == "numbers":
        require_free_identifier(session, target["scheme"], target["value"])
    if target:
        told = target | ({"kind": TitleKind(target["kind"])} if kind == "titles" else {})
        session.add(table(film_id=film.id, **told))
        session.flush()
