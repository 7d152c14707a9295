"""Candidates as the protocol writes them: a score, whether the matcher is sure, and the clues with their signed weights."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from domain.common.text import clean_text
from domain.linking.protocol import ReconciliationCandidate, ReconciliationResult
from domain.models.film import Film
from webapp.core.context import MAX_INTEGER
from webapp.reconcile.matcher_holder import SharedMatcher
from webapp.reconcile.properties import ANY_TYPE, TYPE_LABELS
from webapp.reconcile.queries import MAX_CANDIDATES, Query

JsonObject = dict[str, Any]
_ONLY_MATCH_SCORE, _EXTRA_MATCH_SCORE = 100.0, 50.0
_MAX_DIRECTORS = 2


def reconcile_batch(db: Session, matcher: SharedMatcher, batch: Mapping[str, Query]) -> JsonObject:
    """The result batch of a query batch. Raises Unavailable."""
    rows = [query.parse_row() for query in batch.values()]
    limits = [min(query.limit, MAX_CANDIDATES) for query in batch.values()]
    found = matcher.match_rows(rows, max(limits)) if rows else []
    named = [parse_film_id(query.query or "") for query in batch.values()]
    films = _load_films(db, found, named)
    lines = zip(batch, found, limits, named, strict=True)
    return {key: {"result": _build_result(one, films, number)[:limit]} for key, one, limit, number in lines}


def parse_film_id(text: str) -> int | None:
    """The number of ours that a text is, or None."""
    text = text.strip()
    plain = text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_INTEGER))
    return int(text) if plain and int(text) <= MAX_INTEGER else None


def get_film_types(film: Film) -> list[JsonObject]:
    """The types of a film, the most telling first."""
    own = [film.kind] if film.kind else []
    return [{"id": str(one), "name": TYPE_LABELS[one]} for one in (*own, ANY_TYPE)]


def describe_film(film: Film) -> str:
    """What tells a film from its namesakes: « 1966, Gérard Oury »."""
    return clean_text(", ".join(filter(None, (str(film.year or ""), *film.directors[:_MAX_DIRECTORS]))))


def build_entity(film: Film) -> JsonObject:
    """A film as the protocol names it."""
    return {"id": str(film.id), "name": clean_text(film.title), "description": describe_film(film)}


def _load_films(db: Session, matches: Sequence[ReconciliationResult], film_ids: Sequence[int | None]) -> dict[int, Film]:
    numbers = {candidate.film_id for one in matches for candidate in one.candidates}.union(filter(None, film_ids))
    return {film.id: film for film in db.exec(select(Film).where(col(Film.id).in_(numbers)))}


def _build_result(match: ReconciliationResult, films: Mapping[int, Film], film_id: int | None) -> list[JsonObject]:
    """The candidates, best first; a film that left the base since it was read is left out."""
    told = [
        _build_candidate(films[one.film_id], one, match.is_match and not place, "" if place else match.reason)
        for place, one in enumerate(match.candidates)
        if one.film_id in films
    ]
    if film_id and film_id in films and not any(one.film_id == film_id for one in match.candidates):
        told.append(_build_id_candidate(films[film_id], _EXTRA_MATCH_SCORE if told else _ONLY_MATCH_SCORE))
    return sorted(told, key=lambda one: -one["score"])


def _build_candidate(film: Film, candidate: ReconciliationCandidate, sure: bool, reason: str) -> JsonObject:
    features = [{"id": clue.name, "name": clue.label, "value": clue.weight} for clue in candidate.comparisons]
    facts = build_entity(film) | {"type": get_film_types(film), "score": round(100 * candidate.probability, 2), "match": sure}
    return facts | {"features": features} | ({"reason": reason} if reason else {})


def _build_id_candidate(film: Film, score: float) -> JsonObject:
    """A film asked for by our own number: never sure, « 1984 » is a title too."""
    features = [{"id": "number", "name": "numéro de ce site", "value": True}]
    reason = "numéro de ce site : à confirmer"
    return build_entity(film) | {
        "type": get_film_types(film),
        "score": score,
        "match": False,
        "features": features,
        "reason": reason,
    }
