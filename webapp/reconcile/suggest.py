"""What is proposed while a person types: films, properties, types."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from domain.common.text import fold
from domain.models.film import Film
from search.index_holder import titles
from search.query import query_wording, read_query
from search.results import matches
from webapp.core.context import Refusal
from webapp.reconcile.properties import PROPERTIES, TYPES
from webapp.reconcile.queries import repeated
from webapp.reconcile.results import Facts, entity, film_number, types_of

_TRIED, _SHOWN = 200, 10


def read_number(text: str | None, name: str, usual: int) -> int:
    """A whole number from 0 to 9999. Raises Refusal."""
    if text is None:
        return usual
    if not (text.isascii() and text.isdecimal() and len(text) <= 4):
        raise Refusal(f"Le paramètre « {name} » est un nombre de 0 à 9999.")
    return int(text)


def suggest_films(db: Session, prefix: str, cursor: int) -> Facts:
    """Films whose title begins so, or the film of that number; ten from `cursor` on. Raises Refusal for too long a prefix."""
    wording, number = query_wording(read_query(prefix)), film_number(prefix)
    found = matches(titles().index(db), wording, _TRIED) if wording.keys[0] else []
    numbers = list(dict.fromkeys([*([number] if number else []), *(match.candidate.film_id for match in found)]))
    films = {film.id: film for film in db.exec(select(Film).where(col(Film.id).in_(numbers)))}
    there = [films[known] for known in numbers if known in films][cursor : cursor + _SHOWN]
    return {"result": [entity(film) | {"notable": types_of(film)} for film in there]}


def suggest_properties(prefix: str, cursor: int) -> Facts:
    """Properties whose name or number holds what is typed."""
    known = ({"id": one.id, "name": one.name, "description": one.description} for one in PROPERTIES.values())
    return {"result": _holding(prefix, known)[cursor:]}


def suggest_types(prefix: str, cursor: int) -> Facts:
    """Types whose name or number holds what is typed."""
    return {"result": _holding(prefix, ({"id": str(one), "name": name} for one, name in TYPES.items()))[cursor:]}


def _holding(prefix: str, known: Iterable[Facts]) -> list[Facts]:
    typed = fold(prefix)
    return [one for one in known if typed in fold(one["name"]) or typed in fold(one["id"])]


def propose(type_id: str | None, limit: int) -> Facts:
    """The properties that a film may be completed with; they are the same for every type. Raises Refusal for an unknown type."""
    if type_id and type_id not in TYPES:
        raise Refusal(f"Type « {repeated(type_id)} » inconnu (attendus : {', '.join(TYPES)}).")
    some = list(PROPERTIES.values())[:limit]
    facts: Facts = {"properties": [{"id": one.id, "name": one.name} for one in some], "limit": limit}
    return facts | ({"type": type_id} if type_id else {})
