"""Publish sitemaps for search engines: ten thousand films a file, then services and the pages that stand alone."""

from collections.abc import Iterable
from datetime import datetime
from html import escape
from urllib.robotparser import RobotFileParser

from flask import Blueprint, Response, abort, request, url_for
from sqlmodel import col, select

from domain.films.listing import count_chunks, list_chunk_films
from domain.models.platform import Platform
from domain.offers.availability import is_shown
from webapp.core.context import format_iso, open_db_session
from webapp.public.about.site_map import build_robots_txt, list_sections

bp = Blueprint("sitemaps", __name__)
_FILMS_PER_FILE = 10_000
_SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"
_CACHE_CONTROL = "public, max-age=3600"


@bp.get("/sitemap.xml")
def show_sitemap_index() -> Response:
    """List the sitemaps."""
    with open_db_session() as db:
        last_number = count_chunks(db, _FILMS_PER_FILE)
    urls = [url_for(".show_sitemap", number=number, _external=True) for number in range(last_number + 1)]
    return _build_response("sitemapindex", (_build_entry("sitemap", url) for url in urls))


@bp.get("/sitemaps/<int(max=2147483):number>.xml")
def show_sitemap(number: int) -> Response:
    """List the films of one range of ids; under 0, services and the pages that stand alone."""
    if number == 0:
        return _build_response("urlset", (_build_entry("url", url) for url in _list_page_urls()))
    root = url_for("films.show_home", _external=True)
    with open_db_session() as db:
        films = list(list_chunk_films(db, number, _FILMS_PER_FILE))
    if not films:
        abort(404)
    entries = (_build_entry("url", f"{root}films/{film.id}-{film.slug}", film.changed_at) for film in films)
    return _build_response("urlset", entries)


def _list_page_urls() -> list[str]:
    """Return the URLs of the site map's pages that robots may read, then those of services."""
    rules = RobotFileParser()
    rules.parse(build_robots_txt().splitlines())
    paths = [path for _, pages in list_sections() for _, path in pages if rules.can_fetch("*", path)]
    with open_db_session() as db:
        slugs = db.exec(select(Platform.slug).where(is_shown()).order_by(col(Platform.slug))).all()
    paths += [url_for("browse.show_service", slug=slug) for slug in slugs]
    return [request.host_url.rstrip("/") + path for path in paths]


def _build_entry(tag: str, url: str, changed_at: datetime | None = None) -> str:
    last_modified = f"<lastmod>{format_iso(changed_at)}</lastmod>" if changed_at else ""
    return f"<{tag}><loc>{escape(url)}</loc>{last_modified}</{tag}>\n"


def _build_response(root: str, entries: Iterable[str]) -> Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_SCHEMA}">\n{"".join(entries)}</{root}>\n'
    return Response(body, mimetype="application/xml", headers={"Cache-Control": _CACHE_CONTROL})
