"""Find the film that an address names, or redirect to the film it was merged into."""

from flask import abort, redirect, request, url_for
from sqlmodel import Session

from domain.linking.redirects import get_canonical_film
from domain.models.film import Film


def get_film_or_404(db: Session, film_id: int) -> Film:
    """Return the film of the id in the address. The request is answered 404 when there is none, 301 when it was merged."""
    film = get_canonical_film(db, film_id)
    if film is None:
        abort(404)
    if film.id != film_id:
        abort(redirect(_get_address_of(film), 301))
    return film


def _get_address_of(film: Film) -> str:
    """Return the current address with another film's id."""
    assert request.endpoint is not None
    view_args = dict(request.view_args or {}, film_id=film.id)
    address = url_for(request.endpoint, **view_args)
    query = request.query_string.decode("latin-1")
    return f"{address}?{query}" if query else address
