"""What is proposed while a person types: films, properties, types."""

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

_MAX_MATCHES, _PAGE_SIZE = 200, 10


def read_number(text: str | None, name: str, default: int) -> int:
    """A whole number from 0 to 9999. Raises Refusal."""
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= 4):
        raise RequestError(f"Le paramètre « {name} » est un nombre de 0 à 9999.")
    return int(text)


def suggest_films(db: Session, prefix: str, cursor: int) -> JsonObject:
    """Films whose title begins so, or the film of that number; ten from `cursor` on. Raises Refusal for too long a prefix."""
    wording, number = normalise_query(parse_query(prefix)), parse_film_id(prefix)
    found = find_matches(get_title_index(db), wording, _MAX_MATCHES) if wording.keys[0] else []
    numbers = list(dict.fromkeys([*([number] if number else []), *(match.candidate.film_id for match in found)]))
    films = {film.id: film for film in db.exec(select(Film).where(col(Film.id).in_(numbers)))}
    there = [films[known] for known in numbers if known in films][cursor : cursor + _PAGE_SIZE]
    return {"result": [build_entity(film) | {"notable": get_film_types(film)} for film in there]}


def suggest_properties(prefix: str, cursor: int) -> JsonObject:
    """Properties whose name or number holds what is typed."""
    known = ({"id": one.id, "name": one.name, "description": one.description} for one in PROPERTIES.values())
    return {"result": _filter_by_text(prefix, known)[cursor:]}


def suggest_types(prefix: str, cursor: int) -> JsonObject:
    """Types whose name or number holds what is typed."""
    return {"result": _filter_by_text(prefix, ({"id": str(one), "name": name} for one, name in TYPE_LABELS.items()))[cursor:]}


def _filter_by_text(prefix: str, known: Iterable[JsonObject]) -> list[JsonObject]:
    typed = fold_text(prefix)
    return [one for one in known if typed in fold_text(one["name"]) or typed in fold_text(one["id"])]


def propose_properties(type_id: str | None, limit: int) -> JsonObject:
    """The properties that a film may be completed with; they are the same for every type. Raises Refusal for an unknown type."""
    if type_id and type_id not in TYPE_LABELS:
        raise RequestError(f"Type « {shorten_text(type_id)} » inconnu (attendus : {', '.join(TYPE_LABELS)}).")
    some = list(PROPERTIES.values())[:limit]
    facts: JsonObject = {"properties": [{"id": one.id, "name": one.name} for one in some], "limit": limit}
    return facts | ({"type": type_id} if type_id else {})
