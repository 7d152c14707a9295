"""The block as a page, for frames on any site: where scripts are not allowed, or in what oEmbed gives."""

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
    """The offers of a film by our number or an identifier; `theme`, `lang`, and `par`, the partner whose links are counted."""
    at = datetime.now(UTC)
    reference = f"{scheme}:{value}" if scheme else str(film_id)
    try:
        theme, asked = _read_option("theme", THEMES), _read_option("lang", (get_language(), FRENCH, ENGLISH))
        if asked != get_language():
            return redirect(get_other_language()[1], 302)
        g.partner = _read_partner()
        with open_db_session() as db:
            found = find_film(db, reference)
            groups = group_by_access(available_offers(db, found.id, at)) if found else []
    except RequestError as refusal:
        return _render_message(str(refusal.description), 400)
    if found is None:
        return _render_message(gettext("Ce film n’est pas dans notre base."), 404)
    return add_film_header(render_page("embed/frame.html", at, film=found, groups=groups, theme=theme), found)


def _read_option(name: str, known: tuple[str, ...]) -> str:
    """A parameter's value, the first of those known when it is not told. Raises Refusal."""
    value = request.args.get(name, known[0])
    if value not in known:
        told = {"name": name, "known": ", ".join(dict.fromkeys(known))}
        raise RequestError(gettext("Paramètre « %(name)s » : attendu l’un de %(known)s.") % told)
    return value


def _read_partner() -> str | None:
    written = request.args.get("par")
    partner = parse_public_host(written) if written else None
    if written and partner is None:
        raise RequestError(gettext("Paramètre « par » : le nom d’un site public est attendu, par exemple cinema.example."))
    return partner


def _render_message(message: str, status: int) -> Response:
    """A page as small as the block, which leads to the search."""
    theme = request.args.get("theme")
    known = theme if theme in THEMES else THEMES[0]
    return Response(render_template("embed/unknown.html", told=message, theme=known), status)


def add_partner_to_exits(endpoint: str, values: dict[str, Any]) -> None:
    """The ways out of a partner's frame say which partner's they are."""
    if endpoint == "exits.redirect_to_service" and (partner := g.get("partner")):
        values.setdefault("par", partner)
