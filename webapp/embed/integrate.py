"""Show the page where a partner chooses how the block looks, sees it live, and copies its code."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from sqlmodel import Session, col, select

from domain.common.text import clean_text
from domain.linking.redirects import is_canonical
from domain.models.film import Film
from domain.offers.availability import is_available
from domain.partners.partners import extract_public_host, parse_public_host
from search.filters import SERVICES_PARAM
from search.requested_film import MAX_LINE_LENGTH
from search.resolve import LineState, resolve_lines
from search.typed_lines import parse_typed_line
from webapp.core.context import RequestError, cache_for_period, open_db_session
from webapp.core.i18n import gettext, strip_language_prefix
from webapp.core.my_services import parse_services
from webapp.core.title_index import get_title_index
from webapp.embed.code_snippets import build_attributes, build_embed_code, build_frame_url
from webapp.embed.oembed import find_film_id
from webapp.embed.options import SCHEME_NAMES, EmbedOptions, list_references, read_embed_options
from webapp.embed.releases import get_latest_script
from webapp.embed.requested_film import find_film

_MAX_ECHOED_LENGTH = 64


def show_integration() -> Response:
    """Show the form, the block and the code; with a film that has offers now when none is chosen."""
    at = datetime.now(UTC)
    typed = clean_text(request.args.get("film", ""))
    problem = ""
    with open_db_session() as db:
        try:
            film = _find_typed_film(db, typed, at)
        except RequestError as error:
            problem = str(error.description)
            film = _get_best_known_film(db, at)
        references = list_references(db, film.id) if film else {}
        selection = parse_services(db, request.args.getlist(SERVICES_PARAM))
    if film is None:
        return cache_for_period(make_response(render_template("embed/no_film.html", at=at)), at)
    options = read_embed_options(references, _read_site(), selection.slugs)
    page = render_template(
        "embed/integrate.html",
        at=at,
        film=film,
        typed=typed[:MAX_LINE_LENGTH],
        problem=problem,
        selection=selection,
        schemes=[(scheme, SCHEME_NAMES[scheme]) for scheme in references],
        **_build_code_context(options, film),
    )
    return cache_for_period(make_response(page, 400 if problem else 200), at)


def _build_code_context(options: EmbedOptions, film: Film) -> dict[str, Any]:
    return {
        "options": options,
        "code": build_embed_code(options, film),
        "attributes": build_attributes(options),
        "frame": build_frame_url(options),
        "script": get_latest_script(),
        "film_page": strip_language_prefix(url_for("films.show_film", film_id=film.id, slug=film.slug)),
    }


def _read_site() -> str | None:
    """Return the host of the partner's own site, by which a frame's exits are counted. Raises RequestError."""
    text = request.args.get("site", "").strip()
    if not text:
        return None
    host = parse_public_host(text) or extract_public_host(text)
    if host is None:
        message = gettext("« %(site)s » : le nom d’un site public est attendu, par exemple cinema.example.")
        raise RequestError(message % {"site": clean_text(text)[:_MAX_ECHOED_LENGTH]})
    return host


def _get_best_known_film(db: Session, at: datetime) -> Film | None:
    order = (is_available(at).desc(), col(Film.popularity).desc().nulls_last(), col(Film.id))
    return db.exec(select(Film).where(is_canonical()).order_by(*order).limit(1)).first()


def _find_typed_film(db: Session, typed: str, at: datetime) -> Film | None:
    """Return the film typed: an id, an identifier, the address of a page about it, or a title. Raises RequestError."""
    if not typed:
        return _get_best_known_film(db, at)
    if len(typed) > MAX_LINE_LENGTH:
        raise RequestError(gettext("Titre et noms sont limités à %(limit)s caractères.") % {"limit": MAX_LINE_LENGTH})
    film = _find_film(db, typed)
    if film is None:
        message = gettext("« %(film)s » : pas de film, ou plusieurs. Ajoutez l’année, ou écrivez un identifiant.")
        raise RequestError(message % {"film": typed[:_MAX_ECHOED_LENGTH]})
    return film


def _find_film(db: Session, typed: str) -> Film | None:
    scheme, colon, _ = typed.partition(":")
    if typed.isdecimal() or (colon and scheme in SCHEME_NAMES):
        return find_film(db, typed)
    film_id = find_film_id(typed)
    if film_id:
        return find_film(db, str(film_id))
    (resolved,) = resolve_lines(db, get_title_index(db), [parse_typed_line(1, typed)])
    return resolved.film if resolved.state is LineState.FOUND else None
