"""Films: found by words, by number, by the number they have elsewhere, by their last change."""

from datetime import UTC, datetime

from flask import Response, abort, request
from sqlmodel import Session, select

from domain.common.identifiers import EVERY_SCHEME, read_identifier
from domain.common.identifiers import SCHEMES as COMPARED
from domain.common.text import clean
from domain.models.film import Film, FilmIdentifier
from domain.offers.availability import available_offers
from search.filters import read_filters
from search.query import read_query
from search.results import Results, search_films
from webapp.api.film_schemas import FilmAnswer, FilmFound, SearchAnswer
from webapp.api.operations import reads
from webapp.api.parameters import Nothing, SearchAsked
from webapp.api.responses import common, link, send_drawn
from webapp.api.serializers import described, details, in_order, named, order
from webapp.core.context import FILM_ID, Refusal, session
from webapp.core.film_redirect import film_here


@reads(
    "/films",
    SearchAsked,
    SearchAnswer,
    "Chercher des films",
    "Comme sur le site : fautes de frappe comprises, les films à voir en ce moment d’abord parmi ceux qui se ressemblent.",
)
def search(asked: SearchAsked) -> Response:
    """A page of films."""
    at, query = datetime.now(UTC), read_query(asked.q)
    with session() as db:
        found = search_films(db, query, asked.page, at, read_filters(db, request.args))
    told = SearchAnswer(
        **common(at),
        query=query,
        page=asked.page,
        pages=found.pages,
        total=found.total,
        approximate=found.meant is not None,
        films=[FilmFound(**named(hit.film), accesses=hit.accesses, details=details(hit.film)) for hit in found.hits],
    )
    sent = send_drawn(told, at)
    _link_pages(sent, found)
    return sent


def _link_pages(sent: Response, found: Results) -> None:
    link(sent, "first", page=None)
    if found.page > 1:
        link(sent, "prev", page=min(found.page - 1, found.pages))
    if found.page < found.pages:
        link(sent, "next", page=found.page + 1)


@reads(
    f"/films/<{FILM_ID}:film_id>",
    Nothing,
    FilmAnswer,
    "Un film et ses offres",
    "Ses titres, ses numéros ailleurs, et où le voir en ce moment. Une fiche réunie à une autre mène à celle-là (301).",
)
def film(asked: Nothing, film_id: int) -> Response:
    """One film: its titles, its identifiers, and its offers from free to bought, services in the neutral order."""
    with session() as db:
        return _all_of(db, film_here(db, film_id))


@reads(
    "/films/by/<scheme>/<path:value>",
    Nothing,
    FilmAnswer,
    "Un film par son numéro dans une autre base",
    "La même réponse, pour un numéro CNC, un visa, un ISAN, ou le numéro d’une base de films.",
)
def film_by(asked: Nothing, scheme: str, value: str) -> Response:
    """The film that has a number elsewhere. Raises Refusal for a base that is not known."""
    if scheme not in EVERY_SCHEME:
        raise Refusal(f"Base inconnue : « {clean(scheme)[:60]} » (attendu : {', '.join(EVERY_SCHEME)}).")
    number = read_identifier(scheme, value) if scheme in COMPARED else clean(value)
    with session() as db:
        borne = select(Film).join(FilmIdentifier).where(FilmIdentifier.scheme == scheme, FilmIdentifier.value == number)
        return _all_of(db, db.exec(borne).first() if number else None)


def _all_of(db: Session, film: Film | None) -> Response:
    at = datetime.now(UTC)
    if film is None:
        abort(404)
    offers = in_order(available_offers(db, film.id, at))
    return send_drawn(FilmAnswer(**common(at), **described(db, film), offers=offers, order=order(at)), at)
