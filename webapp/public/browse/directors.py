"""The films of a director, those that can be seen first."""

from datetime import UTC, datetime

from flask import Response, abort, request
from sqlmodel import Session, col, select

from domain.films.directors import count_films_by, films_by
from domain.models.film import FilmDirector
from webapp.core.context import page, session
from webapp.core.memo import pages
from webapp.core.pagination import read_page
from webapp.public.browse.cards import PER_PAGE, Shelf, cards_of
from webapp.public.browse.listings import Line


@pages.get("/realisations/<slug>")
def director(slug: str) -> Response:
    """The films of the person, or of the people, whose name reads so in an address."""
    at, number = datetime.now(UTC), read_page(request.args.get("page", "1"))
    with session() as db:
        names = names_of(db, slug)
        works = films_by(db, slug, at, PER_PAGE, (number - 1) * PER_PAGE)
        if not works:
            abort(404)
        cards = cards_of(db, [Line(work.film.id, ()) for work in works], at)
        shelf = Shelf(cards, count_films_by(db, slug), number)
    return page("public/browse/director.html", at, slug=slug, names=names, shelf=shelf)


def names_of(db: Session, slug: str) -> list[str]:
    """The names that read so in an address, alphabetically; not found when no film has any."""
    asked = select(FilmDirector.name).where(FilmDirector.key == slug).distinct().order_by(col(FilmDirector.name))
    names = list(db.exec(asked)) if slug.isascii() and slug.isprintable() else []
    if not names:
        abort(404)
    return names
