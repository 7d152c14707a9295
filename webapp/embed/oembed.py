"""oEmbed: a site that meets the address of a film's page learns how to show its offers in a frame (oembed.com)."""

import json
from datetime import UTC, datetime
from html import escape
from urllib.parse import urlsplit
from xml.etree import ElementTree

from flask import Blueprint, Response, abort, current_app, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from domain.common.text import clean_text
from domain.linking.redirects import get_canonical_film
from domain.models.film import Film
from domain.offers.neutral_order import PERIOD_SECONDS
from webapp.core.context import RequestError, cache_for_period, open_db_session
from webapp.core.i18n import ENGLISH, FRENCH, get_language, get_other_language, gettext

bp = Blueprint("oembed", __name__)
_FRAME_WIDTH, _FRAME_HEIGHT = 600, 420
_FORMATS = {"json": "application/json", "xml": "text/xml"}


@bp.get("/oembed")
def show_oembed() -> AnyResponse:
    """The frame for the film whose page is `url`, in its language, within `maxwidth` and `maxheight`.

    Any other address is not found; other formats than json and xml are answered 501, as oEmbed wants.
    """
    at = datetime.now(UTC)
    if (form := request.args.get("format", "json")) not in _FORMATS:
        return Response("json, xml\n", 501, mimetype="text/plain")
    width, height = _parse_dimension("maxwidth", _FRAME_WIDTH), _parse_dimension("maxheight", _FRAME_HEIGHT)
    if _detect_language(request.args.get("url", "")) != get_language():
        return redirect(get_other_language()[1], 302)
    with open_db_session() as db:
        film = get_canonical_film(db, number) if (number := find_film_id(request.args.get("url", ""))) else None
    if film is None:
        abort(404)
    facts = _build_oembed(film, width, height)
    body = json.dumps(facts, ensure_ascii=False) if form == "json" else _serialize_xml(facts)
    told = cache_for_period(Response(body, mimetype=_FORMATS[form]), at)
    told.headers["Access-Control-Allow-Origin"] = "*"
    return told


def _parse_dimension(name: str, default: int) -> int:
    """The most pixels asked for, never over what the frame needs. Raises Refusal when it is not a number of pixels."""
    text = request.args.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and int(text[:9]) > 0):
        raise RequestError(gettext("Le paramètre « %(name)s » est un nombre de pixels.") % {"name": name})
    return min(int(text[:9]), default)


def _detect_language(url: str) -> str:
    return ENGLISH if url.partition(f"//{request.host}")[2].startswith(f"/{ENGLISH}/") else FRENCH


def find_film_id(url: str) -> int | None:
    """The number of the film whose page has this address on this site, in either language."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or parts.netloc != request.host:
        return None
    try:
        path = f"/{parts.path.removeprefix('/en/').lstrip('/')}"
        endpoint, found = current_app.url_map.bind(request.host).match(path, method="GET")
    except HTTPException:
        return None
    return found["film_id"] if endpoint == "films.show_film" else None


def _build_oembed(film: Film, width: int, height: int) -> dict[str, str | int]:
    source, title = url_for("widget.frame", film_id=film.id, _external=True), clean_text(film.title)
    label = gettext("Où voir %(title)s légalement") % {"title": title}
    sandbox = "allow-popups allow-popups-to-escape-sandbox"
    frame = (
        f'<iframe src="{escape(source)}" title="{escape(label)}" width="{width}" height="{height}" frameborder="0" '
        f'loading="lazy" sandbox="{sandbox}"></iframe>'
    )
    return {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": "OùVoir",
        "provider_url": url_for("films.show_home", _external=True),
        "cache_age": PERIOD_SECONDS,
        "html": frame,
        "width": width,
        "height": height,
    }


def _serialize_xml(facts: dict[str, str | int]) -> bytes:
    root = ElementTree.Element("oembed")
    for name, value in facts.items():
        ElementTree.SubElement(root, name).text = str(value)
    told: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return told
