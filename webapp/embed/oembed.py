"""Answer oEmbed (oembed.com): a site given the address of a film's page learns how to show its offers in a frame."""

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
_FRAME_WIDTH = 600  # pixels
_FRAME_HEIGHT = 420
_MAX_DIMENSION_DIGITS = 9
_FORMATS = {"json": "application/json", "xml": "text/xml"}
_SANDBOX = "allow-popups allow-popups-to-escape-sandbox"


@bp.get("/oembed")
def show_oembed() -> AnyResponse:
    """Send the frame for the film whose page is `url`, in its language, within `maxwidth` and `maxheight`.

    Another address is answered 404; formats other than json and xml are answered 501, as oEmbed wants.
    """
    at = datetime.now(UTC)
    response_format = request.args.get("format", "json")
    if response_format not in _FORMATS:
        return Response("json, xml\n", 501, mimetype="text/plain")
    width = _parse_dimension("maxwidth", _FRAME_WIDTH)
    height = _parse_dimension("maxheight", _FRAME_HEIGHT)
    url = request.args.get("url", "")
    if _detect_language(url) != get_language():
        return redirect(get_other_language()[1], 302)
    film = _find_film(url)
    if film is None:
        abort(404)
    payload = _build_oembed(film, width, height)
    body = json.dumps(payload, ensure_ascii=False) if response_format == "json" else _serialize_xml(payload)
    response = cache_for_period(Response(body, mimetype=_FORMATS[response_format]), at)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _parse_dimension(name: str, default: int) -> int:
    """Return the limit asked for in pixels, never over what the frame needs. Raises RequestError when it is not a number."""
    text = request.args.get(name)
    if text is None:
        return default
    if text.isascii() and text.isdigit():
        limit = int(text[:_MAX_DIMENSION_DIGITS])
        if limit > 0:
            return min(limit, default)
    raise RequestError(gettext("Le paramètre « %(name)s » est un nombre de pixels.") % {"name": name})


def _detect_language(url: str) -> str:
    return ENGLISH if url.partition(f"//{request.host}")[2].startswith(f"/{ENGLISH}/") else FRENCH


def _find_film(url: str) -> Film | None:
    film_id = find_film_id(url)
    if not film_id:
        return None
    with open_db_session() as db:
        return get_canonical_film(db, film_id)


def find_film_id(url: str) -> int | None:
    """Return the id of the film whose page has this URL on this site, in either language."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or parts.netloc != request.host:
        return None
    try:
        path = f"/{parts.path.removeprefix('/en/').lstrip('/')}"
        endpoint, view_args = current_app.url_map.bind(request.host).match(path, method="GET")
    except HTTPException:
        return None
    return view_args["film_id"] if endpoint == "films.show_film" else None


def _build_oembed(film: Film, width: int, height: int) -> dict[str, str | int]:
    title = clean_text(film.title)
    return {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": "OùVoir",
        "provider_url": url_for("films.show_home", _external=True),
        "cache_age": PERIOD_SECONDS,
        "html": _build_iframe(film, title, width, height),
        "width": width,
        "height": height,
    }


def _build_iframe(film: Film, title: str, width: int, height: int) -> str:
    source = url_for("widget.frame", film_id=film.id, _external=True)
    label = gettext("Où voir %(title)s légalement") % {"title": title}
    return (
        f'<iframe src="{escape(source)}" title="{escape(label)}" width="{width}" height="{height}" frameborder="0" '
        f'loading="lazy" sandbox="{_SANDBOX}"></iframe>'
    )


def _serialize_xml(payload: dict[str, str | int]) -> bytes:
    root = ElementTree.Element("oembed")
    for name, value in payload.items():
        ElementTree.SubElement(root, name).text = str(value)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document
