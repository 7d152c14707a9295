"""A film and its offers for programs that read pages: schema.org's Movie, WatchAction and Offer."""

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
    """The film as a schema.org Movie, each offer that has an address as a WatchAction; what is unknown is left out."""
    film = page.film
    here = url_for("films.show_film", film_id=film.id, slug=film.slug, _external=True)
    others = [film.original_title, *(title.title for title in page.other_titles)]
    facts: JsonObject = {
        "@context": "https://schema.org",
        "@type": "Movie",
        "@id": here,
        "url": here,
        "name": clean_text(film.title),
        "alternateName": list(dict.fromkeys(clean_text(title) for title in others if title and title != film.title)),
        "dateCreated": str(film.year) if film.year else None,
        "duration": f"PT{film.runtime_min}M" if film.runtime_min else None,
        "genre": film.genres,
        "contentRating": format_rating(film.age_rating) if film.age_rating else None,
        "director": [{"@type": "Person", "name": clean_text(name)} for name in film.directors],
        "countryOfOrigin": [{"@type": "Country", "name": name} for name in film.countries],
        "releasedEvent": _build_release_event(page),
        "titleEIDR": next((value for scheme, value in page.identifiers if scheme == "eidr"), None),
        "sameAs": [_SAME_AS_URLS[scheme].format(quote(value)) for scheme, value in page.identifiers if scheme in _SAME_AS_URLS],
        "potentialAction": [
            build_watch_action(shown.offer, shown.platform.name, link) for shown in page.offers if (link := get_offer_url(shown))
        ],
    }
    return {name: value for name, value in (facts | _build_provenance(page)).items() if value}


def dump_json_ld(facts: JsonObject) -> Markup:
    """The facts as JSON that may stand inside a `<script>`: nothing in them can close it."""
    return htmlsafe_json_dumps(facts, dumps=partial(json.dumps, ensure_ascii=False, separators=(",", ":")))


def format_summary(page: FilmPage) -> str:
    """« À voir légalement : location, achat (3 services). », for those who show a link to the page."""
    if not page.offers:
        return gettext("Aucune offre légale connue à ce jour.")
    told = {
        "ways": format_accesses([access for access, _ in group_by_access(page.offers)]).lower(),
        "services": format_service_count(page.offers),
    }
    return gettext("À voir légalement : %(ways)s (%(services)s).") % told


def get_translation_urls(here: str) -> dict[str, str]:
    """The addresses of this page by language, given its own."""
    other, path = get_other_language()
    return {get_language(): here, other: request.host_url.rstrip("/") + path.partition("?")[0]}


def _build_release_event(page: FilmPage) -> JsonObject | None:
    day = page.film.release_date
    return {"@type": "PublicationEvent", "startDate": day.isoformat(), "location": REGION} if day else None


def _build_provenance(page: FilmPage) -> JsonObject:
    seen = [shown.offer.last_seen for shown in page.offers]
    publisher = {"@type": "Organization", "name": "OùVoir", "url": url_for("films.show_home", _external=True)}
    return {"sdDatePublished": format_iso(max(seen)) if seen else None, "sdPublisher": publisher, "sdLicense": _LICENCE}
