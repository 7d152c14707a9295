"""What changed, to be followed from page to page without missing anything; films by their last change."""

from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, current_app
from sqlmodel import col, select

from domain.common.isoformat import iso
from domain.db.safe_horizon import Settled
from domain.linking.redirects import is_standing
from domain.models.film import Film
from domain.offers import change_feed
from webapp.api.cursors import read_cursor, write_cursor
from webapp.api.film_schemas import FilmChanged, Offer, PlatformName, UpdatedAnswer
from webapp.api.operations import pages, reads
from webapp.api.parameters import ChangesAsked, UpdatedAsked
from webapp.api.responses import common, link, send_kept
from webapp.api.schemas import Change, ChangesAnswer, Terms
from webapp.api.serializers import details, evidence, named
from webapp.core.context import ENGINE, session

_SETTLED, _LIST, _A_MINUTE = "ouvoir.settled", "changes", 60
_BEGINNING = change_feed.Place(datetime(1970, 1, 1, tzinfo=UTC))


@pages.record_once
def _begin(state: Any) -> None:
    app: Flask = state.app
    app.extensions[_SETTLED] = Settled(app.extensions[ENGINE])


@reads(
    "/changes",
    ChangesAsked,
    ChangesAnswer,
    "Ce qui a changé",
    "Offres ouvertes, fermées, changées (prix, dates, accessibilité) ; lignes reliées à un autre film ; films corrigés. Gardez "
    "« cursor » et rendez-le plus tard : rien ne manque entre deux appels. Le passage d’une date déjà dite (starts, ends) "
    "ne fait pas de changement.",
)
def changes(asked: ChangesAsked) -> Response:
    """A page of changes."""
    at, after = datetime.now(UTC), _place(asked.cursor, asked.since)
    until = _settled().until(at)
    with session() as db:
        found = change_feed.changes(
            db, after, until, asked.limit + 1, [change_feed.ChangeKind(kind) for kind in asked.type or change_feed.ChangeKind]
        )
    told, more = [_change(one) for one in found[: asked.limit]], len(found) > asked.limit
    cursor = _cursor(found[: asked.limit][-1].place if told else after)
    answer = ChangesAnswer(**common(at), changes=told, cursor=cursor, more=more, settled_until=iso(until) or "")
    return _paged(send_kept(answer, at, _A_MINUTE), cursor, more)


@reads(
    "/films/updated",
    UpdatedAsked,
    UpdatedAnswer,
    "Les films, par date de changement",
    "Tous, ou ceux dont les informations ont changé depuis un jour. Les offres n’y comptent pas : elles sont dans « changes ».",
)
def updated(asked: UpdatedAsked) -> Response:
    """A page of films."""
    at, after, standing = datetime.now(UTC), _place(asked.cursor, asked.updated_since), select(Film).where(is_standing())
    with session() as db:
        found = change_feed.changes(db, after, _settled().until(at), asked.limit + 1, [change_feed.ChangeKind.FILM_CHANGED])
        shown = found[: asked.limit]
        films = {film.id: film for film in db.exec(standing.where(col(Film.id).in_([one.film_id for one in shown])))}
    told = [_film(films[one.film_id]) for one in shown if one.film_id in films]
    cursor, more = _cursor(shown[-1].place if shown else after), len(found) > asked.limit
    return _paged(send_kept(UpdatedAnswer(**common(at), films=told, cursor=cursor, more=more), at, _A_MINUTE), cursor, more)


def _settled() -> Settled:
    found: Settled = current_app.extensions[_SETTLED]
    return found


def _place(cursor: str | None, since: datetime | None) -> change_feed.Place:
    """The later of a cursor and of a moment: both may be given."""
    told = read_cursor(_LIST, cursor)
    kept = change_feed.Place(datetime.fromisoformat(told[0]), *told[1:]) if told else _BEGINNING
    return max(kept, change_feed.Place(since)) if since else kept


def _cursor(place: change_feed.Place) -> str:
    return write_cursor(_LIST, place.moment.isoformat(), place.stream, place.first, place.second)


def _paged(sent: Response, cursor: str, more: bool) -> Response:
    link(sent, "first", cursor=None)
    if more:
        link(sent, "next", cursor=cursor)
    return sent


def _film(film: Film) -> FilmChanged:
    return FilmChanged(**named(film), updated=iso(film.updated) or "", details=details(film))


def _change(change: change_feed.Change) -> Change:
    platform = change.platform and PlatformName(slug=change.platform.slug, name=change.platform.name)
    return Change(
        type=change.kind,
        at=iso(change.place.moment) or "",
        film=change.film_id,
        previous_film=change.previous_film_id,
        platform=platform,
        offer=Offer(**evidence(change.shown)) if change.shown else None,
        closed_why=change.shown.offer.closed_why if change.shown and change.kind is change_feed.ChangeKind.OFFER_CLOSED else None,
        before=_terms(change),
    )


def _terms(change: change_feed.Change) -> Terms | None:
    if (offer := change.before) is None:
        return None
    return Terms(
        offer=offer.id or 0,
        price_cents=offer.price_cents,
        currency=offer.currency,
        starts=iso(offer.starts),
        ends=iso(offer.ends),
        audio_description=offer.audio_description,
        sdh=offer.sdh,
    )
