"""Serve a web site of film pages (Vidéothèque Modèle): robots.txt, sitemaps, structured data in the forms that sites use."""

import gzip
import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from demonstration.http_service import Request, RequestHandler, Response
from demonstration.listing import ListedOffer, Listing, draw_number
from demonstration.offer_pages import render_page
from domain.common.enums import Access
from domain.common.text import slugify

SERVICE_NAME = "Vidéothèque Modèle (plateforme inventée)"
_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def make_videotheque_modele_site(listings: Sequence[Listing], origin: str) -> RequestHandler:
    """Render the whole site once, and serve its pages."""
    middle = len(listings) // 2
    sitemaps = {"/plan-1.xml.gz": listings[:middle], "/plan-2.xml.gz": listings[middle:]}
    sitemap_index = _format_sitemap_index(f"{origin}{path}" for path in sitemaps)
    robots = f"User-agent: *\nDisallow: /compte\nSitemap: {origin}/plan.xml\n"
    pages = {
        "/plan.xml": Response(sitemap_index.encode(), "application/xml"),
        "/robots.txt": Response(robots.encode(), "text/plain"),
    }
    for path, some_listings in sitemaps.items():
        pages[path] = _make_sitemap(some_listings, origin)
    for listing in listings:
        pages[_get_path(listing)] = _render_film_page(listing, origin)

    def answer(request: Request) -> Response | None:
        return pages.get(request.path)

    return answer


def _get_path(listing: Listing) -> str:
    section = "serie" if listing.is_series else "film"
    return f"/{section}/{listing.ref}-{slugify(listing.title)}"


def _format_sitemap_index(addresses: Iterable[str]) -> str:
    entries = "".join(f"<sitemap><loc>{address}</loc></sitemap>" for address in addresses)
    return f"<sitemapindex {_NAMESPACE}>{entries}</sitemapindex>"


def _make_sitemap(listings: Iterable[Listing], origin: str) -> Response:
    entries = "".join(f"<url><loc>{origin}{_get_path(listing)}</loc></url>" for listing in listings)
    document = f"<urlset {_NAMESPACE}>{entries}</urlset>"
    return Response(gzip.compress(document.encode(), mtime=0), "application/gzip")


def _render_film_page(listing: Listing, origin: str) -> Response:
    """Render a film page; one in four states its facts in microdata, the others in three forms of JSON-LD."""
    form = draw_number("videotheque-modele", listing.ref, "form", 4)
    offers = "".join(map(_render_offer, listing.offers))
    if form == 3:
        return render_page(SERVICE_NAME, listing.title, body=_render_microdata(listing, origin) + offers)
    json_ld = json.dumps(_build_json_ld(listing, origin, form), ensure_ascii=False).replace("</", "<\\/")
    return render_page(SERVICE_NAME, listing.title, f'<script type="application/ld+json">{json_ld}</script>\n', offers)


def _render_offer(offer: ListedOffer) -> str:
    if offer.access is Access.SUBSCRIPTION:
        return '<p class="offer" data-mode="subscription">Inclus dans l’abonnement</p>\n'
    label = {Access.RENT: "Location", Access.BUY: "Achat"}[offer.access]
    price = f"{(offer.cents or 0) / 100:.2f} €".replace(".", ",")
    return f'<p class="offer" data-mode="{offer.access}">{label} : <span class="price">{price}</span></p>\n'


def _build_json_ld(listing: Listing, origin: str, form: int) -> Any:
    film = _build_film_object(listing, origin)
    people: Any = [{"@type": "Person", "name": name} for name in listing.directors]
    if form == 0 and len(people) == 1:
        (people,) = people
    if form == 0:
        return film | {"director": people}
    if form == 1:
        context = film.pop("@context")
        return {"@context": context, "@graph": [{"@type": "WebSite", "name": SERVICE_NAME}, film | {"director": people}]}
    return [film | {"@type": [film["@type"], "Product"], "director": list(listing.directors)}]


def _build_film_object(listing: Listing, origin: str) -> dict[str, Any]:
    film: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": _get_schema_type(listing),
        "@id": f"{origin}{_get_path(listing)}",
        "name": escape(listing.title),
        "dateCreated": str(listing.year),
    }
    if listing.runtime_min:
        hours, minutes = divmod(listing.runtime_min, 60)
        film["duration"] = f"PT{hours}H{minutes}M"
    return film


def _get_schema_type(listing: Listing) -> str:
    return "TVSeries" if listing.is_series else "Movie"


def _render_microdata(listing: Listing, origin: str) -> str:
    properties = [("name", escape(listing.title)), ("dateCreated", str(listing.year))]
    for name in listing.directors:
        properties.append(("director", escape(name)))
    if listing.runtime_min:
        properties.append(("duration", f"PT{listing.runtime_min}M"))
    metas = "".join(f'<meta itemprop="{name}" content="{value}">' for name, value in properties)
    item_type = f"https://schema.org/{_get_schema_type(listing)}"
    return f'<div itemscope itemtype="{item_type}" itemid="{origin}{_get_path(listing)}">{metas}</div>\n'
