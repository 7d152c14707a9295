"""The films of a director, those that can be seen first."""

from datetime import UTC, datetime

from flask import Response, abort, request
from sqlmodel import Session, col, select

from domain.films.directors import count_films_by_director, list_films_by_director
from domain.models.film import FilmDirector
from webapp.core.context import open_db_session, render_page
from webapp.core.pagination import parse_page
from webapp.public.browse.cards import PER_PAGE, ListPage, build_cards
from webapp.public.browse.listings import FilmLine


def show_director(slug: str) -> Response:
    """The films of the person, or of the people, whose name reads so in an address."""
    at, number = datetime.now(UTC), parse_page(request.args.get("page", "1"))
    with open_db_session() as db:
        names = list_director_names(db, slug)
        works = list_films_by_director(db, slug, at, PER_PAGE, (number - 1) * PER_PAGE)
        if not works:
            abort(404)
        cards = build_cards(db, [FilmLine(work.film.id, ()) for work in works], at)
        shelf = ListPage(cards, count_films_by_director(db, slug), number)
    return render_page("public/browse/director.html", at, slug=slug, names=names, shelf=shelf)


def list_director_names(db: Session, slug: str) -> list[str]:
    """The names that read so in an address, alphabetically; not found when no film has any."""
    asked = select(FilmDirector.name).where(FilmDirector.key == slug).distinct().order_by(col(FilmDirector.name))
    names = list(db.exec(asked)) if slug.isascii() and slug.isprintable() else []
    if not names:
        abort(404)
    return names
