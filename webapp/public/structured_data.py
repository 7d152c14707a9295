"""Describe a film and its offers to programs that read pages: schema.org's Movie, WatchAction and Offer."""

import json
from functools import partial
from urllib.parse import quote

from flask import request, url_for
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from domain.common.text import clean_text
from domain.offers.schema_org import REGION, JsonObject, build_watch_action
from webapp.core.context import format_iso
from webapp.core.i18n import get_language, get_other_language, gettext
from webapp.core.offer_labels import format_accesses, format_service_count, get_offer_url, group_by_access
from webapp.core.rating_labels import format_rating
from webapp.public.film_page import FilmPage

_LICENCE = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"
_SAME_AS_URLS = {
    "imdb": "https://www.imdb.com/title/{}/",
    "tmdb": "https://www.themoviedb.org/movie/{}",
    "wikidata": "https://www.wikidata.org/wiki/{}",
}


def build_movie(page: FilmPage) -> JsonObject:
    """Return the film as a schema.org Movie, with a WatchAction for each offer that has a URL; unknown facts are left out."""
    film = page.film
    url = url_for("films.show_film", film_id=film.id, slug=film.slug, _external=True)
    facts: JsonObject = {
        "@context": "https://schema.org",
        "@type": "Movie",
        "@id": url,
        "url": url,
        "name": clean_text(film.title),
        "alternateName": _list_alternate_names(page),
        "dateCreated": str(film.year) if film.year else None,
        "duration": f"PT{film.runtime_min}M" if film.runtime_min else None,
        "genre": film.genres,
        "contentRating": format_rating(film.age_rating) if film.age_rating else None,
        "director": [{"@type": "Person", "name": clean_text(name)} for name in film.directors],
        "countryOfOrigin": [{"@type": "Country", "name": name} for name in film.countries],
        "releasedEvent": _build_release_event(page),
        **_build_identifier_facts(page),
        "potentialAction": _build_watch_actions(page),
        **_build_provenance(page),
    }
    return {name: value for name, value in facts.items() if value}


def dump_json_ld(facts: JsonObject) -> Markup:
    """Return the facts as JSON that may stand inside a `<script>`: nothing in them can close it."""
    return htmlsafe_json_dumps(facts, dumps=partial(json.dumps, ensure_ascii=False, separators=(",", ":")))


def format_summary(page: FilmPage) -> str:
    """Return « À voir légalement : location, achat (3 services). », for those who show a link to the page."""
    if not page.offers:
        return gettext("Aucune offre légale connue à ce jour.")
    accesses = [access for access, _ in group_by_access(page.offers)]
    params = {"accesses": format_accesses(accesses).lower(), "services": format_service_count(page.offers)}
    return gettext("À voir légalement : %(accesses)s (%(services)s).") % params


def get_translation_urls(url: str) -> dict[str, str]:
    """Return the URLs of the current page by language, given its own."""
    other_language, path = get_other_language()
    return {get_language(): url, other_language: request.host_url.rstrip("/") + path.partition("?")[0]}


def _list_alternate_names(page: FilmPage) -> list[str]:
    film = page.film
    titles = [film.original_title, *(title.title for title in page.other_titles)]
    return list(dict.fromkeys(clean_text(title) for title in titles if title and title != film.title))


def _build_identifier_facts(page: FilmPage) -> JsonObject:
    eidr = next((value for scheme, value in page.identifiers if scheme == "eidr"), None)
    urls = [_SAME_AS_URLS[scheme].format(quote(value)) for scheme, value in page.identifiers if scheme in _SAME_AS_URLS]
    return {"titleEIDR": eidr, "sameAs": urls}


def _build_watch_actions(page: FilmPage) -> list[JsonObject]:
    actions = []
    for available in page.offers:
        url = get_offer_url(available)
        if url:
            actions.append(build_watch_action(available.offer, available.platform.name, url))
    return actions


def _build_release_event(page: FilmPage) -> JsonObject | None:
    day = page.film.release_date
    return {"@type": "PublicationEvent", "startDate": day.isoformat(), "location": REGION} if day else None


def _build_provenance(page: FilmPage) -> JsonObject:
    last_seen_at = max((available.offer.last_seen for available in page.offers), default=None)
    publisher = {"@type": "Organization", "name": "OùVoir", "url": url_for("films.show_home", _external=True)}
    return {"sdDatePublished": format_iso(last_seen_at), "sdPublisher": publisher, "sdLicense": _LICENCE}
