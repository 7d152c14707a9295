"""Show moviegoers the home page and the page of a film."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, redirect, url_for
from sqlmodel import Session, col, func, select
from werkzeug.wrappers import Response as AnyResponse

from domain.linking.redirects import get_canonical_film, is_canonical
from domain.models.film import Film
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
    """Hold how many services have been collected, and between which moments (None when none has)."""

    services: int
    oldest_at: datetime | None
    newest_at: datetime | None


def get_collection_summary(db: Session) -> CollectionSummary:
    """Summarise the current runs of the services that may be shown."""
    is_current_run = col(Platform.current_run_id) == col(Run.id)
    stmt = select(func.count(), func.min(col(Run.started_at)), func.max(col(Run.started_at)))
    stmt = stmt.select_from(Platform).join(Run, is_current_run).where(is_shown())
    return CollectionSummary(*db.exec(stmt).one())


@bp.get("/")
def show_home() -> Response:
    """Show one search field, what the service is, and how much it knows."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        film_count = db.exec(select(func.count()).select_from(Film).where(is_canonical())).one()
        available_count = get_cached(db, "available", at, count_available)
        collections = get_collection_summary(db)
    return render_page(
        "public/films/home.html", at, film_count=film_count, available_count=available_count, collections=collections
    )


@bp.get(f"/films/<{FILM_ID_CONVERTER}:film_id>")
@bp.get(f"/films/<{FILM_ID_CONVERTER}:film_id>-<slug>")
def show_film(film_id: int, slug: str = "") -> AnyResponse:
    """Show a film and its offers; another slug, or the id of a film merged into it, redirects to the right address."""
    at = datetime.now(UTC)
    with open_db_session() as db:
        film = get_canonical_film(db, film_id)
        if film is None:
            abort(404)
        if (film_id, slug) != (film.id, film.slug):
            return redirect(url_for(".show_film", film_id=film.id, slug=film.slug), 301)
        page = load_film_page(db, film, at)
        collections = None if page.offers else get_collection_summary(db)
    canonical_url = url_for(".show_film", film_id=film.id, slug=film.slug, _external=True)
    return render_page(
        "public/films/film.html",
        at,
        page=page,
        canonical_url=canonical_url,
        groups=group_by_access(page.offers),
        collections=collections,
        structured=dump_json_ld(build_movie(page)),
        summary=format_summary(page),
        translations=get_translation_urls(canonical_url),
    )
