"""Columns that a spreadsheet gains once its rows are films: facts, numbers, and the services that offer them now."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from sqlmodel import Session, col, select

from domain.common.enums import Access
from domain.common.titles import title_key
from domain.linking.redirects import standing_numbers
from domain.models.film import Film, FilmIdentifier, FilmTitle
from domain.models.platform import Platform
from domain.offers.availability import available_presences
from domain.offers.neutral_order import neutral_order
from webapp.core.context import Refusal
from webapp.reconcile.properties import ALL_SERVICES, IDENTIFIERS, PROPERTIES, SERVICES
from webapp.reconcile.queries import read_json, repeated
from webapp.reconcile.results import Facts, film_number

_MOST_IDS, _MOST_PROPERTIES = 500, 60
Values = list[Facts]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    settings: dict[str, Any] = {}


class Extension(BaseModel):
    """The films and properties asked for."""

    model_config = ConfigDict(extra="forbid")
    ids: Annotated[list[str], Field(max_length=_MOST_IDS)]
    properties: Annotated[list[_Asked], Field(max_length=_MOST_PROPERTIES)]


def read_extension(text: str) -> Extension:
    """What is asked. Raises Refusal for what is not of the protocol, an unknown property, or a setting: none has any."""
    asked = read_json(text, TypeAdapter(Extension), "extend")
    for one in asked.properties:
        if one.id not in PROPERTIES:
            raise Refusal(f"Propriété « {repeated(one.id)} » inconnue (attendues : {', '.join(PROPERTIES)}).")
        if one.settings:
            raise Refusal(f"Propriété « {one.id} » : elle n’a pas de réglage.")
    return asked


def extend(db: Session, asked: Extension, at: datetime, page: Callable[[Film], str]) -> Facts:
    """The values of each property for each film at a moment; none for a number that is no film's. `page` gives addresses."""
    names = [one.id for one in asked.properties]
    read = {key: film_number(key) for key in asked.ids}
    merged = standing_numbers(db, (number for number in read.values() if number is not None))
    numbers = {key: merged.get(number, number) if number is not None else None for key, number in read.items()}
    known = _Known(db, {number for number in numbers.values() if number is not None}, names, at)
    rows = {key: {name: known.values(number, name, page) for name in names} for key, number in numbers.items()}
    return {"meta": [{"id": name, "name": PROPERTIES[name].name} for name in names], "rows": rows}


class _Known:
    """What is known of some films, read in one query a table, and only the tables that the properties need."""

    def __init__(self, db: Session, numbers: set[int], names: Sequence[str], at: datetime) -> None:
        self._at = at
        self._films = {film.id: film for film in db.exec(select(Film).where(col(Film.id).in_(numbers)))}
        self._identifiers = _identifiers(db, numbers) if set(names) & set(IDENTIFIERS) else {}
        self._titles = _titles(db, numbers) if "other_titles" in names else {}
        self._services = _services(db, numbers, at) if {ALL_SERVICES, *SERVICES} & set(names) else {}

    def values(self, number: int | None, name: str, page: Callable[[Film], str]) -> Values:
        film = self._films.get(number) if number is not None else None
        if film is None:
            return []
        if name in IDENTIFIERS:
            return _strings(self._identifiers.get((film.id, name), ()))
        if name == ALL_SERVICES or name in SERVICES:
            return _strings(self._shown(film.id, SERVICES.get(name)))
        if name == "other_titles":
            return _strings(_others(film, self._titles.get(film.id, ())))
        return _strings([page(film)]) if name == "page" else _fact(film, name)

    def _shown(self, film_id: int, access: Access | None) -> Iterable[str]:
        """Names of services, each once, in the neutral order of the moment."""
        some = {slug: name for slug, name, by in self._services.get(film_id, ()) if access in (None, by)}
        return (some[slug] for slug in neutral_order(some, film_id, self._at, str))


def _strings(values: Iterable[str]) -> Values:
    return [{"str": value} for value in values]


def _fact(film: Film, name: str) -> Values:
    """A fact that stands in the film's own line."""
    value = getattr(film, name)
    if value is None:
        return []
    if name == "release_date":
        return [{"date": f"{value.isoformat()}T00:00:00Z"}]
    if isinstance(value, int):
        return [{"int": value}]
    return _strings(value if isinstance(value, list) else [str(value)])


def _others(film: Film, titles: Iterable[str]) -> Iterable[str]:
    known = {title_key(title) for title in (film.title, film.original_title) if title}
    return dict.fromkeys(title for title in titles if title_key(title) not in known)


def _titles(db: Session, numbers: set[int]) -> Mapping[int, list[str]]:
    asked = select(FilmTitle.film_id, FilmTitle.title).where(col(FilmTitle.film_id).in_(numbers))
    found: dict[int, list[str]] = {}
    for film_id, title in db.exec(asked.order_by(col(FilmTitle.id))):
        found.setdefault(film_id, []).append(title)
    return found


def _identifiers(db: Session, numbers: set[int]) -> Mapping[tuple[int, str], list[str]]:
    asked = select(FilmIdentifier.film_id, FilmIdentifier.scheme, FilmIdentifier.value)
    found: dict[tuple[int, str], list[str]] = {}
    for film_id, scheme, value in db.exec(asked.where(col(FilmIdentifier.film_id).in_(numbers)).order_by(col(FilmIdentifier.id))):
        found.setdefault((film_id, scheme), []).append(value)
    return found


def _services(db: Session, numbers: set[int], at: datetime) -> Mapping[int, list[tuple[str, str, Access]]]:
    """For each film, the services that offer it: short name, name, access."""
    named = {number: (slug, name) for number, slug, name in db.exec(select(Platform.id, Platform.slug, Platform.name))}
    found: dict[int, list[tuple[str, str, Access]]] = {}
    for film_id, platform_id, access in available_presences(db, at, numbers):
        found.setdefault(film_id, []).append((*named[platform_id], access))
    return found
