"""What changed, to be followed from page to page without missing anything; films by their last change."""

from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, current_app
from sqlmodel import col, select

from domain.common.isoformat import format_iso
from domain.db.safe_horizon import ChangeHorizon
from domain.linking.redirects import is_canonical
from domain.models.film import Film
from domain.offers import change_feed
from domain.runs.close_reasons import format_close_reason
from webapp.api.cursors import read_cursor, write_cursor
from webapp.api.film_schemas import FilmChanged, Offer, PlatformName, UpdatedAnswer
from webapp.api.operations import bp, declare_get
from webapp.api.parameters import ChangesParams, UpdatedFilmsParams
from webapp.api.responses import add_link_header, build_cacheable_response, build_common_fields
from webapp.api.schemas import Change, ChangesAnswer, Terms
from webapp.api.serializers import build_details_url, build_film_name, build_offer_fields
from webapp.core.context import ENGINE_KEY, open_db_session

_EXTENSION_KEY, _CURSOR_NAME, _MAX_AGE = "ouvoir.settled", "changes", 60
_FIRST_POSITION = change_feed.Cursor(datetime(1970, 1, 1, tzinfo=UTC))


@bp.record_once
def _init_extension(state: Any) -> None:
    app: Flask = state.app
    app.extensions[_EXTENSION_KEY] = ChangeHorizon(app.extensions[ENGINE_KEY])


@declare_get(
    "/changes",
    ChangesParams,
    ChangesAnswer,
    "Ce qui a changé",
    "Offres ouvertes, fermées, changées (prix, dates, accessibilité) ; lignes reliées à un autre film ; films corrigés. Gardez "
    "« cursor » et rendez-le plus tard : rien ne manque entre deux appels. Le passage d’une date déjà dite (starts, ends) "
    "ne fait pas de changement.",
)
def changes(params: ChangesParams) -> Response:
    """A page of changes."""
    at, after = datetime.now(UTC), _read_position(params.cursor, params.since)
    until = _get_settled().get_horizon(at)
    with open_db_session() as db:
        found = change_feed.list_changes(
            db, after, until, params.limit + 1, [change_feed.ChangeKind(kind) for kind in params.type or change_feed.ChangeKind]
        )
    told, more = [_build_change(one) for one in found[: params.limit]], len(found) > params.limit
    cursor = _build_cursor(found[: params.limit][-1].cursor if told else after)
    answer = ChangesAnswer(
        **build_common_fields(at), changes=told, cursor=cursor, more=more, settled_until=format_iso(until) or ""
    )
    return _add_page_links(build_cacheable_response(answer, at, _MAX_AGE), cursor, more)


@declare_get(
    "/films/updated",
    UpdatedFilmsParams,
    UpdatedAnswer,
    "Les films, par date de changement",
    "Tous, ou ceux dont les informations ont changé depuis un jour. Les offres n’y comptent pas : elles sont dans « changes ».",
)
def updated(params: UpdatedFilmsParams) -> Response:
    """A page of films."""
    at, after, standing = (
        datetime.now(UTC),
        _read_position(params.cursor, params.updated_since),
        select(Film).where(is_canonical()),
    )
    with open_db_session() as db:
        found = change_feed.list_changes(
            db, after, _get_settled().get_horizon(at), params.limit + 1, [change_feed.ChangeKind.FILM_CHANGED]
        )
        shown = found[: params.limit]
        films = {film.id: film for film in db.exec(standing.where(col(Film.id).in_([one.film_id for one in shown])))}
    told = [_build_film(films[one.film_id]) for one in shown if one.film_id in films]
    cursor, more = _build_cursor(shown[-1].cursor if shown else after), len(found) > params.limit
    return _add_page_links(
        build_cacheable_response(UpdatedAnswer(**build_common_fields(at), films=told, cursor=cursor, more=more), at, _MAX_AGE),
        cursor,
        more,
    )


def _get_settled() -> ChangeHorizon:
    found: ChangeHorizon = current_app.extensions[_EXTENSION_KEY]
    return found


def _read_position(cursor: str | None, since: datetime | None) -> change_feed.Cursor:
    """The later of a cursor and of a moment: both may be given."""
    told = read_cursor(_CURSOR_NAME, cursor)
    kept = change_feed.Cursor(datetime.fromisoformat(told[0]), *told[1:]) if told else _FIRST_POSITION
    return max(kept, change_feed.Cursor(since)) if since else kept


def _build_cursor(position: change_feed.Cursor) -> str:
    return write_cursor(_CURSOR_NAME, position.changed_at.isoformat(), position.stream, position.first_id, position.second_id)


def _add_page_links(response: Response, cursor: str, more: bool) -> Response:
    add_link_header(response, "first", cursor=None)
    if more:
        add_link_header(response, "next", cursor=cursor)
    return response


def _build_film(film: Film) -> FilmChanged:
    return FilmChanged(**build_film_name(film), updated=format_iso(film.updated_at) or "", details=build_details_url(film))


def _build_change(change: change_feed.Change) -> Change:
    platform = change.platform and PlatformName(slug=change.platform.slug, name=change.platform.name)
    return Change(
        type=change.kind,
        at=format_iso(change.cursor.changed_at) or "",
        film=change.film_id,
        previous_film=change.previous_film_id,
        platform=platform,
        offer=Offer(**build_offer_fields(change.available_offer)) if change.available_offer else None,
        closed_why=format_close_reason(change.available_offer.offer.closed_why)
        if change.available_offer and change.kind is change_feed.ChangeKind.OFFER_CLOSED
        else None,
        before=_build_terms(change),
    )


def _build_terms(change: change_feed.Change) -> Terms | None:
    if (offer := change.previous_offer) is None:
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
