"""The film that an address names; where it was merged into another, the same address of that one."""

from flask import abort, redirect, request, url_for
from sqlmodel import Session

from domain.linking.redirects import get_canonical_film
from domain.models.film import Film


def get_film_or_404(db: Session, film_id: int) -> Film:
    """The film of the number in the address. Answers 404 when there is none, 301 when it was merged into another."""
    film = get_canonical_film(db, film_id)
    if film is None:
        abort(404)
    if film.id != film_id:
        place = url_for(request.endpoint or "", **{**(request.view_args or {}), "film_id": film.id})
        query = request.query_string.decode("latin-1")
        abort(redirect(f"{place}?{query}" if query else place, 301))
    return film
