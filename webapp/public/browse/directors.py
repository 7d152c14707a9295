"""Show the films of a director, those that can be seen first."""

from datetime import UTC, datetime

from flask import Response, abort, request
from sqlmodel import Session, col, select

from domain.films.directors import count_films_by_director, list_films_by_director
from domain.models.film import FilmDirector
from webapp.core.context import open_db_session, render_page
from webapp.core.pagination import parse_page
from webapp.public.browse.cards import PER_PAGE, ListPage, build_cards
from webapp.public.browse.listed_film import ListedFilm


def show_director(slug: str) -> Response:
    """Show the films of the person, or of the people, whose name is written so in an address."""
    at = datetime.now(UTC)
    page = parse_page(request.args.get("page", "1"))
    with open_db_session() as db:
        names = list_director_names(db, slug)
        works = list_films_by_director(db, slug, at, PER_PAGE, (page - 1) * PER_PAGE)
        if not works:
            abort(404)
        cards = build_cards(db, [ListedFilm(work.film.id, ()) for work in works], at)
        list_page = ListPage(cards, count_films_by_director(db, slug), page)
    return render_page("public/browse/director.html", at, slug=slug, names=names, list_page=list_page)


def list_director_names(db: Session, slug: str) -> list[str]:
    """Return the names written so in an address, in alphabetical order; answered 404 when no film has any."""
    names: list[str] = []
    if slug.isascii() and slug.isprintable():  # PostgreSQL refuses some of the others
        stmt = select(FilmDirector.name).where(FilmDirector.key == slug).distinct().order_by(col(FilmDirector.name))
        names = list(db.exec(stmt))
    if not names:
        abort(404)
    return names
