"""The search as people and browsers use it: results, suggestions while one types, the description that browsers install."""

import json
from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, render_template, request, url_for
from sqlmodel import Session, col, select
from werkzeug.datastructures import MultiDict

from domain.common.titles import title_key
from domain.models.film import Film
from domain.models.public_use import UnfoundTitle
from domain.offers.events import film_events
from search.filters import Filters, UnknownCountry, read_filters
from search.index_holder import titles
from search.query import query_wording, read_query
from search.results import MOST, Results, find_films, matches, search_films
from webapp.core.context import Refusal, keep_for_period, page, session
from webapp.core.counter_buffer import count
from webapp.core.formatting import typeset
from webapp.core.i18n import gettext
from webapp.core.pagination import read_page
from webapp.public.browse.atom import MOST as FEED_ENTRIES
from webapp.public.browse.atom import Feed, answer
from webapp.public.browse.feeds import event_entries, newest_run

pages = Blueprint("search", __name__)
SUGGESTED_FROM = 3  # letters
_SUGGESTED, _TRIED = 8, 60
_LONGEST_COUNTED, _MOST_DIGITS = 60, 4


@pages.get("/recherche")
def results() -> Response:
    """Films for the words of `q` and the filters, twenty to a `page`."""
    at = datetime.now(UTC)
    query, number = read_query(request.args.get("q", "")), read_page(request.args.get("page", "1"))
    with session() as db:
        try:
            filters = read_filters(db, request.args)
        except UnknownCountry as unknown:
            return _ask_again(db, query, at, str(unknown.description))
        found = search_films(db, query, number, at, filters)
    if number > found.pages:
        abort(404)
    _count_unfound(query, filters, found, at)
    return page("public/search/results.html", at, query=query, found=found, filters=filters, problem="")


def _ask_again(db: Session, query: str, at: datetime, problem: str) -> Response:
    """The form as it was sent, but for the country, and what is wrong with it: people type names of countries by hand."""
    others = MultiDict([(name, value) for name, value in request.args.items(multi=True) if name != "pays"])
    told = {"query": query, "found": Results([], 0, 1), "filters": read_filters(db, others), "problem": problem}
    answer = page("public/search/results.html", at, **told)
    answer.status_code = 400
    return answer


@pages.get("/recherche/atom.xml")
def feed() -> Response:
    """What came and went of the films that a search finds: an alert without an account. Raises Refusal without a search."""
    at = datetime.now(UTC)
    query = read_query(request.args.get("q", ""))
    with session() as db:
        filters = read_filters(db, request.args)
        if not (query or filters.kept):
            raise Refusal(gettext("Une recherche est attendue : les mots d’un titre (paramètre « q ») ou un choix."))
        films = find_films(db, query, at, filters).film_ids[:MOST]
        entries, otherwise = event_entries(db, film_events(db, films, at)[:FEED_ENTRIES]), newest_run(db)
    asked = {"q": query} | filters.kept
    page_of_it = url_for(".results", _external=True, **asked)
    key, title = f"recherche/{urlencode(sorted(asked.items()))}", f"OùVoir – {query or gettext('Films à voir en ce moment')}"
    return answer(Feed(key, title, page_of_it, entries, at, otherwise))


def _count_unfound(query: str, filters: Filters, found: Results, at: datetime) -> None:
    """Titles nobody finds are counted for agents; what looks like a number of somebody's or an address is not."""
    telling = len(query) <= _LONGEST_COUNTED and "@" not in query and sum(map(str.isdigit, query)) <= _MOST_DIGITS
    if query and telling and not (found.total or filters.of_offers or filters.of_films):
        count(UnfoundTitle, title_key(query), at)


@pages.get("/suggestions")
def suggestions() -> Response:
    """Films for the first letters of `q`, as OpenSearch wants them: the query, titles, descriptions, addresses."""
    at = datetime.now(UTC)
    query = read_query(request.args.get("q", ""))
    with session() as db:
        films = _suggested(db, query) if len(query) >= SUGGESTED_FROM else []
    told = [typeset(film.title) for film in films]
    described = [", ".join(filter(None, (str(film.year or ""), *film.directors[:2]))) for film in films]
    addresses = [url_for("films.film", film_id=film.id, slug=film.slug, _external=True) for film in films]
    text = json.dumps([query, told, described, addresses], ensure_ascii=False)
    return keep_for_period(Response(text, mimetype="application/x-suggestions+json"), at)


def _suggested(db: Session, query: str) -> list[Film]:
    found = matches(titles().index(db), query_wording(query), _TRIED)[:_SUGGESTED]
    numbers = [match.candidate.film_id for match in found]
    films = {film.id: film for film in db.exec(select(Film).where(col(Film.id).in_(numbers)))}
    return [films[number] for number in numbers if number in films]


@pages.get("/opensearch.xml")
def description() -> Response:
    """How a browser searches here from its own bar."""
    answer = Response(render_template("public/search/opensearch.xml"), mimetype="application/opensearchdescription+xml")
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer
