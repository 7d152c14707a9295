"""Find films by words, by their number here, or by the number they have elsewhere."""

from datetime import UTC, datetime

from flask import Response, abort, request
from sqlmodel import Session, select

from domain.common.identifiers import ALL_SCHEMES, SCHEMES, parse_identifier
from domain.common.text import clean_text
from domain.models.film import Film, FilmIdentifier
from domain.offers.availability import available_offers
from search.results import Results
from search.results import search_films as find_films
from webapp.api.film_schemas import FilmAnswer, FilmFound, SearchAnswer
from webapp.api.operations import get_operation
from webapp.api.parameters import NoParams, SearchParams
from webapp.api.responses import add_link_header, build_common_fields, build_period_response
from webapp.api.serializers import build_details_url, build_film_fields, build_film_name, build_offers, build_order
from webapp.core.context import FILM_ID_CONVERTER, RequestError, open_db_session
from webapp.core.film_redirect import get_film_or_404
from webapp.core.search_params import parse_filters, parse_query
from webapp.core.title_index import get_title_index


@get_operation(
    "search",
    "/films",
    SearchParams,
    SearchAnswer,
    "Chercher des films",
    "Comme sur le site : fautes de frappe comprises, les films à voir en ce moment d’abord parmi ceux qui se ressemblent.",
)
def search_films(params: SearchParams) -> Response:
    """Return a page of films."""
    at = datetime.now(UTC)
    query = parse_query(params.q)
    with open_db_session() as db:
        results = find_films(db, get_title_index, query, params.page, at, parse_filters(db, request.args))
    answer = SearchAnswer(
        **build_common_fields(at),
        query=query,
        page=params.page,
        pages=results.pages,
        total=results.total,
        approximate=results.suggested_title is not None,
        films=[
            FilmFound(**build_film_name(hit.film), accesses=hit.accesses, details=build_details_url(hit.film))
            for hit in results.hits
        ],
    )
    response = build_period_response(answer, at)
    _add_page_links(response, results)
    return response


def _add_page_links(response: Response, results: Results) -> None:
    add_link_header(response, "first", page=None)
    if results.page > 1:
        add_link_header(response, "prev", page=min(results.page - 1, results.pages))
    if results.page < results.pages:
        add_link_header(response, "next", page=results.page + 1)


@get_operation(
    "film",
    f"/films/<{FILM_ID_CONVERTER}:film_id>",
    NoParams,
    FilmAnswer,
    "Un film et ses offres",
    "Ses titres, ses numéros ailleurs, et où le voir en ce moment. Une fiche réunie à une autre mène à celle-là (301).",
)
def show_film(params: NoParams, film_id: int) -> Response:
    """Return a film: its titles, its identifiers, and its offers from free to bought, services in the neutral order."""
    with open_db_session() as db:
        return _build_film_response(db, get_film_or_404(db, film_id))


@get_operation(
    "film_by",
    "/films/by/<scheme>/<path:value>",
    NoParams,
    FilmAnswer,
    "Un film par son numéro dans une autre base",
    "La même réponse, pour un numéro CNC, un visa, un ISAN, ou le numéro d’une base de films.",
)
def find_film_by_identifier(params: NoParams, scheme: str, value: str) -> Response:
    """Return the film that has a number in another source. Raise RequestError for a source that is not known."""
    if scheme not in ALL_SCHEMES:
        raise RequestError(f"Base inconnue : « {clean_text(scheme)[:60]} » (attendu : {', '.join(ALL_SCHEMES)}).")
    identifier = parse_identifier(scheme, value) if scheme in SCHEMES else clean_text(value)
    with open_db_session() as db:
        film = _get_film_by_identifier(db, scheme, identifier) if identifier else None
        return _build_film_response(db, film)


def _get_film_by_identifier(db: Session, scheme: str, value: str) -> Film | None:
    stmt = select(Film).join(FilmIdentifier).where(FilmIdentifier.scheme == scheme, FilmIdentifier.value == value)
    return db.exec(stmt).first()


def _build_film_response(db: Session, film: Film | None) -> Response:
    at = datetime.now(UTC)
    if film is None:
        abort(404)
    offers = build_offers(available_offers(db, film.id, at))
    answer = FilmAnswer(**build_common_fields(at), **build_film_fields(db, film), offers=offers, order=build_order(at))
    return build_period_response(answer, at)
