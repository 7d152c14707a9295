"""For moviegoers: the home page and the page of a film."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, redirect, url_for
from sqlmodel import Session, col, func, select
from werkzeug.wrappers import Response as AnyResponse

from domain.linking.redirects import is_standing, standing_film
from domain.models.film import Film
from domain.models.platform import Platform
from domain.models.run import Run
from domain.offers.availability import count_available, is_shown
from webapp.core.context import FILM_ID, page, session
from webapp.core.memo import kept
from webapp.core.offer_labels import grouped
from webapp.public.film_page import gather
from webapp.public.structured_data import as_script, movie, summary, translations

pages = Blueprint("films", __name__)


@dataclass(frozen=True)
class Collections:
    """How many services have been collected, and between which moments (None when none has)."""

    services: int
    oldest: datetime | None
    newest: datetime | None


def last_collections(db: Session) -> Collections:
    """The state that the site shows: the current run of every service that may be shown."""
    run = col(Platform.current_run_id) == col(Run.id)
    asked = select(func.count(), func.min(col(Run.started)), func.max(col(Run.started))).select_from(Platform).join(Run, run)
    return Collections(*db.exec(asked.where(is_shown())).one())


@pages.get("/")
def home() -> Response:
    """One field, what the service is, and how much it knows."""
    at = datetime.now(UTC)
    with session() as db:
        base = db.exec(select(func.count()).select_from(Film).where(is_standing())).one()
        available = kept(db, "available", at, count_available)
        collections = last_collections(db)
    return page("public/films/home.html", at, base=base, available=available, collections=collections)


@pages.get(f"/films/<{FILM_ID}:film_id>")
@pages.get(f"/films/<{FILM_ID}:film_id>-<slug>")
def film(film_id: int, slug: str = "") -> AnyResponse:
    """A film and its offers; any other slug, or the number of a film merged into it, leads to the right address."""
    at = datetime.now(UTC)
    with session() as db:
        found = standing_film(db, film_id)
        if found is None:
            abort(404)
        if (film_id, slug) != (found.id, found.slug):
            return redirect(url_for(".film", film_id=found.id, slug=found.slug), 301)
        told = gather(db, found, at)
        collections = None if told.offers else last_collections(db)
    here = url_for(".film", film_id=film_id, slug=found.slug, _external=True)
    return page(
        "public/films/film.html",
        at,
        here=here,
        told=told,
        groups=grouped(told.offers),
        collections=collections,
        structured=as_script(movie(told)),
        summary=summary(told),
        translations=translations(here),
    )
