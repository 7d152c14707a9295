"""The search as people and browsers use it: results, suggestions while one types, the description that browsers install."""

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
from webapp.public.browse.atom import MAX_ENTRIES as FEED_ENTRIES
from webapp.public.browse.atom import Feed, render_feed
from webapp.public.browse.feeds import build_event_entries, get_newest_run_time

bp = Blueprint("search", __name__)
MIN_SUGGESTION_LENGTH = 3  # letters
_MAX_SUGGESTIONS, _MAX_CANDIDATES = 8, 60
_MAX_COUNTED_LENGTH, _MAX_DIGITS = 60, 4


@bp.get("/recherche")
def list_results() -> Response:
    """Films for the words of `q` and the filters, twenty to a `page`."""
    at = datetime.now(UTC)
    query, number = parse_query(request.args.get("q", "")), parse_page(request.args.get("page", "1"))
    with open_db_session() as db:
        try:
            filters = parse_filters(db, request.args)
        except UnknownCountryError as unknown:
            return _render_form_error(db, query, at, str(unknown.description))
        found = search_films(db, get_title_index, query, number, at, filters)
    if number > found.pages:
        abort(404)
    _count_unfound_title(query, filters, found, at)
    return render_page("public/search/results.html", at, query=query, found=found, filters=filters, problem="")


def _render_form_error(db: Session, query: str, at: datetime, problem: str) -> Response:
    """The form as it was sent, but for the country, and what is wrong with it: people type names of countries by hand."""
    others = MultiDict([(name, value) for name, value in request.args.items(multi=True) if name != "pays"])
    told = {"query": query, "found": Results([], 0, 1), "filters": parse_filters(db, others), "problem": problem}
    answer = render_page("public/search/results.html", at, **told)
    answer.status_code = 400
    return answer


@bp.get("/recherche/atom.xml")
def show_feed() -> Response:
    """What came and went of the films that a search finds: an alert without an account. Raises Refusal without a search."""
    at = datetime.now(UTC)
    query = parse_query(request.args.get("q", ""))
    with open_db_session() as db:
        filters = parse_filters(db, request.args)
        if not (query or filters.query_params):
            raise RequestError(gettext("Une recherche est attendue : les mots d’un titre (paramètre « q ») ou un choix."))
        films = find_films(db, get_title_index, query, at, filters).film_ids[:MAX_RESULTS]
        entries, otherwise = build_event_entries(db, list_film_events(db, films, at)[:FEED_ENTRIES]), get_newest_run_time(db)
    asked = {"q": query} | filters.query_params
    page_of_it = url_for(".list_results", _external=True, **asked)
    key, title = f"recherche/{urlencode(sorted(asked.items()))}", f"OùVoir – {query or gettext('Films à voir en ce moment')}"
    return render_feed(Feed(key, title, page_of_it, entries, at, otherwise))


def _count_unfound_title(query: str, filters: Filters, found: Results, at: datetime) -> None:
    """Titles nobody finds are counted for agents; what looks like a number of somebody's or an address is not."""
    telling = len(query) <= _MAX_COUNTED_LENGTH and "@" not in query and sum(map(str.isdigit, query)) <= _MAX_DIGITS
    if query and telling and not (found.total or filters.has_offer_filters or filters.has_film_filters):
        count_event(UnfoundTitle, build_title_key(query), at)


@bp.get("/suggestions")
def list_suggestions() -> Response:
    """Films for the first letters of `q`, as OpenSearch wants them: the query, titles, descriptions, addresses."""
    at = datetime.now(UTC)
    query = parse_query(request.args.get("q", ""))
    with open_db_session() as db:
        films = _find_suggestions(db, query) if len(query) >= MIN_SUGGESTION_LENGTH else []
    told = [typeset(film.title) for film in films]
    described = [", ".join(filter(None, (str(film.year or ""), *film.directors[:2]))) for film in films]
    addresses = [url_for("films.show_film", film_id=film.id, slug=film.slug, _external=True) for film in films]
    text = json.dumps([query, told, described, addresses], ensure_ascii=False)
    return cache_for_period(Response(text, mimetype="application/x-suggestions+json"), at)


def _find_suggestions(db: Session, query: str) -> list[Film]:
    found = find_matches(get_title_index(db), normalise_query(query), _MAX_CANDIDATES)[:_MAX_SUGGESTIONS]
    numbers = [match.candidate.film_id for match in found]
    films = {film.id: film for film in db.exec(select(Film).where(col(Film.id).in_(numbers)))}
    return [films[number] for number in numbers if number in films]


@bp.get("/opensearch.xml")
def show_opensearch() -> Response:
    """How a browser searches here from its own bar."""
    answer = Response(render_template("public/search/opensearch.xml"), mimetype="application/opensearchdescription+xml")
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer
