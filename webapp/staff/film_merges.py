"""Two records made one, and one made two, by agents."""

from datetime import UTC, datetime

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from domain.common.errors import Problem
from domain.db.engine import writing
from domain.films.merge import merge, preview
from domain.films.split import Leaving, split
from domain.models.agent import Agent
from search.query import read_query
from webapp.core.context import FILM_ID, engine, read_number, session, tell_problem
from webapp.staff.auth import PATH, for_managers
from webapp.staff.film_detail import gather
from webapp.staff.films import known, search, shown

pages = Blueprint("staff_film_merges", __name__, url_prefix=PATH)


def _merge_page(agent: Agent, film_id: int, problem: str = "", typed: str = "") -> Response:
    """The two films side by side once the other (`avec`) is chosen, which one stays (`reste`), and what moves."""
    query, other_id = read_query(request.args.get("q", "")), read_number(request.values.get("avec", ""))
    stays = read_number(request.values.get("reste", ""))
    survivor_id = film_id if stays == film_id else other_id
    found = None
    with session() as db:
        film = known(db, film_id)
        films = [one for one in search(db, query) if one.id != film_id]
        try:
            found = preview(db, film_id + other_id - survivor_id, survivor_id) if other_id else None
        except Problem as refused:
            problem = problem or tell_problem(refused)
    told = {"film": film, "films": films, "query": query, "found": found, "typed": typed}
    return shown("staff/merge.html", agent, 409 if problem else 200, problem=problem, **told)


@pages.get(f"/films/<{FILM_ID}:film_id>/reunir")
@for_managers
def merging(agent: Agent, film_id: int) -> Response:
    """Chooses the other record of the same film, and shows what merging them does."""
    return _merge_page(agent, film_id)


@pages.post(f"/films/<{FILM_ID}:film_id>/reunir")
@for_managers
def confirm(agent: Agent, film_id: int) -> AnyResponse:
    """Merges two records, and leads to the one that stays."""
    sent = request.form
    other_id, survivor_id = read_number(sent.get("avec", "")), read_number(sent.get("reste", ""))
    try:
        if survivor_id not in (film_id, other_id):
            raise Problem("choisissez la fiche qui reste")
        merged_id = film_id + other_id - survivor_id
        with writing(engine()) as db:
            merge(db, merged_id, survivor_id, agent, sent.get("vu", ""), sent.get("motif", ""), datetime.now(UTC))
    except Problem as problem:
        return _merge_page(agent, film_id, tell_problem(problem), sent.get("motif", ""))
    return redirect(url_for("staff_films.one", film_id=survivor_id), 303)


def _split_page(agent: Agent, film_id: int, problem: str = "") -> Response:
    with session() as db:
        film = known(db, film_id)
        told = gather(db, film)
    return shown("staff/split.html", agent, 409 if problem else 200, film=film, told=told, problem=problem, typed=request.form)


@pages.get(f"/films/<{FILM_ID}:film_id>/separer")
@for_managers
def splitting(agent: Agent, film_id: int) -> Response:
    """Chooses what leaves a record that is two films."""
    return _split_page(agent, film_id)


@pages.post(f"/films/<{FILM_ID}:film_id>/separer")
@for_managers
def divide(agent: Agent, film_id: int) -> AnyResponse:
    """Makes the other film, and leads to it."""
    sent, year = request.form, request.form.get("annee", "").strip()
    chosen = {name: [read_number(text) for text in sent.getlist(name)] for name in ("entree", "titre", "numero")}
    try:
        if year and not (len(year) == 4 and year.isascii() and year.isdecimal() and 1870 <= int(year) <= 2100):
            raise Problem("année : de 1870 à 2100, ou rien")
        leaving = Leaving(
            read_number(sent.get("ligne", "")) or None,
            chosen["entree"],
            chosen["titre"],
            chosen["numero"],
            sent.get("nom", ""),
            int(year) if year else None,
        )
        with writing(engine()) as db:
            act = split(db, film_id, agent, leaving, sent.get("motif", ""), datetime.now(UTC))
    except Problem as problem:
        return _split_page(agent, film_id, tell_problem(problem))
    return redirect(url_for("staff_films.one", film_id=act.detail["film"]), 303)
