"""A film's sheet in plain values, flat: what an act changed of it is told, compared and taken back value by value."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from domain.common.enums import TitleKind
from domain.common.errors import Problem
from domain.common.text import slugify
from domain.films.directors import renew_directors
from domain.films.overrides import EDITABLE, as_json, from_json
from domain.models.film import Film, FilmIdentifier, FilmTitle

Sheet = dict[str, Any]
"""Facts by name, « edited:year » and « gained:year », « titles:KEY SOURCE », « numbers:SCHEME:VALUE »; no key for what is not."""
_FACTS = (*EDITABLE, "popularity")
_TITLE = ("title", "kind", "language", "key", "source")
_NUMBER = ("scheme", "value", "source")
_DICTS = ("edited", "gained")


class Held(Problem):
    """A number that another film holds: perhaps the same film twice."""

    def __init__(self, message: str, film_id: int) -> None:
        super().__init__(message)
        self.film_id = film_id


def read_sheet(session: Session, film: Film) -> Sheet:
    """The sheet of a film as it stands."""
    sheet: Sheet = {fact: as_json(getattr(film, fact)) for fact in _FACTS}
    for column in _DICTS:
        sheet |= {f"{column}:{name}": value for name, value in getattr(film, column).items()}
    for title in session.exec(select(FilmTitle).where(FilmTitle.film_id == film.id).order_by(col(FilmTitle.id))):
        sheet[f"titles:{title.key} {title.source}"] = title.model_dump(include={*_TITLE}, mode="json")
    for held in session.exec(select(FilmIdentifier).where(FilmIdentifier.film_id == film.id)):
        sheet[f"numbers:{held.scheme}:{held.value}"] = held.model_dump(include={*_NUMBER}, mode="json")
    return sheet


def facts_mark(sheet: Mapping[str, Any]) -> str:
    """What changes with the facts that a person may set."""
    told = json.dumps([sheet[fact] for fact in EDITABLE])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def changes(before: Sheet, after: Sheet) -> tuple[Sheet, Sheet]:
    """What differs between two states of a sheet, as it was and as it is."""
    differ = [name for name in {**before, **after} if not _agree(name, before, after)]
    return {name: before[name] for name in differ if name in before}, {name: after[name] for name in differ if name in after}


def _agree(name: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return (name in one) == (name in other) and one.get(name) == other.get(name)


def put_back(session: Session, film: Film, before: Sheet, after: Sheet) -> None:
    """Puts back what an act changed. Raises Problem when something of it was changed again since."""
    now = read_sheet(session, film)
    if not all(_agree(name, now, after) for name in {**before, **after}):
        raise Problem("ces faits ont changé depuis : corrigez-les plutôt à la main")
    for name in {**before, **after}:
        kind, _, rest = name.partition(":")
        if kind in _DICTS:
            told = {other: value for other, value in getattr(film, kind).items() if other != rest}
            setattr(film, kind, told | ({rest: before[name]} if name in before else {}))
        elif kind in ("titles", "numbers"):
            _put_row(session, film, kind, after.get(name), before.get(name))
        else:
            setattr(film, name, from_json(name, before[name]))
    film.slug = slugify(film.title)
    session.add(film)
    session.flush()
    renew_directors(session, [(film.id, film.directors)])


def refuse_held(session: Session, scheme: str, value: str) -> None:
    """Raises Held when a film has this number."""
    asked = select(Film).join(FilmIdentifier, col(FilmIdentifier.film_id) == col(Film.id))
    holder = session.exec(asked.where(FilmIdentifier.scheme == scheme, FilmIdentifier.value == value)).first()
    if holder is not None:
        raise Held(f"{scheme} {value} est le numéro du film n° {holder.id}, « {holder.title} »", holder.id)


def _put_row(session: Session, film: Film, kind: str, there: Sheet | None, wanted: Sheet | None) -> None:
    """A title or a number as it was, in place of the one there."""
    table = FilmTitle if kind == "titles" else FilmIdentifier
    if there:
        same = (col(getattr(table, name)) == there[name] for name in ("key" if kind == "titles" else "value", "source"))
        for row in session.exec(select(table).where(table.film_id == film.id, *same)):
            session.delete(row)
        session.flush()
    if wanted and kind == "numbers":
        refuse_held(session, wanted["scheme"], wanted["value"])
    if wanted:
        told = wanted | ({"kind": TitleKind(wanted["kind"])} if kind == "titles" else {})
        session.add(table(film_id=film.id, **told))
        session.flush()
