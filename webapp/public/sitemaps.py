"""The map of the site for search engines: ten thousand films a file, then services and the pages that stand alone."""

from collections.abc import Iterable
from datetime import datetime
from html import escape
from urllib.robotparser import RobotFileParser

from flask import Blueprint, Response, abort, request, url_for
from sqlmodel import col, select

from domain.films.listing import count_stretches, list_stretch
from domain.models.platform import Platform
from domain.offers.availability import is_shown
from webapp.core.context import iso, session
from webapp.public.about.site_map import robots_text, sections

pages = Blueprint("sitemaps", __name__)
_SIZE = 10_000
_SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"
_KEPT = "public, max-age=3600"


@pages.get("/sitemap.xml")
def index() -> Response:
    """The list of the maps."""
    with session() as db:
        last = count_stretches(db, _SIZE)
    return _answer("sitemapindex", (_place("sitemap", url_for(".part", number=n, _external=True)) for n in range(last + 1)))


@pages.get("/sitemaps/<int(max=2147483):number>.xml")
def part(number: int) -> Response:
    """The films of one stretch of numbers; under 0, services and the pages that stand alone."""
    if number == 0:
        return _answer("urlset", (_place("url", address) for address in _standing()))
    root = url_for("films.home", _external=True)
    with session() as db:
        places = [_place("url", f"{root}films/{film.id}-{film.slug}", film.changed) for film in list_stretch(db, number, _SIZE)]
    if not places:
        abort(404)
    return _answer("urlset", places)


def _standing() -> list[str]:
    """The pages of the site's own map that robots may read, then those of services."""
    rules = RobotFileParser()
    rules.parse(robots_text().splitlines())
    alone = [address for _, section in sections() for _, address in section if rules.can_fetch("*", address)]
    with session() as db:
        slugs = db.exec(select(Platform.slug).where(is_shown()).order_by(col(Platform.slug))).all()
    services = [url_for("browse.service", slug=slug) for slug in slugs]
    return [request.host_url.rstrip("/") + address for address in (*alone, *services)]


def _place(tag: str, address: str, changed: datetime | None = None) -> str:
    moment = f"<lastmod>{iso(changed)}</lastmod>" if changed else ""
    return f"<{tag}><loc>{escape(address)}</loc>{moment}</{tag}>\n"


def _answer(root: str, places: Iterable[str]) -> Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_SCHEMA}">\n{"".join(places)}</{root}>\n'
    return Response(body, mimetype="application/xml", headers={"Cache-Control": _KEPT})
