"""Extend reconciled rows with columns: facts of the films, identifiers, and the services that offer them now."""

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

_MAX_IDS = 500
_MAX_PROPERTIES = 60
Values = list[JsonObject]


class _RequestedProperty(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    settings: dict[str, Any] = {}


class ExtensionQuery(BaseModel):
    """Represent a data extension query: film ids and properties."""

    model_config = ConfigDict(extra="forbid")
    ids: Annotated[list[str], Field(max_length=_MAX_IDS)]
    properties: Annotated[list[_RequestedProperty], Field(max_length=_MAX_PROPERTIES)]


def read_extension(text: str) -> ExtensionQuery:
    """Return the query. Raise RequestError for what is not of the protocol, an unknown property, or a setting: none has any."""
    query = read_json(text, TypeAdapter(ExtensionQuery), "extend")
    for requested in query.properties:
        if requested.id not in PROPERTIES:
            raise RequestError(f"Propriété « {shorten_text(requested.id)} » inconnue (attendues : {', '.join(PROPERTIES)}).")
        if requested.settings:
            raise RequestError(f"Propriété « {requested.id} » : elle n’a pas de réglage.")
    return query


def extend_films(db: Session, query: ExtensionQuery, at: datetime, build_page_url: Callable[[Film], str]) -> JsonObject:
    """Return the values of each property for each film at a moment; none for an id that is no film's."""
    names = [requested.id for requested in query.properties]
    film_ids = _parse_film_ids(db, query.ids)
    facts = _FilmFacts(db, set(film_ids.values()), names, at)
    rows: dict[str, dict[str, Values]] = {}
    for key in query.ids:
        film_id = film_ids.get(key)
        rows[key] = {name: facts.get_values(film_id, name, build_page_url) for name in names}
    return {"meta": [{"id": name, "name": PROPERTIES[name].name} for name in names], "rows": rows}


def _parse_film_ids(db: Session, keys: Iterable[str]) -> dict[str, int]:
    """Return the film of each key that is a number, following merges."""
    parsed_ids: dict[str, int] = {}
    for key in keys:
        film_id = parse_film_id(key)
        if film_id is not None:
            parsed_ids[key] = film_id
    canonical_ids = map_canonical_ids(db, parsed_ids.values())
    return {key: canonical_ids.get(film_id, film_id) for key, film_id in parsed_ids.items()}


class _FilmFacts:
    """Hold facts of some films, read in one query a table, and only from the tables that the properties need."""

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
        """Return the names of services, each once, in the neutral order of the moment."""
        presences = self._services.get(film_id, ())
        names = {slug: name for slug, name, offered_access in presences if access in (None, offered_access)}
        return (names[slug] for slug in sort_in_neutral_order(names, film_id, self._at, str))


def _wrap_strings(values: Iterable[str]) -> Values:
    return [{"str": value} for value in values]


def _get_fact(film: Film, name: str) -> Values:
    """Return a fact that is a column of the film."""
    value = getattr(film, name)
    if value is None:
        return []
    if name == "release_date":
        return [{"date": f"{value.isoformat()}T00:00:00Z"}]
    if isinstance(value, int):
        return [{"int": value}]
    return _wrap_strings(value if isinstance(value, list) else [str(value)])


def _list_other_titles(film: Film, titles: Iterable[str]) -> Iterable[str]:
    main_keys = {build_title_key(title) for title in (film.title, film.original_title) if title}
    return dict.fromkeys(title for title in titles if build_title_key(title) not in main_keys)


def _load_titles(db: Session, film_ids: set[int]) -> Mapping[int, list[str]]:
    stmt = select(FilmTitle.film_id, FilmTitle.title).where(col(FilmTitle.film_id).in_(film_ids)).order_by(col(FilmTitle.id))
    titles: dict[int, list[str]] = {}
    for film_id, title in db.exec(stmt):
        titles.setdefault(film_id, []).append(title)
    return titles


def _load_identifiers(db: Session, film_ids: set[int]) -> Mapping[tuple[int, str], list[str]]:
    stmt = select(FilmIdentifier.film_id, FilmIdentifier.scheme, FilmIdentifier.value)
    stmt = stmt.where(col(FilmIdentifier.film_id).in_(film_ids)).order_by(col(FilmIdentifier.id))
    identifiers: dict[tuple[int, str], list[str]] = {}
    for film_id, scheme, value in db.exec(stmt):
        identifiers.setdefault((film_id, scheme), []).append(value)
    return identifiers


def _load_services(db: Session, film_ids: set[int], at: datetime) -> Mapping[int, list[tuple[str, str, Access]]]:
    """Return the services that offer each film: slug, name, access."""
    platforms = {platform.id: platform for platform in db.exec(select(Platform))}
    services: dict[int, list[tuple[str, str, Access]]] = {}
    for film_id, platform_id, access in available_presences(db, at, film_ids):
        platform = platforms[platform_id]
        services.setdefault(film_id, []).append((platform.slug, platform.name, access))
    return services
