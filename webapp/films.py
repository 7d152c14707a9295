"""For moviegoers: the home page, the search and the page of a film."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, redirect, request, url_for
from sqlmodel import Session, col, func, select
from werkzeug.wrappers import Response as AnyResponse

from records.availability import available_offers, is_available, is_shown
from records.catalogue import Platform, Run
from records.films import Film
from webapp.context import FILM_ID, page, session
from webapp.offers import grouped
from webapp.search import read_page, read_query, search_films

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
        base = db.exec(select(func.count()).select_from(Film)).one()
        available = db.exec(select(func.count()).select_from(Film).where(is_available(at))).one()
        collections = last_collections(db)
    return page("films/home.html", at, base=base, available=available, collections=collections)


@pages.get("/recherche")
def results() -> Response:
    """Films whose titles hold the words of `q`, twenty to a `page`."""
    at = datetime.now(UTC)
    query, number = read_query(request.args.get("q", "")), read_page(request.args.get("page", "1"))
    with session() as db:
        found = search_films(db, query, number, at)
    if number > found.pages:
        abort(404)
    return page("films/results.html", at, query=query, found=found)


@pages.get(f"/films/<{FILM_ID}:film_id>")
@pages.get(f"/films/<{FILM_ID}:film_id>-<slug>")
def film(film_id: int, slug: str = "") -> AnyResponse:
    """A film and its offers; any other slug leads to the right address."""
    at = datetime.now(UTC)
    with session() as db:
        found = db.get(Film, film_id)
        if found is None:
            abort(404)
        if slug != found.slug:
            return redirect(url_for(".film", film_id=film_id, slug=found.slug), 301)
        return page(
            "films/film.html",
            at,
            film=found,
            groups=grouped(available_offers(db, film_id, at)),
            collections=last_collections(db),
        )
