"""Return what changed, page after page without missing anything, and films by their last change."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, current_app
from sqlmodel import Session, col, select

from domain.common.isoformat import format_iso
from domain.db.safe_horizon import ChangeHorizon
from domain.linking.redirects import is_canonical
from domain.models.film import Film
from domain.offers import change_feed
from domain.runs.close_reasons import format_close_reason
from webapp.api.cursors import read_cursor, write_cursor
from webapp.api.film_schemas import FilmChanged, Offer, PlatformName, UpdatedAnswer
from webapp.api.operations import get_operation
from webapp.api.parameters import ChangesParams, UpdatedFilmsParams
from webapp.api.responses import add_cursor_links, build_cacheable_response, build_common_fields
from webapp.api.schemas import Change, ChangesAnswer, Terms
from webapp.api.serializers import build_details_url, build_film_name, build_offer_fields
from webapp.core.context import ENGINE_KEY, open_db_session

_EXTENSION_KEY = "ouvoir.settled"
_CURSOR_NAME = "changes"
_MAX_AGE = 60
_FIRST_POSITION = change_feed.Cursor(datetime(1970, 1, 1, tzinfo=UTC))


def init_extension(state: Any) -> None:
    """Give the application what tells until when changes are complete."""
    app: Flask = state.app
    app.extensions[_EXTENSION_KEY] = ChangeHorizon(app.extensions[ENGINE_KEY])


@get_operation(
    "changes",
    "/changes",
    ChangesParams,
    ChangesAnswer,
    "Ce qui a changé",
    "Offres ouvertes, fermées, changées (prix, dates, accessibilité) ; lignes reliées à un autre film ; films corrigés. Gardez "
    "« cursor » et rendez-le plus tard : rien ne manque entre deux appels. Le passage d’une date déjà dite (starts, ends) "
    "ne fait pas de changement.",
)
def list_changes(params: ChangesParams) -> Response:
    """Return a page of changes, the oldest first."""
    at = datetime.now(UTC)
    position = _get_start_position(params.cursor, params.since)
    horizon = _get_change_horizon(at)
    kinds = [change_feed.ChangeKind(kind) for kind in params.type or change_feed.ChangeKind]
    with open_db_session() as db:
        rows = change_feed.list_changes(db, position, horizon, params.limit + 1, kinds)
    page = rows[: params.limit]
    has_more = len(rows) > params.limit
    cursor = _build_cursor(page[-1].cursor if page else position)
    answer = ChangesAnswer(
        **build_common_fields(at),
        changes=[_build_change(change) for change in page],
        cursor=cursor,
        more=has_more,
        settled_until=format_iso(horizon) or "",
    )
    return add_cursor_links(build_cacheable_response(answer, at, _MAX_AGE), cursor if has_more else None)


@get_operation(
    "updated",
    "/films/updated",
    UpdatedFilmsParams,
    UpdatedAnswer,
    "Les films, par date de changement",
    "Tous, ou ceux dont les informations ont changé depuis un jour. Les offres n’y comptent pas : elles sont dans « changes ».",
)
def list_updated_films(params: UpdatedFilmsParams) -> Response:
    """Return a page of films, by the moment of their last change."""
    at = datetime.now(UTC)
    position = _get_start_position(params.cursor, params.updated_since)
    with open_db_session() as db:
        rows = change_feed.list_changes(
            db, position, _get_change_horizon(at), params.limit + 1, [change_feed.ChangeKind.FILM_CHANGED]
        )
        page = rows[: params.limit]
        films = _load_canonical_films(db, [change.film_id for change in page])
    has_more = len(rows) > params.limit
    cursor = _build_cursor(page[-1].cursor if page else position)
    answer = UpdatedAnswer(
        **build_common_fields(at),
        films=[_build_film(films[change.film_id]) for change in page if change.film_id in films],
        cursor=cursor,
        more=has_more,
    )
    return add_cursor_links(build_cacheable_response(answer, at, _MAX_AGE), cursor if has_more else None)


def _load_canonical_films(db: Session, film_ids: Iterable[int | None]) -> dict[int | None, Film]:
    stmt = select(Film).where(is_canonical(), col(Film.id).in_([film_id for film_id in film_ids if film_id is not None]))
    return {film.id: film for film in db.exec(stmt)}


def _get_change_horizon(at: datetime) -> datetime:
    horizon: ChangeHorizon = current_app.extensions[_EXTENSION_KEY]
    return horizon.get_horizon(at)


def _get_start_position(cursor: str | None, since: datetime | None) -> change_feed.Cursor:
    """Return the later of the position of a cursor and of a moment: both may be given."""
    position = _FIRST_POSITION
    if values := read_cursor(_CURSOR_NAME, cursor):
        position = change_feed.Cursor(datetime.fromisoformat(values[0]), *values[1:])
    return max(position, change_feed.Cursor(since)) if since else position


def _build_cursor(position: change_feed.Cursor) -> str:
    return write_cursor(_CURSOR_NAME, position.changed_at.isoformat(), position.stream, position.first_id, position.second_id)


def _build_film(film: Film) -> FilmChanged:
    return FilmChanged(**build_film_name(film), updated=format_iso(film.updated_at) or "", details=build_details_url(film))


def _build_change(change: change_feed.Change) -> Change:
    available = change.available_offer
    closed_why = None
    if available and change.kind is change_feed.ChangeKind.OFFER_CLOSED:
        closed_why = format_close_reason(available.offer.closed_why)
    return Change(
        type=change.kind,
        at=format_iso(change.cursor.changed_at) or "",
        film=change.film_id,
        previous_film=change.previous_film_id,
        platform=change.platform and PlatformName(slug=change.platform.slug, name=change.platform.name),
        offer=Offer(**build_offer_fields(available)) if available else None,
        closed_why=closed_why,
        before=_build_terms(change),
    )


def _build_terms(change: change_feed.Change) -> Terms | None:
    offer = change.previous_offer
    if offer is None:
        return None
    return Terms(
        offer=offer.id or 0,
        price_cents=offer.price_cents,
        currency=offer.currency,
        starts=format_iso(offer.starts),
        ends=format_iso(offer.ends),
        audio_description=offer.audio_description,
        sdh=offer.sdh,
    )
