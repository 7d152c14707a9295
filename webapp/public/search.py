"""Search films: results, a feed of them, suggestions while one types, and the description that browsers install."""

import json
from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, render_template, request, url_for
from sqlmodel import Session, col, select
from werkzeug.datastructures import MultiDict

from domain.common.titles import build_title_key
from domain.models.film import Film
from domain.models.public_use import UnfoundTitle
from domain.offers.arrivals import list_film_events
from search.filters import Filters
from search.query import normalise_query
from search.results import MAX_RESULTS, Results, find_films, find_matches, search_films
from webapp.core.context import RequestError, cache_for_period, open_db_session, render_page
from webapp.core.counter_buffer import count_event
from webapp.core.formatting import typeset
from webapp.core.i18n import gettext
from webapp.core.pagination import parse_page
from webapp.core.search_params import UnknownCountryError, parse_filters, parse_query
from webapp.core.title_index import get_title_index
from webapp.public.browse.atom import MAX_ENTRIES as MAX_FEED_ENTRIES
from webapp.public.browse.atom import Feed, render_feed
from webapp.public.browse.feeds import build_event_entries, get_newest_run_time

bp = Blueprint("search", __name__)
MIN_SUGGESTION_LENGTH = 3  # letters
_MAX_SUGGESTIONS = 8
_MAX_CANDIDATES = 60
_MAX_SUGGESTION_DIRECTORS = 2
_MAX_COUNTED_LENGTH = 60
_MAX_COUNTED_DIGITS = 4


@bp.get("/recherche")
def list_results() -> Response:
    """List the films for the words of `q` and the filters, twenty to a `page`."""
    at = datetime.now(UTC)
    query = parse_query(request.args.get("q", ""))
    page = parse_page(request.args.get("page", "1"))
    with open_db_session() as db:
        try:
            filters = parse_filters(db, request.args)
        except UnknownCountryError as error:
            return _render_unknown_country(db, query, at, str(error.description))
        results = search_films(db, get_title_index, query, page, at, filters)
    if page > results.pages:
        abort(404)
    _count_unfound_title(query, filters, results, at)
    return render_page("public/search/results.html", at, query=query, results=results, filters=filters, problem="")


def _render_unknown_country(db: Session, query: str, at: datetime, problem: str) -> Response:
    """Show the form as it was sent, but for the country, and what is wrong with it: people type names of countries by hand."""
    other_params = MultiDict([(name, value) for name, value in request.args.items(multi=True) if name != "pays"])
    filters = parse_filters(db, other_params)
    response = render_page(
        "public/search/results.html", at, query=query, results=Results([], 0, 1), filters=filters, problem=problem
    )
    response.status_code = 400
    return response


@bp.get("/recherche/atom.xml")
def show_feed() -> Response:
    """Publish the arrivals and departures of the films that a search finds. Raises RequestError without a search."""
    at = datetime.now(UTC)
    query = parse_query(request.args.get("q", ""))
    with open_db_session() as db:
        filters = parse_filters(db, request.args)
        if not (query or filters.query_params):
            raise RequestError(gettext("Une recherche est attendue : les mots d’un titre (paramètre « q ») ou un choix."))
        film_ids = find_films(db, get_title_index, query, at, filters).film_ids[:MAX_RESULTS]
        entries = build_event_entries(db, list_film_events(db, film_ids, at)[:MAX_FEED_ENTRIES])
        newest_run_time = get_newest_run_time(db)
    params = {"q": query} | filters.query_params
    title = query or gettext("Films à voir en ce moment")
    feed = Feed(
        key=f"recherche/{urlencode(sorted(params.items()))}",
        title=f"OùVoir – {title}",
        page_url=url_for(".list_results", _external=True, **params),
        entries=entries,
        requested_at=at,
        default_updated_at=newest_run_time,
    )
    return render_feed(feed)


def _count_unfound_title(query: str, filters: Filters, results: Results, at: datetime) -> None:
    """Count for agents a title that nobody finds, unless a filter may have hidden it or it may be personal."""
    if not query or results.total or filters.has_offer_filters or filters.has_film_filters:
        return
    if not _may_be_personal(query):
        count_event(UnfoundTitle, build_title_key(query), at)


def _may_be_personal(query: str) -> bool:
    """Return whether a query looks like somebody's number or address rather than a title."""
    digits = sum(map(str.isdigit, query))
    return len(query) > _MAX_COUNTED_LENGTH or "@" in query or digits > _MAX_COUNTED_DIGITS


@bp.get("/suggestions")
def list_suggestions() -> Response:
    """Suggest films for the first letters of `q`, as OpenSearch wants them: the query, titles, descriptions, URLs."""
    at = datetime.now(UTC)
    query = parse_query(request.args.get("q", ""))
    with open_db_session() as db:
        films = _find_suggestions(db, query) if len(query) >= MIN_SUGGESTION_LENGTH else []
    titles = [typeset(film.title) for film in films]
    descriptions = [_describe_film(film) for film in films]
    urls = [url_for("films.show_film", film_id=film.id, slug=film.slug, _external=True) for film in films]
    body = json.dumps([query, titles, descriptions, urls], ensure_ascii=False)
    return cache_for_period(Response(body, mimetype="application/x-suggestions+json"), at)


def _describe_film(film: Film) -> str:
    """Return « 1966, Gérard Oury »."""
    year = [str(film.year)] if film.year else []
    return ", ".join([*year, *film.directors[:_MAX_SUGGESTION_DIRECTORS]])


def _find_suggestions(db: Session, query: str) -> list[Film]:
    matches = find_matches(get_title_index(db), normalise_query(query), _MAX_CANDIDATES)[:_MAX_SUGGESTIONS]
    film_ids = [match.candidate.film_id for match in matches]
    films = {film.id: film for film in db.exec(select(Film).where(col(Film.id).in_(film_ids)))}
    return [films[film_id] for film_id in film_ids if film_id in films]


@bp.get("/opensearch.xml")
def show_opensearch() -> Response:
    """Describe to browsers how they may search here from their own bar."""
    response = Response(render_template("public/search/opensearch.xml"), mimetype="application/opensearchdescription+xml")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
