"""The page where a partner chooses how the block looks, sees it live, and copies its code."""

from datetime import UTC, datetime

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
from webapp.embed import code_snippets
from webapp.embed.oembed import find_film_id
from webapp.embed.releases import get_latest_script
from webapp.embed.requested_film import find_film


def show_integration() -> Response:
    """The form, what it gives, and the code; with a film that has offers now when none is chosen."""
    at = datetime.now(UTC)
    problem, status = "", 200
    with open_db_session() as db:
        try:
            film = _find_typed_film(db, clean_text(request.args.get("film", "")), at)
        except RequestError as refusal:
            film, problem, status = _get_best_known_film(db, at), str(refusal.description), 400
        references = code_snippets.list_references(db, film.id) if film else {}
        mine = parse_services(db, request.args.getlist(SERVICES_PARAM))
    if film is None:
        return cache_for_period(make_response(render_template("embed/no_film.html", at=at)), at)
    choice = code_snippets.read_embed_options(references, _read_site(), mine.slugs)
    answer = make_response(
        render_template(
            "embed/integrate.html",
            at=at,
            film=film,
            typed=clean_text(request.args.get("film", ""))[:MAX_LINE_LENGTH],
            problem=problem,
            choice=choice,
            mine=mine,
            schemes=[(scheme, code_snippets.SCHEME_NAMES[scheme]) for scheme in references],
            code=code_snippets.build_embed_code(choice, film),
            attributes=code_snippets.build_attributes(choice),
            frame=code_snippets.build_frame_url(choice),
            script=get_latest_script(),
            film_page=strip_language_prefix(url_for("films.show_film", film_id=film.id, slug=film.slug)),
        ),
        status,
    )
    return cache_for_period(answer, at)


def _read_site() -> str | None:
    """The partner's own site, which lets a frame's ways out be counted. Raises Refusal."""
    written = request.args.get("site", "").strip()
    found = (parse_public_host(written) or extract_public_host(written)) if written else None
    if written and found is None:
        raise RequestError(
            gettext("« %(site)s » : le nom d’un site public est attendu, par exemple cinema.example.")
            % {"site": clean_text(written)[:64]}
        )
    return found


def _get_best_known_film(db: Session, at: datetime) -> Film | None:
    best_known = (is_available(at).desc(), col(Film.popularity).desc().nulls_last(), col(Film.id))
    return db.exec(select(Film).where(is_canonical()).order_by(*best_known).limit(1)).first()


def _find_typed_film(db: Session, typed: str, at: datetime) -> Film | None:
    """The film that was typed: a number, an identifier, the address of a page about it, or a title. Raises Refusal."""
    if not typed:
        return _get_best_known_film(db, at)
    if len(typed) > MAX_LINE_LENGTH:
        raise RequestError(gettext("Titre et noms sont limités à %(most)s caractères.") % {"most": MAX_LINE_LENGTH})
    scheme, colon, _ = typed.partition(":")
    if typed.isdecimal() or (colon and scheme in code_snippets.SCHEME_NAMES):
        found = find_film(db, typed)
    elif number := find_film_id(typed):
        found = find_film(db, str(number))
    else:
        (line,) = resolve_lines(db, get_title_index(db), [parse_typed_line(1, typed)])
        found = line.film if line.state is LineState.FOUND else None
    if found is None:
        told = gettext("« %(film)s » : pas de film, ou plusieurs. Ajoutez l’année, ou écrivez un identifiant.")
        raise RequestError(told % {"film": typed[:64]})
    return found
