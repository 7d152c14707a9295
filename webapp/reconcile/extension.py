"""Columns that a spreadsheet gains once its rows are films: facts, numbers, and the services that offer them now."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from sqlmodel import Session, col, select

from domain.common.enums import Access
from domain.common.titles import build_title_key
from domain.linking.redirects import map_canonical_ids
from domain.models.film import Film, FilmIdentifier, FilmTitle
from domain.models.platform import Platform
from domain.offers.availability import available_presences
from domain.offers.neutral_order import sort_in_neutral_order
from webapp.core.context import RequestError
from webapp.reconcile.properties import ALL_SERVICES_PROPERTY, IDENTIFIERS, PROPERTIES, SERVICE_PROPERTIES
from webapp.reconcile.queries import read_json, shorten_text
from webapp.reconcile.results import JsonObject, parse_film_id

_MAX_IDS, _MAX_PROPERTIES = 500, 60
Values = list[JsonObject]


class _RequestedProperty(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    settings: dict[str, Any] = {}


class ExtensionQuery(BaseModel):
    """The films and properties asked for."""

    model_config = ConfigDict(extra="forbid")
    ids: Annotated[list[str], Field(max_length=_MAX_IDS)]
    properties: Annotated[list[_RequestedProperty], Field(max_length=_MAX_PROPERTIES)]


def read_extension(text: str) -> ExtensionQuery:
    """What is asked. Raises Refusal for what is not of the protocol, an unknown property, or a setting: none has any."""
    asked = read_json(text, TypeAdapter(ExtensionQuery), "extend")
    for one in asked.properties:
        if one.id not in PROPERTIES:
            raise RequestError(f"Propriété « {shorten_text(one.id)} » inconnue (attendues : {', '.join(PROPERTIES)}).")
        if one.settings:
            raise RequestError(f"Propriété « {one.id} » : elle n’a pas de réglage.")
    return asked


def extend_films(db: Session, query: ExtensionQuery, at: datetime, build_page_url: Callable[[Film], str]) -> JsonObject:
    """The values of each property for each film at a moment; none for a number that is no film's. `page` gives addresses."""
    names = [one.id for one in query.properties]
    read = {key: parse_film_id(key) for key in query.ids}
    merged = map_canonical_ids(db, (number for number in read.values() if number is not None))
    numbers = {key: merged.get(number, number) if number is not None else None for key, number in read.items()}
    known = _FilmFacts(db, {number for number in numbers.values() if number is not None}, names, at)
    rows = {key: {name: known.get_values(number, name, build_page_url) for name in names} for key, number in numbers.items()}
    return {"meta": [{"id": name, "name": PROPERTIES[name].name} for name in names], "rows": rows}


class _FilmFacts:
    """What is known of some films, read in one query a table, and only the tables that the properties need."""

    def __init__(self, db: Session, film_ids: set[int], names: Sequence[str], at: datetime) -> None:
        self._at = at
        self._films = {film.id: film for film in db.exec(select(Film).where(col(Film.id).in_(film_ids)))}
        self._identifiers = _load_identifiers(db, film_ids) if set(names) & set(IDENTIFIERS) else {}
        self._titles = _load_titles(db, film_ids) if "other_titles" in names else {}
        self._services = _load_services(db, film_ids, at) if {ALL_SERVICES_PROPERTY, *SERVICE_PROPERTIES} & set(names) else {}

    def get_values(self, film_id: int | None, name: str, build_page_url: Callable[[Film], str]) -> Values:
        film = self._films.get(film_id) if film_id is not None else None
        if film is None:
            return []
        if name in IDENTIFIERS:
            return _wrap_strings(self._identifiers.get((film.id, name), ()))
        if name == ALL_SERVICES_PROPERTY or name in SERVICE_PROPERTIES:
            return _wrap_strings(self._list_services(film.id, SERVICE_PROPERTIES.get(name)))
        if name == "other_titles":
            return _wrap_strings(_list_other_titles(film, self._titles.get(film.id, ())))
        return _wrap_strings([build_page_url(film)]) if name == "page" else _get_fact(film, name)

    def _list_services(self, film_id: int, access: Access | None) -> Iterable[str]:
        """Names of services, each once, in the neutral order of the moment."""
        some = {slug: name for slug, name, by in self._services.get(film_id, ()) if access in (None, by)}
        return (some[slug] for slug in sort_in_neutral_order(some, film_id, self._at, str))


def _wrap_strings(values: Iterable[str]) -> Values:
    return [{"str": value} for value in values]


def _get_fact(film: Film, name: str) -> Values:
    """A fact that stands in the film's own line."""
    value = getattr(film, name)
    if value is None:
        return []
    if name == "release_date":
        return [{"date": f"{value.isoformat()}T00:00:00Z"}]
    if isinstance(value, int):
        return [{"int": value}]
    return _wrap_strings(value if isinstance(value, list) else [str(value)])


def _list_other_titles(film: Film, titles: Iterable[str]) -> Iterable[str]:
    known = {build_title_key(title) for title in (film.title, film.original_title) if title}
    return dict.fromkeys(title for title in titles if build_title_key(title) not in known)


def _load_titles(db: Session, film_ids: set[int]) -> Mapping[int, list[str]]:
    asked = select(FilmTitle.film_id, FilmTitle.title).where(col(FilmTitle.film_id).in_(film_ids))
    found: dict[int, list[str]] = {}
    for film_id, title in db.exec(asked.order_by(col(FilmTitle.id))):
        found.setdefault(film_id, []).append(title)
    return found


def _load_identifiers(db: Session, film_ids: set[int]) -> Mapping[tuple[int, str], list[str]]:
    asked = select(FilmIdentifier.film_id, FilmIdentifier.scheme, FilmIdentifier.value)
    found: dict[tuple[int, str], list[str]] = {}
    for film_id, scheme, value in db.exec(
        asked.where(col(FilmIdentifier.film_id).in_(film_ids)).order_by(col(FilmIdentifier.id))
    ):
        found.setdefault((film_id, scheme), []).append(value)
    return found


def _load_services(db: Session, film_ids: set[int], at: datetime) -> Mapping[int, list[tuple[str, str, Access]]]:
    """For each film, the services that offer it: short name, name, access."""
    named = {number: (slug, name) for number, slug, name in db.exec(select(Platform.id, Platform.slug, Platform.name))}
    found: dict[int, list[tuple[str, str, Access]]] = {}
    for film_id, platform_id, access in available_presences(db, at, film_ids):
        found.setdefault(film_id, []).append((*named[platform_id], access))
    return found
