"""The desk: one case at a time, its next already there, answered by a key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from domain.common.enums import CaseCause
from domain.common.errors import Problem
from domain.db.engine import writing
from domain.models.agent import Agent
from domain.models.film import Film
from domain.models.platform import Platform
from domain.models.review_case import ReviewCase
from domain.review.queue import CaseFilter, claim_cases, count_waiting
from domain.review.resolve import Answer, last_answer, settle_case, undo_last
from search.query import read_query
from search.results import search_films
from webapp.core.context import FILM_ID, engine, read_number, session, tell_problem
from webapp.staff.auth import PATH, for_managers
from webapp.staff.case_view import Subject, read_subject
from webapp.staff.labels import CAUSES, COUNTED, DOUBTS, OUTCOMES

pages = Blueprint("review", __name__, url_prefix=PATH)
_SEARCHED = 6
_WORDS = {"causes": CAUSES, "counted": COUNTED, "doubts": DOUBTS, "outcomes": OUTCOMES}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the agent asked to see, as the address says it: only what is known counts."""

    args: dict[str, Any]
    cases: CaseFilter


def _wanted(session: Session) -> Wanted:
    asked = request.args
    platform = session.exec(select(Platform).where(Platform.slug == asked.get("plateforme", ""))).first()
    cause, doubt = asked.get("motif", ""), asked.get("doute", "")
    args = {"plateforme": platform.slug if platform else "", "motif": cause if cause in list(CaseCause) else ""}
    args |= {"doute": doubt if doubt in DOUBTS else "", "connus": "1" if asked.get("connus") else ""}
    wanted = CaseFilter(
        platform_id=platform.id if platform else None,
        cause=CaseCause(args["motif"]) if args["motif"] else None,
        doubt=args["doute"],
        known=bool(args["connus"]),
    )
    return Wanted({name: value for name, value in args.items() if value}, wanted)


def _searched(session: Session, query: str) -> list[Film]:
    return [hit.film for hit in search_films(session, query, 1, datetime.now(UTC)).hits[:_SEARCHED]] if query else []


def _subjects(session: Session, cases: Sequence[ReviewCase], query: str) -> list[Subject]:
    return [read_subject(session, case, _searched(session, query) if case is cases[0] else ()) for case in cases]


def _page(agent: Agent, problem: str = "", status: int = 200) -> Response:
    """The desk as it stands for an agent: the case in hand, the next one, the queue, the last answer."""
    now, query = datetime.now(UTC), read_query(request.args.get("q", ""))
    with writing(engine()) as session:
        wanted = _wanted(session)
        cases = claim_cases(session, agent.id or 0, wanted.cases, now, first=read_number(request.args.get("cas", "")))
        subjects = _subjects(session, cases, query)
        facts: dict[str, Any] = {
            "subject": subjects[0] if subjects else None,
            "next": subjects[1] if len(subjects) > 1 else None,
            "waiting": count_waiting(session),
            "platforms": session.exec(select(Platform).order_by(col(Platform.name))).all(),
            "last": read_subject(session, answered) if (answered := last_answer(session, agent)) else None,
        }
    told = {"at": now, "agent": agent, "wanted": wanted, "query": query, "problem": problem}
    return make_response(render_template("staff/review.html", **told, **_WORDS, **facts), status)


def _back(case_id: int | None = None) -> AnyResponse:
    with session() as db:
        return redirect(url_for("review.desk", **_wanted(db).args, cas=case_id), 303)


@pages.get("/a-verifier")
@for_managers
def desk(agent: Agent) -> Response:
    """The case in hand."""
    return _page(agent)


@pages.post(f"/cas/<{FILM_ID}:case_id>")
@for_managers
def answer(agent: Agent, case_id: int) -> AnyResponse:
    """Takes an answer, and leads to the next case; the same page says why when it cannot be taken."""
    said, film = request.form.get("reponse", ""), request.form.get("film")
    try:
        if said not in list(Answer):
            raise Problem("réponse inconnue")
        with writing(engine()) as session:
            settle_case(session, case_id, agent, Answer(said), None if film is None else read_number(film), datetime.now(UTC))
    except Problem as problem:
        return _page(agent, tell_problem(problem), 409)
    return _back()


@pages.post("/annuler")
@for_managers
def undo(agent: Agent) -> AnyResponse:
    """Takes back the agent's last answer, and shows its case again."""
    try:
        with writing(engine()) as session:
            case = undo_last(session, agent, datetime.now(UTC))
    except Problem as problem:
        return _page(agent, tell_problem(problem), 409)
    return _back(case.id)
