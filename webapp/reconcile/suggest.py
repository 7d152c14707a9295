"""Suggest films, properties and types while a person types."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from domain.common.text import fold_text
from domain.models.film import Film
from search.query import normalise_query
from search.results import find_matches
from webapp.core.context import RequestError
from webapp.core.search_params import parse_query
from webapp.core.title_index import get_title_index
from webapp.reconcile.properties import PROPERTIES, TYPE_LABELS
from webapp.reconcile.queries import shorten_text
from webapp.reconcile.results import JsonObject, build_entity, get_film_types, parse_film_id

_MAX_MATCHES = 200
_PAGE_SIZE = 10


def read_number(text: str | None, name: str, default: int) -> int:
    """Return an integer from 0 to 9999. Raise RequestError for anything else."""
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= 4):
        raise RequestError(f"Le paramètre « {name} » est un nombre de 0 à 9999.")
    return int(text)


def suggest_films(db: Session, prefix: str, cursor: int) -> JsonObject:
    """Return films whose title begins so, or whose id it is; ten from `cursor` on. Raise RequestError for too long a prefix."""
    query = normalise_query(parse_query(prefix))
    film_ids = []
    if film_id := parse_film_id(prefix):
        film_ids.append(film_id)
    if query.keys[0]:
        film_ids += [match.candidate.film_id for match in find_matches(get_title_index(db), query, _MAX_MATCHES)]
    films = {film.id: film for film in db.exec(select(Film).where(col(Film.id).in_(film_ids)))}
    ordered = [films[film_id] for film_id in dict.fromkeys(film_ids) if film_id in films]
    page = ordered[cursor : cursor + _PAGE_SIZE]
    return {"result": [build_entity(film) | {"notable": get_film_types(film)} for film in page]}


def suggest_properties(prefix: str, cursor: int) -> JsonObject:
    """Return the properties whose name or id contains what is typed."""
    entries = ({"id": prop.id, "name": prop.name, "description": prop.description} for prop in PROPERTIES.values())
    return {"result": _filter_by_text(prefix, entries)[cursor:]}


def suggest_types(prefix: str, cursor: int) -> JsonObject:
    """Return the types whose name or id contains what is typed."""
    entries = ({"id": str(type_id), "name": name} for type_id, name in TYPE_LABELS.items())
    return {"result": _filter_by_text(prefix, entries)[cursor:]}


def _filter_by_text(text: str, entries: Iterable[JsonObject]) -> list[JsonObject]:
    folded = fold_text(text)
    return [entry for entry in entries if folded in fold_text(entry["name"]) or folded in fold_text(entry["id"])]


def propose_properties(type_id: str | None, limit: int) -> JsonObject:
    """Return the properties that films may be extended with, the same for every type. Raise RequestError for an unknown type."""
    if type_id and type_id not in TYPE_LABELS:
        raise RequestError(f"Type « {shorten_text(type_id)} » inconnu (attendus : {', '.join(TYPE_LABELS)}).")
    proposed = list(PROPERTIES.values())[:limit]
    answer: JsonObject = {"properties": [{"id": prop.id, "name": prop.name} for prop in proposed], "limit": limit}
    if type_id:
        answer["type"] = type_id
    return answer
