"""Resolve many films in one call: by number, by identifier, or by title."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Response, current_app
from sqlmodel import Session, col, select

from domain.common.enums import Access
from domain.common.text import clean_text
from domain.linking.by_identifier import find_films_by_identifiers
from domain.linking.redirects import map_canonical_ids
from domain.models.film import Film
from domain.offers.availability import AvailableOffer, available_offers_by_film, available_presences
from search.requested_film import InputLine
from search.resolve import LineState, ResolvedLine, resolve_lines
from webapp.api.batch import Batch, ByIdentifier, ByNumber, ByTitle
from webapp.api.operations import post_operation
from webapp.api.responses import build_common_fields
from webapp.api.schemas import FilmResolved, LookupAnswer, Resolved, Status
from webapp.api.serializers import build_details_url, build_film_name, build_offers, build_order
from webapp.core.context import open_db_session
from webapp.core.title_index import get_title_index
from webapp.core.work_slots import WorkSlots

SLOTS_KEY = "ouvoir.lookup_slots"
_TITLE_SEARCH_SLOTS = 2
"""Lists of titles worked out at once: titles that match nothing are slow, and must not hold every thread of the server."""
_SLOT_TIMEOUT = 3.0
"""Seconds that a list waits for its turn."""
_STATUS_BY_STATE = {LineState.FOUND: Status.FOUND, LineState.TO_CHECK: Status.DOUBTFUL}
LookupItem = ByNumber | ByIdentifier | ByTitle
Resolution = tuple[Status, int | None]
_UNKNOWN_FILM: Resolution = (Status.UNKNOWN, None)


def init_extension(state: Any) -> None:
    """Give the application its slots for lists of titles."""
    state.app.extensions[SLOTS_KEY] = WorkSlots(_TITLE_SEARCH_SLOTS, timeout=_SLOT_TIMEOUT)


@post_operation(
    "lookup",
    "/lookup",
    Batch,
    LookupAnswer,
    "Jusqu’à 500 films en un appel",
    "Chacun par son numéro ici, par son numéro ailleurs, ou par son titre : un titre n’a de réponse que si elle est sûre. "
    "Rien de ce qui est envoyé n’est gardé. Compte pour dix demandes.",
)
def look_up_films(batch: Batch) -> Response:
    """Return as many answers as there are items, in their order."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        resolutions = _follow_merges(db, _resolve_items(db, batch.items))
        film_ids = {film_id for _, film_id in resolutions if film_id}
        films = {film.id: film for film in db.exec(select(Film).where(col(Film.id).in_(film_ids)))}
        offers = available_offers_by_film(db, film_ids, at) if batch.offers else None
        accesses = _load_accesses(db, film_ids, at) if offers is None else _collect_accesses(offers)
    results = [_build_resolved(resolution, films, accesses, offers) for resolution in resolutions]
    answer = LookupAnswer(**build_common_fields(at), results=results, order=build_order(at))
    response = Response(answer.model_dump_json(), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _resolve_items(db: Session, items: Sequence[LookupItem]) -> list[Resolution]:
    identifiers = ((item.scheme, item.value) for item in items if isinstance(item, ByIdentifier))
    film_ids = find_films_by_identifiers(db, identifiers)
    title_resolutions = iter(_resolve_titles(db, [item for item in items if isinstance(item, ByTitle)]))
    return [next(title_resolutions) if isinstance(item, ByTitle) else _resolve_id(item, film_ids) for item in items]


def _follow_merges(db: Session, resolutions: Sequence[Resolution]) -> list[Resolution]:
    """Return the same resolutions, each film replaced by the one that it was merged into, if any."""
    canonical_ids = map_canonical_ids(db, (film_id for _, film_id in resolutions if film_id))
    return [(status, canonical_ids.get(film_id, film_id) if film_id else None) for status, film_id in resolutions]


def _resolve_id(item: ByNumber | ByIdentifier, film_ids: Mapping[tuple[str, str], int]) -> Resolution:
    film_id = item.id if isinstance(item, ByNumber) else film_ids.get((item.scheme, item.value))
    return (Status.FOUND, film_id) if film_id else _UNKNOWN_FILM


def _resolve_titles(db: Session, items: Sequence[ByTitle]) -> list[Resolution]:
    """Resolve titles, only where there is no doubt. Raise BusyError when too many lists are being worked out already."""
    if not items:
        return []
    lines = [_build_line(row, item) for row, item in enumerate(items, 1)]
    slots: WorkSlots = current_app.extensions[SLOTS_KEY]
    with slots.reserve("Plusieurs listes de titres sont en cours : envoyez la vôtre dans un instant."):
        resolved_lines = resolve_lines(db, get_title_index(db), lines)
    return [_build_resolution(resolved) for resolved in resolved_lines]


def _build_line(row: int, item: ByTitle) -> InputLine:
    return InputLine(row, titles=(clean_text(item.title),), year=item.year, directors=tuple(map(clean_text, item.directors)))


def _build_resolution(resolved: ResolvedLine) -> Resolution:
    film_id = resolved.film.id if resolved.film and resolved.state is LineState.FOUND else None
    return _STATUS_BY_STATE.get(resolved.state, Status.UNKNOWN), film_id


def _load_accesses(db: Session, film_ids: set[int], at: datetime) -> dict[int, set[Access]]:
    accesses: dict[int, set[Access]] = {}
    for film_id, _, access in available_presences(db, at, film_ids):
        accesses.setdefault(film_id, set()).add(access)
    return accesses


def _collect_accesses(offers: Mapping[int, Sequence[AvailableOffer]]) -> dict[int, set[Access]]:
    return {film_id: {available.offer.access for available in film_offers} for film_id, film_offers in offers.items()}


def _build_resolved(
    resolution: Resolution,
    films: Mapping[int, Film],
    accesses: Mapping[int, set[Access]],
    offers: Mapping[int, list[AvailableOffer]] | None,
) -> Resolved:
    status, film_id = resolution
    if film_id is None:
        return Resolved(status=status, film=None)
    film = films.get(film_id)
    if film is None:
        return Resolved(status=Status.UNKNOWN, film=None)
    fields = FilmResolved(
        **build_film_name(film),
        accesses=[access for access in Access if access in accesses.get(film_id, ())],
        details=build_details_url(film),
        offers=None if offers is None else build_offers(offers.get(film_id, [])),
    )
    return Resolved(status=status, film=fields)
