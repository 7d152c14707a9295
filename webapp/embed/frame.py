"""The block as a page, for frames on any site: where scripts are not allowed, or in what oEmbed gives."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, g, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from domain.common.identifiers import EVERY_SCHEME
from domain.offers.availability import available_offers
from domain.partners.partners import public_host
from webapp.core.context import FILM_ID, Refusal, page, session
from webapp.core.i18n import ENGLISH, FRENCH, gettext, language, other_language
from webapp.core.offer_labels import grouped
from webapp.embed.blueprint import pages
from webapp.embed.load_counter import named
from webapp.embed.requested_film import find_film

THEMES = ("auto", "light", "dark")


@pages.get(f"/widget/<{FILM_ID}:film_id>", endpoint="frame")
@pages.get(f"/widget/<any({', '.join(EVERY_SCHEME)}):scheme>:<path:value>", endpoint="frame")
def frame(film_id: int = 0, scheme: str = "", value: str = "") -> AnyResponse:
    """The offers of a film by our number or an identifier; `theme`, `lang`, and `par`, the partner whose links are counted."""
    at = datetime.now(UTC)
    reference = f"{scheme}:{value}" if scheme else str(film_id)
    try:
        theme, asked = _chosen("theme", THEMES), _chosen("lang", (language(), FRENCH, ENGLISH))
        if asked != language():
            return redirect(other_language()[1], 302)
        g.partner = _partner()
        with session() as db:
            found = find_film(db, reference)
            groups = grouped(available_offers(db, found.id, at)) if found else []
    except Refusal as refusal:
        return _plain(str(refusal.description), 400)
    if found is None:
        return _plain(gettext("Ce film n’est pas dans notre base."), 404)
    return named(page("embed/frame.html", at, film=found, groups=groups, theme=theme), found)


def _chosen(name: str, known: tuple[str, ...]) -> str:
    """A parameter's value, the first of those known when it is not told. Raises Refusal."""
    value = request.args.get(name, known[0])
    if value not in known:
        told = {"name": name, "known": ", ".join(dict.fromkeys(known))}
        raise Refusal(gettext("Paramètre « %(name)s » : attendu l’un de %(known)s.") % told)
    return value


def _partner() -> str | None:
    written = request.args.get("par")
    partner = public_host(written) if written else None
    if written and partner is None:
        raise Refusal(gettext("Paramètre « par » : le nom d’un site public est attendu, par exemple cinema.example."))
    return partner


def _plain(told: str, status: int) -> Response:
    """A page as small as the block, which leads to the search."""
    theme = request.args.get("theme")
    known = theme if theme in THEMES else THEMES[0]
    return Response(render_template("embed/unknown.html", told=told, theme=known), status)


@pages.app_url_defaults
def carry_partner(endpoint: str, values: dict[str, Any]) -> None:
    """The ways out of a partner's frame say which partner's they are."""
    if endpoint == "exits.follow" and (partner := g.get("partner")):
        values.setdefault("par", partner)
