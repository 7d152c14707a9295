"""A web site of film pages (Vidéothèque Modèle): robots.txt, sitemaps, structured data in the forms that sites use."""

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


def make_videotheque_modele_site(lines: Sequence[Listing], origin: str) -> RequestHandler:
    """The whole site, made once."""
    pages = {_get_path(line): _render_film_page(line, origin) for line in lines}
    middle = len(lines) // 2
    sitemaps = {"/plan-1.xml.gz": lines[:middle], "/plan-2.xml.gz": lines[middle:]}
    pages |= {path: _make_sitemap(some, origin) for path, some in sitemaps.items()}
    pages["/plan.xml"] = Response(_format_sitemap_index(f"{origin}{path}" for path in sitemaps).encode(), "application/xml")
    pages["/robots.txt"] = Response(f"User-agent: *\nDisallow: /compte\nSitemap: {origin}/plan.xml\n".encode(), "text/plain")

    def answer(asked: Request) -> Response | None:
        return pages.get(asked.path)

    return answer


def _get_path(line: Listing) -> str:
    return f"/{'serie' if line.category == 'series' else 'film'}/{line.ref}-{slugify(line.title)}"


def _format_sitemap_index(addresses: Iterable[str]) -> str:
    listed = "".join(f"<sitemap><loc>{address}</loc></sitemap>" for address in addresses)
    return f"<sitemapindex {_NAMESPACE}>{listed}</sitemapindex>"


def _make_sitemap(lines: Iterable[Listing], origin: str) -> Response:
    listed = "".join(f"<url><loc>{origin}{_get_path(line)}</loc></url>" for line in lines)
    return Response(gzip.compress(f"<urlset {_NAMESPACE}>{listed}</urlset>".encode(), mtime=0), "application/gzip")


def _render_film_page(line: Listing, origin: str) -> Response:
    """A film page; one in four says its facts in microdata, the others in three forms of JSON-LD."""
    form = draw_number("videotheque-modele", line.ref, "form", 4)
    offers = "".join(_render_offer(way) for way in line.offers)
    if form == 3:
        return render_page(SERVICE_NAME, line.title, body=_render_microdata(line, origin) + offers)
    told = json.dumps(_build_json_ld(line, origin, form), ensure_ascii=False).replace("</", "<\\/")
    return render_page(SERVICE_NAME, line.title, f'<script type="application/ld+json">{told}</script>\n', offers)


def _render_offer(way: ListedOffer) -> str:
    if way.access is Access.SUBSCRIPTION:
        return '<p class="offer" data-mode="subscription">Inclus dans l’abonnement</p>\n'
    word = "Location" if way.access is Access.RENT else "Achat"
    price = f"{(way.cents or 0) / 100:.2f} €".replace(".", ",")
    return f'<p class="offer" data-mode="{way.access}">{word} : <span class="price">{price}</span></p>\n'


def _build_json_ld(line: Listing, origin: str, form: int) -> Any:
    people: list[Any] = [{"@type": "Person", "name": name} for name in line.directors]
    film: dict[str, Any] = {
        "@type": "TVSeries" if line.category == "series" else "Movie",
        "@id": f"{origin}{_get_path(line)}",
        "name": escape(line.title),
        "dateCreated": str(line.year),
    }
    if line.runtime_min:
        film["duration"] = f"PT{line.runtime_min // 60}H{line.runtime_min % 60}M"
    if form == 0:
        return {"@context": "https://schema.org", **film, "director": people[0] if len(people) == 1 else people}
    if form == 1:
        return {
            "@context": "https://schema.org",
            "@graph": [{"@type": "WebSite", "name": SERVICE_NAME}, film | {"director": people}],
        }
    return [{"@context": "https://schema.org", **film, "@type": [film["@type"], "Product"], "director": list(line.directors)}]


def _render_microdata(line: Listing, origin: str) -> str:
    told = f'<meta itemprop="name" content="{escape(line.title)}"><meta itemprop="dateCreated" content="{line.year}">'
    told += "".join(f'<meta itemprop="director" content="{escape(name)}">' for name in line.directors)
    if line.runtime_min:
        told += f'<meta itemprop="duration" content="PT{line.runtime_min}M">'
    kind = "TVSeries" if line.category == "series" else "Movie"
    return f'<div itemscope itemtype="https://schema.org/{kind}" itemid="{origin}{_get_path(line)}">{told}</div>\n'
