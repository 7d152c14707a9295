"""Candidates as the protocol writes them: a score, whether the matcher is sure, and the clues with their signed weights."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from domain.common.text import clean
from domain.linking.protocol import Candidate, Found
from domain.models.film import Film
from webapp.core.context import LARGEST
from webapp.reconcile.matcher_holder import Standing
from webapp.reconcile.properties import ANY_TYPE, TYPES
from webapp.reconcile.queries import MOST_CANDIDATES, Query

Facts = dict[str, Any]
_ALONE, _BESIDE_OTHERS = 100.0, 50.0
_MOST_NAMES = 2


def reconcile(db: Session, matcher: Standing, batch: Mapping[str, Query]) -> Facts:
    """The result batch of a query batch. Raises Unavailable."""
    rows = [query.row() for query in batch.values()]
    limits = [min(query.limit, MOST_CANDIDATES) for query in batch.values()]
    found = matcher.match(rows, max(limits)) if rows else []
    named = [film_number(query.query or "") for query in batch.values()]
    films = _films(db, found, named)
    lines = zip(batch, found, limits, named, strict=True)
    return {key: {"result": _result(one, films, number)[:limit]} for key, one, limit, number in lines}


def film_number(text: str) -> int | None:
    """The number of ours that a text is, or None."""
    text = text.strip()
    plain = text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST))
    return int(text) if plain and int(text) <= LARGEST else None


def types_of(film: Film) -> list[Facts]:
    """The types of a film, the most telling first."""
    own = [film.kind] if film.kind else []
    return [{"id": str(one), "name": TYPES[one]} for one in (*own, ANY_TYPE)]


def described(film: Film) -> str:
    """What tells a film from its namesakes: « 1966, Gérard Oury »."""
    return clean(", ".join(filter(None, (str(film.year or ""), *film.directors[:_MOST_NAMES]))))


def entity(film: Film) -> Facts:
    """A film as the protocol names it."""
    return {"id": str(film.id), "name": clean(film.title), "description": described(film)}


def _films(db: Session, found: Sequence[Found], named: Sequence[int | None]) -> dict[int, Film]:
    numbers = {candidate.film_id for one in found for candidate in one.candidates}.union(filter(None, named))
    return {film.id: film for film in db.exec(select(Film).where(col(Film.id).in_(numbers)))}


def _result(found: Found, films: Mapping[int, Film], number: int | None) -> list[Facts]:
    """The candidates, best first; a film that left the base since it was read is left out."""
    told = [
        _candidate(films[one.film_id], one, found.sure and not place, "" if place else found.reason)
        for place, one in enumerate(found.candidates)
        if one.film_id in films
    ]
    if number and number in films and not any(one.film_id == number for one in found.candidates):
        told.append(_by_number(films[number], _BESIDE_OTHERS if told else _ALONE))
    return sorted(told, key=lambda one: -one["score"])


def _candidate(film: Film, candidate: Candidate, sure: bool, reason: str) -> Facts:
    features = [{"id": clue.name, "name": clue.told, "value": clue.weight} for clue in candidate.clues]
    facts = entity(film) | {"type": types_of(film), "score": round(100 * candidate.probability, 2), "match": sure}
    return facts | {"features": features} | ({"reason": reason} if reason else {})


def _by_number(film: Film, score: float) -> Facts:
    """A film asked for by our own number: never sure, « 1984 » is a title too."""
    features = [{"id": "number", "name": "numéro de ce site", "value": True}]
    reason = "numéro de ce site : à confirmer"
    return entity(film) | {"type": types_of(film), "score": score, "match": False, "features": features, "reason": reason}
