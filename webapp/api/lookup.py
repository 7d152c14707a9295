"""Many films in one call."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from threading import BoundedSemaphore

from flask import Response
from sqlmodel import Session, col, select

from domain.common.enums import Access
from domain.common.text import clean
from domain.linking.by_identifier import bearers
from domain.linking.redirects import standing_numbers
from domain.models.film import Film
from domain.offers.availability import AvailableOffer, available_presences, offers_of_films
from search.index_holder import titles
from search.requested_film import Asked
from search.resolve import State, resolve
from webapp.api.batch import Batch, ByIdentifier, ByNumber, ByTitle
from webapp.api.operations import takes
from webapp.api.responses import common
from webapp.api.schemas import FilmResolved, LookupAnswer, Resolved, Status
from webapp.api.serializers import details, in_order, named, order
from webapp.core.context import Unavailable, session

_AT_ONCE, _WAIT = BoundedSemaphore(2), 3.0  # seconds: titles of nothing but faults must not hold every thread of the server
_STATUSES = {State.FOUND: Status.FOUND, State.TO_CHECK: Status.DOUBTFUL}
Item = ByNumber | ByIdentifier | ByTitle
Choice = tuple[Status, int | None]
_UNKNOWN: Choice = (Status.UNKNOWN, None)


@takes(
    "/lookup",
    Batch,
    LookupAnswer,
    "Jusqu’à 500 films en un appel",
    "Chacun par son numéro ici, par son numéro ailleurs, ou par son titre : un titre n’a de réponse que si elle est sûre. "
    "Rien de ce qui est envoyé n’est gardé. Compte pour dix demandes.",
)
def lookup(asked: Batch) -> Response:
    """As many answers as there are items, in their order."""
    at = datetime.now(UTC)
    with session() as db:
        choices = _standing(db, _choices(db, asked.items))
        numbers = {film_id for _, film_id in choices if film_id}
        films = {film.id: film for film in db.exec(select(Film).where(col(Film.id).in_(numbers)))}
        offers = offers_of_films(db, numbers, at) if asked.offers else None
        accesses = _accesses(db, numbers, at) if offers is None else _of(offers)
    results = [_resolved(choice, films, accesses, offers) for choice in choices]
    answer = LookupAnswer(**common(at), results=results, order=order(at))
    sent = Response(answer.model_dump_json(), mimetype="application/json")
    sent.headers["Cache-Control"] = "no-store"
    return sent


def _choices(db: Session, items: Sequence[Item]) -> list[Choice]:
    borne = bearers(db, ((item.scheme, item.value) for item in items if isinstance(item, ByIdentifier)))
    by_title = iter(_by_title(db, [item for item in items if isinstance(item, ByTitle)]))
    return [next(by_title) if isinstance(item, ByTitle) else _by_number(item, borne) for item in items]


def _standing(db: Session, choices: Sequence[Choice]) -> list[Choice]:
    """The same, with the film that each was merged into, if it was."""
    merged = standing_numbers(db, (film_id for _, film_id in choices if film_id))
    return [(status, merged.get(film_id, film_id) if film_id else None) for status, film_id in choices]


def _by_number(item: ByNumber | ByIdentifier, borne: Mapping[tuple[str, str], int]) -> Choice:
    film_id = item.id if isinstance(item, ByNumber) else borne.get((item.scheme, item.value))
    return (Status.FOUND, film_id) if film_id else _UNKNOWN


def _by_title(db: Session, items: Sequence[ByTitle]) -> list[Choice]:
    """Only what is sure. Raises Unavailable when too many lists of titles are being worked out already."""
    if not items:
        return []
    asked = [
        Asked(number, titles=(clean(item.title),), year=item.year, directors=tuple(map(clean, item.directors)))
        for number, item in enumerate(items, 1)
    ]
    if not _AT_ONCE.acquire(timeout=_WAIT):
        raise Unavailable("Plusieurs listes de titres sont en cours : envoyez la vôtre dans un instant.")
    try:
        found = resolve(db, titles().index(db), asked)
    finally:
        _AT_ONCE.release()
    sure = [one.film.id if one.film and one.state is State.FOUND else None for one in found]
    return [(_STATUSES.get(one.state, Status.UNKNOWN), film_id) for one, film_id in zip(found, sure, strict=True)]


def _accesses(db: Session, films: set[int], at: datetime) -> dict[int, set[Access]]:
    found: dict[int, set[Access]] = {}
    for film, _, access in available_presences(db, at, films):
        found.setdefault(film, set()).add(access)
    return found


def _of(offers: Mapping[int, Sequence[AvailableOffer]]) -> dict[int, set[Access]]:
    return {film: {shown.offer.access for shown in some} for film, some in offers.items()}


def _resolved(
    choice: Choice,
    films: Mapping[int, Film],
    accesses: Mapping[int, set[Access]],
    offers: Mapping[int, list[AvailableOffer]] | None,
) -> Resolved:
    status, film_id = choice
    if film_id is None:
        return Resolved(status=status, film=None)
    if (film := films.get(film_id)) is None:
        return Resolved(status=Status.UNKNOWN, film=None)
    ways = [access for access in Access if access in accesses.get(film_id, ())]
    told = None if offers is None else in_order(offers.get(film_id, []))
    return Resolved(status=status, film=FilmResolved(**named(film), accesses=ways, details=details(film), offers=told))
