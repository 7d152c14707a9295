"""The page where a partner chooses how the block looks, sees it live, and copies its code."""

from datetime import UTC, datetime

from flask import Response, make_response, render_template, request, url_for
from sqlmodel import Session, col, select

from records.availability import is_available
from records.films import Film
from records.merged import is_standing
from records.partners import host_of, public_host
from records.text import clean
from webapp.context import Refusal, keep_for_period, session
from webapp.language import alone, gettext
from webapp.lists.asked import LONGEST
from webapp.lists.resolving import State, resolve
from webapp.lists.typed_lines import typed_line
from webapp.my_services import PARAMETER, read_services
from webapp.oembed import film_at
from webapp.search.titles import titles
from webapp.widget import codes
from webapp.widget.asked import find_film
from webapp.widget.released import latest
from webapp.widget.room import pages


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
        references = codes.references(db, film.id) if film else {}
        mine = read_services(db, request.args.getlist(PARAMETER))
    if film is None:
        return keep_for_period(make_response(render_template("widget/no_film.html", at=at)), at)
    choice = codes.read_choice(references, _site(), mine.slugs)
    answer = make_response(
        render_template(
            "widget/integrate.html",
            at=at,
            film=film,
            typed=clean(request.args.get("film", ""))[:LONGEST],
            problem=problem,
            choice=choice,
            mine=mine,
            schemes=[(scheme, codes.NAMES[scheme]) for scheme in references],
            code=codes.code_of(choice, film),
            attributes=codes.attributes(choice),
            frame=codes.frame_address(choice),
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
    if typed.isdecimal() or (colon and scheme in codes.NAMES):
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
