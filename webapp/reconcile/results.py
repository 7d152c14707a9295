"""Write candidates as the protocol has them: a score, whether the matcher is sure, and comparisons with their signed weights."""

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
_ONLY_MATCH_SCORE = 100.0
_EXTRA_MATCH_SCORE = 50.0
_MAX_DIRECTORS = 2


def reconcile_batch(db: Session, matcher: SharedMatcher, batch: Mapping[str, Query]) -> JsonObject:
    """Return the result batch of a query batch. Raise UnavailableError while the matcher is not ready."""
    rows = [query.parse_row() for query in batch.values()]
    limits = [min(query.limit, MAX_CANDIDATES) for query in batch.values()]
    matches = matcher.match_rows(rows, max(limits)) if rows else []
    film_ids = [parse_film_id(query.query or "") for query in batch.values()]
    films = _load_films(db, matches, film_ids)
    results: JsonObject = {}
    for key, match, limit, film_id in zip(batch, matches, limits, film_ids, strict=True):
        results[key] = {"result": _build_result(match, films, film_id)[:limit]}
    return results


def parse_film_id(text: str) -> int | None:
    """Return the film id that a text is, or None."""
    text = text.strip()
    if text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_INTEGER)) and int(text) <= MAX_INTEGER:
        return int(text)
    return None


def get_film_types(film: Film) -> list[JsonObject]:
    """Return the types of a film, the most precise first."""
    types = [film.kind, ANY_TYPE] if film.kind else [ANY_TYPE]
    return [{"id": str(type_id), "name": TYPE_LABELS[type_id]} for type_id in types]


def describe_film(film: Film) -> str:
    """Return what tells a film from its namesakes: « 1966, Gérard Oury »."""
    return clean_text(", ".join(filter(None, (str(film.year or ""), *film.directors[:_MAX_DIRECTORS]))))


def build_entity(film: Film) -> JsonObject:
    """Return a film as an entity of the protocol."""
    return {"id": str(film.id), "name": clean_text(film.title), "description": describe_film(film)}


def _load_films(db: Session, matches: Sequence[ReconciliationResult], film_ids: Sequence[int | None]) -> dict[int, Film]:
    wanted_ids = {film_id for film_id in film_ids if film_id}
    for match in matches:
        wanted_ids |= {candidate.film_id for candidate in match.candidates}
    return {film.id: film for film in db.exec(select(Film).where(col(Film.id).in_(wanted_ids)))}


def _build_result(match: ReconciliationResult, films: Mapping[int, Film], film_id: int | None) -> list[JsonObject]:
    """Return the candidates, best first, without the films deleted since the matcher was loaded."""
    candidates = []
    for position, candidate in enumerate(match.candidates):
        if candidate.film_id in films:
            is_best = position == 0
            reason = match.reason if is_best else ""
            candidates.append(_build_candidate(films[candidate.film_id], candidate, match.is_match and is_best, reason))
    proposed_ids = {candidate.film_id for candidate in match.candidates}
    if film_id and film_id in films and film_id not in proposed_ids:
        candidates.append(_build_id_candidate(films[film_id], _EXTRA_MATCH_SCORE if candidates else _ONLY_MATCH_SCORE))
    return sorted(candidates, key=lambda candidate: -candidate["score"])


def _build_candidate(film: Film, candidate: ReconciliationCandidate, is_match: bool, reason: str) -> JsonObject:
    fields = build_entity(film)
    fields["type"] = get_film_types(film)
    fields["score"] = round(100 * candidate.probability, 2)
    fields["match"] = is_match
    fields["features"] = [
        {"id": comparison.name, "name": comparison.label, "value": comparison.weight} for comparison in candidate.comparisons
    ]
    if reason:
        fields["reason"] = reason
    return fields


def _build_id_candidate(film: Film, score: float) -> JsonObject:
    """Return the film whose id was given as a query: never a match, since « 1984 » is a title too."""
    features = [{"id": "number", "name": "numéro de ce site", "value": True}]
    reason = "numéro de ce site : à confirmer"
    return build_entity(film) | {
        "type": get_film_types(film),
        "score": score,
        "match": False,
        "features": features,
        "reason": reason,
    }
