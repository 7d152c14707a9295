"""The page where a partner chooses how the block looks, sees it live, and copies its code."""

from datetime import UTC, datetime

from flask import Response, make_response, render_template, request, url_for
from sqlmodel import Session, col, select

from domain.common.text import clean
from domain.linking.redirects import is_standing
from domain.models.film import Film
from domain.offers.availability import is_available
from domain.partners.partners import host_of, public_host
from search.index_holder import titles
from search.requested_film import LONGEST
from search.resolve import State, resolve
from search.typed_lines import typed_line
from webapp.core.context import Refusal, keep_for_period, session
from webapp.core.i18n import alone, gettext
from webapp.core.my_services import PARAMETER, read_services
from webapp.embed import code_snippets
from webapp.embed.blueprint import pages
from webapp.embed.oembed import film_at
from webapp.embed.releases import latest
from webapp.embed.requested_film import find_film


@pages.get("/integrer")
def integrate() -> Response:
    """The form, what it gives, and the code; with a film that has offers now when none is chosen."""
    at = datetime.now(UTC)
    problem, status = "", 200
    with session() as db:
        try:
            film = _chosen_film(db, clean(request.args.get("film", "")), at)
        except Refusal as refusal:
            film, problem, status = _best_known(db, at), str(refusal.description), 400
        references = code_snippets.references(db, film.id) if film else {}
        mine = read_services(db, request.args.getlist(PARAMETER))
    if film is None:
        return keep_for_period(make_response(render_template("embed/no_film.html", at=at)), at)
    choice = code_snippets.read_choice(references, _site(), mine.slugs)
    answer = make_response(
        render_template(
            "embed/integrate.html",
            at=at,
            film=film,
            typed=clean(request.args.get("film", ""))[:LONGEST],
            problem=problem,
            choice=choice,
            mine=mine,
            schemes=[(scheme, code_snippets.NAMES[scheme]) for scheme in references],
            code=code_snippets.code_of(choice, film),
            attributes=code_snippets.attributes(choice),
            frame=code_snippets.frame_address(choice),
            script=latest(),
            film_page=alone(url_for("films.film", film_id=film.id, slug=film.slug)),
        ),
        status,
    )
    return keep_for_period(answer, at)


def _site() -> str | None:
    """The partner's own site, which lets a frame's ways out be counted. Raises Refusal."""
    written = request.args.get("site", "").strip()
    found = (public_host(written) or host_of(written)) if written else None
    if written and found is None:
        raise Refusal(
            gettext("« %(site)s » : le nom d’un site public est attendu, par exemple cinema.example.")
            % {"site": clean(written)[:64]}
        )
    return found


def _best_known(db: Session, at: datetime) -> Film | None:
    best_known = (is_available(at).desc(), col(Film.popularity).desc().nulls_last(), col(Film.id))
    return db.exec(select(Film).where(is_standing()).order_by(*best_known).limit(1)).first()


def _chosen_film(db: Session, typed: str, at: datetime) -> Film | None:
    """The film that was typed: a number, an identifier, the address of a page about it, or a title. Raises Refusal."""
    if not typed:
        return _best_known(db, at)
    if len(typed) > LONGEST:
        raise Refusal(gettext("Titre et noms sont limités à %(most)s caractères.") % {"most": LONGEST})
    scheme, colon, _ = typed.partition(":")
    if typed.isdecimal() or (colon and scheme in code_snippets.NAMES):
        found = find_film(db, typed)
    elif number := film_at(typed):
        found = find_film(db, str(number))
    else:
        (line,) = resolve(db, titles().index(db), [typed_line(1, typed)])
        found = line.film if line.state is State.FOUND else None
    if found is None:
        told = gettext("« %(film)s » : pas de film, ou plusieurs. Ajoutez l’année, ou écrivez un identifiant.")
        raise Refusal(told % {"film": typed[:64]})
    return found
