"""Show the block as a page, for frames on any site: where scripts are not allowed, or in what oEmbed gives."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, g, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from domain.offers.availability import available_offers
from domain.partners.partners import parse_public_host
from webapp.core.context import RequestError, open_db_session, render_page
from webapp.core.i18n import ENGLISH, FRENCH, get_language, get_other_language, gettext
from webapp.core.offer_labels import group_by_access
from webapp.embed.load_counter import add_film_header
from webapp.embed.requested_film import find_film

THEMES = ("auto", "light", "dark")


def show_frame(film_id: int = 0, scheme: str = "", value: str = "") -> AnyResponse:
    """Show the offers of a film by its id or an identifier, with a `theme` and a `lang`; `par` is the partner counted."""
    reference = f"{scheme}:{value}" if scheme else str(film_id)
    try:
        theme = _read_option("theme", THEMES)
        language = _read_option("lang", (get_language(), FRENCH, ENGLISH))
        if language != get_language():
            return redirect(get_other_language()[1], 302)
        g.partner = _read_partner()
        return _render_film(reference, theme)
    except RequestError as error:
        return _render_message(str(error.description), 400)


def _render_film(reference: str, theme: str) -> Response:
    at = datetime.now(UTC)
    with open_db_session() as db:
        film = find_film(db, reference)
        groups = group_by_access(available_offers(db, film.id, at)) if film else []
    if film is None:
        return _render_message(gettext("Ce film n’est pas dans notre base."), 404)
    return add_film_header(render_page("embed/frame.html", at, film=film, groups=groups, theme=theme), film)


def _read_option(name: str, choices: tuple[str, ...]) -> str:
    """Return a parameter's value, the first choice when it is absent. Raises RequestError when it is not one of the choices."""
    value = request.args.get(name, choices[0])
    if value not in choices:
        params = {"name": name, "choices": ", ".join(dict.fromkeys(choices))}
        raise RequestError(gettext("Paramètre « %(name)s » : attendu l’un de %(choices)s.") % params)
    return value


def _read_partner() -> str | None:
    """Return the partner's host name, None when it is absent. Raises RequestError when it is not that of a public site."""
    text = request.args.get("par")
    if not text:
        return None
    partner = parse_public_host(text)
    if partner is None:
        raise RequestError(gettext("Paramètre « par » : le nom d’un site public est attendu, par exemple cinema.example."))
    return partner


def _render_message(message: str, status: int) -> Response:
    """Show a page as small as the block, which leads to the search."""
    theme = request.args.get("theme")
    if theme not in THEMES:
        theme = THEMES[0]
    return Response(render_template("embed/unknown.html", message=message, theme=theme), status)


def add_partner_to_exits(endpoint: str, values: dict[str, Any]) -> None:
    """Name the partner in the exits of its frame, when Flask builds their addresses."""
    partner = g.get("partner")
    if partner and endpoint == "exits.redirect_to_service":
        values.setdefault("par", partner)
