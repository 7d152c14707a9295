"""A film and its offers for programs that read pages: schema.org's Movie, WatchAction and Offer."""

import json
from functools import partial
from urllib.parse import quote

from flask import request, url_for
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from domain.common.text import clean
from domain.offers.schema_org import REGION, Facts, watch_action
from webapp.core.context import iso
from webapp.core.i18n import gettext, language, other_language
from webapp.core.offer_labels import address, grouped, service_count, ways
from webapp.core.rating_labels import rating_words
from webapp.public.film_page import FilmPage

_LICENCE = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"
_SAME_AS = {
    "imdb": "https://www.imdb.com/title/{}/",
    "tmdb": "https://www.themoviedb.org/movie/{}",
    "wikidata": "https://www.wikidata.org/wiki/{}",
}


def movie(page: FilmPage) -> Facts:
    """The film as a schema.org Movie, each offer that has an address as a WatchAction; what is unknown is left out."""
    film = page.film
    here = url_for("films.film", film_id=film.id, slug=film.slug, _external=True)
    others = [film.original_title, *(title.title for title in page.other_titles)]
    facts: Facts = {
        "@context": "https://schema.org",
        "@type": "Movie",
        "@id": here,
        "url": here,
        "name": clean(film.title),
        "alternateName": list(dict.fromkeys(clean(title) for title in others if title and title != film.title)),
        "dateCreated": str(film.year) if film.year else None,
        "duration": f"PT{film.runtime_min}M" if film.runtime_min else None,
        "genre": film.genres,
        "contentRating": rating_words(film.age_rating) if film.age_rating else None,
        "director": [{"@type": "Person", "name": clean(name)} for name in film.directors],
        "countryOfOrigin": [{"@type": "Country", "name": name} for name in film.countries],
        "releasedEvent": _release(page),
        "titleEIDR": next((value for scheme, value in page.identifiers if scheme == "eidr"), None),
        "sameAs": [_SAME_AS[scheme].format(quote(value)) for scheme, value in page.identifiers if scheme in _SAME_AS],
        "potentialAction": [
            watch_action(shown.offer, shown.platform.name, link) for shown in page.offers if (link := address(shown))
        ],
    }
    return {name: value for name, value in (facts | _provenance(page)).items() if value}


def as_script(facts: Facts) -> Markup:
    """The facts as JSON that may stand inside a `<script>`: nothing in them can close it."""
    return htmlsafe_json_dumps(facts, dumps=partial(json.dumps, ensure_ascii=False, separators=(",", ":")))


def summary(page: FilmPage) -> str:
    """« À voir légalement : location, achat (3 services). », for those who show a link to the page."""
    if not page.offers:
        return gettext("Aucune offre légale connue à ce jour.")
    told = {"ways": ways([access for access, _ in grouped(page.offers)]).lower(), "services": service_count(page.offers)}
    return gettext("À voir légalement : %(ways)s (%(services)s).") % told


def translations(here: str) -> dict[str, str]:
    """The addresses of this page by language, given its own."""
    other, path = other_language()
    return {language(): here, other: request.host_url.rstrip("/") + path.partition("?")[0]}


def _release(page: FilmPage) -> Facts | None:
    day = page.film.release_date
    return {"@type": "PublicationEvent", "startDate": day.isoformat(), "location": REGION} if day else None


def _provenance(page: FilmPage) -> Facts:
    seen = [shown.offer.last_seen for shown in page.offers]
    publisher = {"@type": "Organization", "name": "OùVoir", "url": url_for("films.home", _external=True)}
    return {"sdDatePublished": iso(max(seen)) if seen else None, "sdPublisher": publisher, "sdLicense": _LICENCE}
