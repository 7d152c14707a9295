"""The desk: one case at a time, its next already there, answered by a key."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from records.cases import CaseFilter, claim_cases, count_waiting
from records.catalogue import Entry, Platform
from records.database import writing
from records.desk import Agent, AuditLine, ReviewCase
from records.errors import Problem
from records.films import Film
from records.settling import Answer, settle_case, undo_last
from records.vocabulary import CaseCause
from webapp.context import ENGINE, FILM_ID
from webapp.search import read_query, search_films
from webapp.staff.door import signed_in
from webapp.staff.subjects import Subject, read_subject
from webapp.staff.words import ACTIONS, CAUSES, DOUBTS, OUTCOMES

pages = Blueprint("review", __name__, url_prefix="/agents")
_SEARCHED, _HISTORY = 6, 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the agent asked to see, as the address says it: only what is known counts."""

    args: dict[str, Any]
    cases: CaseFilter


def _engine() -> Engine:
    engine: Engine = current_app.extensions[ENGINE]
    return engine


def _wanted(session: Session) -> Wanted:
    asked = request.args
    platform = session.exec(select(Platform).where(Platform.slug == asked.get("plateforme", ""))).first()
    cause, doubt = asked.get("motif", ""), asked.get("doute", "")
    args = {"plateforme": platform.slug if platform else "", "motif": cause if cause in list(CaseCause) else ""}
    args |= {"doute": doubt if doubt in DOUBTS else "", "connus": "1" if asked.get("connus") else ""}
    kept = {name: value for name, value in args.items() if value}
    wanted = CaseFilter(
        platform_id=platform.id if platform else None,
        cause=CaseCause(args["motif"]) if args["motif"] else None,
        doubt=args["doute"],
        known=bool(args["connus"]),
    )
    return Wanted(kept, wanted)


def _searched(session: Session, query: str) -> list[Film]:
    return [hit.film for hit in search_films(session, query, 1, datetime.now(UTC)).hits[:_SEARCHED]] if query else []


def _page(agent: Agent, problem: str = "", status: int = 200) -> Response:
    """The desk as it stands for an agent: the case in hand, the next one, the queue, the last answer."""
    now, query = datetime.now(UTC), read_query(request.args.get("q", ""))
    with writing(_engine()) as session:
        wanted = _wanted(session)
        cases = claim_cases(session, agent.id or 0, wanted.cases, now)
        subjects = [
            read_subject(session, case, _searched(session, query) if not place else ()) for place, case in enumerate(cases)
        ]
        facts: dict[str, Any] = {
            "agent": agent,
            "subject": subjects[0] if subjects else None,
            "next": subjects[1] if len(subjects) > 1 else None,
            "waiting": count_waiting(session),
            "platforms": session.exec(select(Platform).order_by(col(Platform.name))).all(),
            "last": _last_answer(session, agent),
        }
    shown = render_template(
        "staff/desk.html",
        at=now,
        wanted=wanted,
        query=query,
        problem=problem,
        causes=CAUSES,
        doubts=DOUBTS,
        outcomes=OUTCOMES,
        **facts,
    )
    return make_response(shown, status)


def _last_answer(session: Session, agent: Agent) -> Subject | None:
    latest = (col(ReviewCase.closed).desc(), col(ReviewCase.id).desc())
    case = session.exec(select(ReviewCase).where(ReviewCase.closed_by == agent.id).order_by(*latest)).first()
    return read_subject(session, case) if case else None


def _back() -> AnyResponse:
    with writing(_engine()) as session:
        return redirect(url_for("review.desk", **_wanted(session).args), 303)


@pages.get("/")
@signed_in
def desk(agent: Agent) -> Response:
    """The case in hand."""
    return _page(agent)


@pages.post(f"/cas/<{FILM_ID}:case_id>")
@signed_in
def answer(agent: Agent, case_id: int) -> AnyResponse:
    """Takes an answer, and leads to the next case; the same page says why when it cannot be taken."""
    said, film = request.form.get("reponse", ""), request.form.get("film", "")
    try:
        if said not in list(Answer) or (film and not (film.isascii() and film.isdecimal() and len(film) < 10)):
            raise Problem("réponse inconnue")
        with writing(_engine()) as session:
            settle_case(session, case_id, agent, Answer(said), int(film) if film else None, datetime.now(UTC))
    except Problem as problem:
        return _page(agent, str(problem), 409)
    return _back()


@pages.post("/annuler")
@signed_in
def undo(agent: Agent) -> AnyResponse:
    """Takes back the agent's last answer, and shows its case again."""
    try:
        with writing(_engine()) as session:
            undo_last(session, agent, datetime.now(UTC))
    except Problem as problem:
        return _page(agent, str(problem), 409)
    return _back()


@pages.get("/historique")
@signed_in
def history(agent: Agent) -> Response:
    """What was done at the desk, the latest first: by everybody, or by oneself."""
    mine = bool(request.args.get("moi"))
    asked = select(AuditLine, Agent, Entry, Film)
    asked = asked.join(Agent, col(Agent.id) == col(AuditLine.agent_id), isouter=True)
    asked = asked.join(Entry, col(Entry.id) == col(AuditLine.entry_id), isouter=True)
    asked = asked.join(Film, col(Film.id) == col(AuditLine.film_id), isouter=True)
    if mine:
        asked = asked.where(AuditLine.agent_id == agent.id)
    with writing(_engine()) as session:
        lines = session.exec(asked.order_by(col(AuditLine.id).desc()).limit(_HISTORY)).all()
        return make_response(
            render_template("staff/history.html", at=datetime.now(UTC), agent=agent, lines=lines, mine=mine, actions=ACTIONS)
        )
