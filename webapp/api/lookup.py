"""Many films in one call."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from threading import BoundedSemaphore

from flask import Response
from sqlmodel import Session, col, select

from domain.common.enums import Access
from domain.common.text import clean_text
from domain.linking.by_identifier import find_films_by_identifiers
from domain.linking.redirects import map_canonical_ids
from domain.models.film import Film
from domain.offers.availability import AvailableOffer, available_offers_by_film, available_presences
from search.requested_film import InputLine
from search.resolve import LineState, resolve_lines
from webapp.api.batch import Batch, ByIdentifier, ByNumber, ByTitle
from webapp.api.operations import declare_post
from webapp.api.responses import build_common_fields
from webapp.api.schemas import FilmResolved, LookupAnswer, Resolved, Status
from webapp.api.serializers import build_details_url, build_film_name, build_offers, build_order
from webapp.core.context import UnavailableError, open_db_session
from webapp.core.title_index import get_title_index

_TITLE_SEARCH_SLOTS, _SLOT_TIMEOUT = (
    BoundedSemaphore(2),
    3.0,
)  # seconds: titles of nothing but faults must not hold every thread of the server
_STATUS_BY_STATE = {LineState.FOUND: Status.FOUND, LineState.TO_CHECK: Status.DOUBTFUL}
LookupItem = ByNumber | ByIdentifier | ByTitle
Resolution = tuple[Status, int | None]
_UNKNOWN_FILM: Resolution = (Status.UNKNOWN, None)


@declare_post(
    "/lookup",
    Batch,
    LookupAnswer,
    "Jusqu’à 500 films en un appel",
    "Chacun par son numéro ici, par son numéro ailleurs, ou par son titre : un titre n’a de réponse que si elle est sûre. "
    "Rien de ce qui est envoyé n’est gardé. Compte pour dix demandes.",
)
def lookup(batch: Batch) -> Response:
    """As many answers as there are items, in their order."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        choices = _follow_merges(db, _resolve_items(db, batch.items))
        numbers = {film_id for _, film_id in choices if film_id}
        films = {film.id: film for film in db.exec(select(Film).where(col(Film.id).in_(numbers)))}
        offers = available_offers_by_film(db, numbers, at) if batch.offers else None
        accesses = _load_accesses(db, numbers, at) if offers is None else _collect_accesses(offers)
    results = [_build_resolved(choice, films, accesses, offers) for choice in choices]
    answer = LookupAnswer(**build_common_fields(at), results=results, order=build_order(at))
    sent = Response(answer.model_dump_json(), mimetype="application/json")
    sent.headers["Cache-Control"] = "no-store"
    return sent


def _resolve_items(db: Session, items: Sequence[LookupItem]) -> list[Resolution]:
    borne = find_films_by_identifiers(db, ((item.scheme, item.value) for item in items if isinstance(item, ByIdentifier)))
    by_title = iter(_resolve_titles(db, [item for item in items if isinstance(item, ByTitle)]))
    return [next(by_title) if isinstance(item, ByTitle) else _resolve_id(item, borne) for item in items]


def _follow_merges(db: Session, resolutions: Sequence[Resolution]) -> list[Resolution]:
    """The same, with the film that each was merged into, if it was."""
    merged = map_canonical_ids(db, (film_id for _, film_id in resolutions if film_id))
    return [(status, merged.get(film_id, film_id) if film_id else None) for status, film_id in resolutions]


def _resolve_id(item: ByNumber | ByIdentifier, film_ids: Mapping[tuple[str, str], int]) -> Resolution:
    film_id = item.id if isinstance(item, ByNumber) else film_ids.get((item.scheme, item.value))
    return (Status.FOUND, film_id) if film_id else _UNKNOWN_FILM


def _resolve_titles(db: Session, items: Sequence[ByTitle]) -> list[Resolution]:
    """Only what is sure. Raises Unavailable when too many lists of titles are being worked out already."""
    if not items:
        return []
    asked = [
        InputLine(number, titles=(clean_text(item.title),), year=item.year, directors=tuple(map(clean_text, item.directors)))
        for number, item in enumerate(items, 1)
    ]
    if not _TITLE_SEARCH_SLOTS.acquire(timeout=_SLOT_TIMEOUT):
        raise UnavailableError("Plusieurs listes de titres sont en cours : envoyez la vôtre dans un instant.")
    try:
        found = resolve_lines(db, get_title_index(db), asked)
    finally:
        _TITLE_SEARCH_SLOTS.release()
    sure = [one.film.id if one.film and one.state is LineState.FOUND else None for one in found]
    return [(_STATUS_BY_STATE.get(one.state, Status.UNKNOWN), film_id) for one, film_id in zip(found, sure, strict=True)]


def _load_accesses(db: Session, films: set[int], at: datetime) -> dict[int, set[Access]]:
    found: dict[int, set[Access]] = {}
    for film, _, access in available_presences(db, at, films):
        found.setdefault(film, set()).add(access)
    return found


def _collect_accesses(offers: Mapping[int, Sequence[AvailableOffer]]) -> dict[int, set[Access]]:
    return {film: {shown.offer.access for shown in some} for film, some in offers.items()}


def _build_resolved(
    resolution: Resolution,
    films: Mapping[int, Film],
    accesses: Mapping[int, set[Access]],
    offers: Mapping[int, list[AvailableOffer]] | None,
) -> Resolved:
    status, film_id = resolution
    if film_id is None:
        return Resolved(status=status, film=None)
    if (film := films.get(film_id)) is None:
        return Resolved(status=Status.UNKNOWN, film=None)
    ways = [access for access in Access if access in accesses.get(film_id, ())]
    told = None if offers is None else build_offers(offers.get(film_id, []))
    return Resolved(
        status=status, film=FilmResolved(**build_film_name(film), accesses=ways, details=build_details_url(film), offers=told)
    )
