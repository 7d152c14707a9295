"""For moviegoers: the home page and the page of a film."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, redirect, url_for
from sqlmodel import Session, col, func, select
from werkzeug.wrappers import Response as AnyResponse

from domain.linking.redirects import count_canonical_films, get_canonical_film
from domain.models.platform import Platform
from domain.models.run import Run
from domain.offers.availability import count_available, is_shown
from webapp.core.context import FILM_ID_CONVERTER, open_db_session, render_page
from webapp.core.memo import get_cached
from webapp.core.offer_labels import group_by_access
from webapp.public.film_page import load_film_page
from webapp.public.structured_data import build_movie, dump_json_ld, format_summary, get_translation_urls

bp = Blueprint("films", __name__)


@dataclass(frozen=True)
class CollectionSummary:
    """How many services have been collected, and between which moments (None when none has)."""

    services: int
    oldest_at: datetime | None
    newest_at: datetime | None


def get_collection_summary(db: Session) -> CollectionSummary:
    """The state that the site shows: the current run of every service that may be shown."""
    run = col(Platform.current_run_id) == col(Run.id)
    asked = (
        select(func.count(), func.min(col(Run.started_at)), func.max(col(Run.started_at))).select_from(Platform).join(Run, run)
    )
    return CollectionSummary(*db.exec(asked.where(is_shown())).one())


@bp.get("/")
def show_home() -> Response:
    """One field, what the service is, and how much it knows."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        base = count_canonical_films(db)
        available = get_cached(db, "available", at, count_available)
        collections = get_collection_summary(db)
    return render_page("public/films/home.html", at, base=base, available=available, collections=collections)


@bp.get(f"/films/<{FILM_ID_CONVERTER}:film_id>")
@bp.get(f"/films/<{FILM_ID_CONVERTER}:film_id>-<slug>")
def show_film(film_id: int, slug: str = "") -> AnyResponse:
    """A film and its offers; any other slug, or the number of a film merged into it, leads to the right address."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        found = get_canonical_film(db, film_id)
        if found is None:
            abort(404)
        if (film_id, slug) != (found.id, found.slug):
            return redirect(url_for(".show_film", film_id=found.id, slug=found.slug), 301)
        told = load_film_page(db, found, at)
        collections = None if told.offers else get_collection_summary(db)
    here = url_for(".show_film", film_id=film_id, slug=found.slug, _external=True)
    return render_page(
        "public/films/film.html",
        at,
        here=here,
        told=told,
        groups=group_by_access(told.offers),
        collections=collections,
        structured=dump_json_ld(build_movie(told)),
        summary=format_summary(told),
        translations=get_translation_urls(here),
    )
