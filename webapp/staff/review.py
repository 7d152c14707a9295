"""The desk: one case at a time, its next already there, answered by a key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from domain.common.enums import CaseCause
from domain.common.errors import UserError
from domain.db.engine import write_session
from domain.models.agent import Agent
from domain.models.film import Film
from domain.models.platform import Platform
from domain.models.review_case import ReviewCase
from domain.review.queue import CaseFilter, claim_cases, count_open_cases
from domain.review.resolve import CaseAnswer, get_last_answered_case, resolve_case, undo_last_answer
from search.results import search_films
from webapp.core.context import FILM_ID_CONVERTER, format_problem, get_engine, open_db_session, parse_id
from webapp.core.search_params import parse_query
from webapp.core.title_index import get_title_index
from webapp.staff.auth import STAFF_PREFIX, require_manager
from webapp.staff.case_view import Subject, read_subject
from webapp.staff.labels import CAUSE_NOUNS, CAUSES, DOUBTS, OUTCOMES

bp = Blueprint("review", __name__, url_prefix=STAFF_PREFIX)
_MAX_RESULTS = 6
_LABELS = {"causes": CAUSES, "counted": CAUSE_NOUNS, "doubts": DOUBTS, "outcomes": OUTCOMES}


@dataclass(frozen=True, slots=True)
class ReviewFilters:
    """What the agent asked to see, as the address says it: only what is known counts."""

    args: dict[str, Any]
    cases: CaseFilter


def _read_filters(session: Session) -> ReviewFilters:
    asked = request.args
    platform = session.exec(select(Platform).where(Platform.slug == asked.get("plateforme", ""))).first()
    cause, doubt = asked.get("motif", ""), asked.get("doute", "")
    args = {"plateforme": platform.slug if platform else "", "motif": cause if cause in list(CaseCause) else ""}
    args |= {"doute": doubt if doubt in DOUBTS else "", "connus": "1" if asked.get("connus") else ""}
    wanted = CaseFilter(
        platform_id=platform.id if platform else None,
        cause=CaseCause(args["motif"]) if args["motif"] else None,
        doubt=args["doute"],
        known_only=bool(args["connus"]),
    )
    return ReviewFilters({name: value for name, value in args.items() if value}, wanted)


def _search_films(session: Session, query: str) -> list[Film]:
    if not query:
        return []
    results = search_films(session, get_title_index, query, 1, datetime.now(UTC))
    return [hit.film for hit in results.hits[:_MAX_RESULTS]]


def _load_subjects(session: Session, cases: Sequence[ReviewCase], query: str) -> list[Subject]:
    return [read_subject(session, case, _search_films(session, query) if case is cases[0] else ()) for case in cases]


def _render_review(agent: Agent, problem: str = "", status: int = 200) -> Response:
    """The desk as it stands for an agent: the case in hand, the next one, the queue, the last answer."""
    now, query = datetime.now(UTC), parse_query(request.args.get("q", ""))
    with write_session(get_engine()) as session:
        wanted = _read_filters(session)
        cases = claim_cases(session, agent.id or 0, wanted.cases, now, first_id=parse_id(request.args.get("cas", "")))
        subjects = _load_subjects(session, cases, query)
        facts: dict[str, Any] = {
            "subject": subjects[0] if subjects else None,
            "next": subjects[1] if len(subjects) > 1 else None,
            "waiting": count_open_cases(session),
            "platforms": session.exec(select(Platform).order_by(col(Platform.name))).all(),
            "last": read_subject(session, answered) if (answered := get_last_answered_case(session, agent)) else None,
        }
    told = {"at": now, "agent": agent, "wanted": wanted, "query": query, "problem": problem}
    return make_response(render_template("staff/review.html", **told, **_LABELS, **facts), status)


def _redirect_to_review(case_id: int | None = None) -> AnyResponse:
    with open_db_session() as db:
        return redirect(url_for("review.show_review", **_read_filters(db).args, cas=case_id), 303)


@bp.get("/a-verifier")
@require_manager
def show_review(agent: Agent) -> Response:
    """The case in hand."""
    return _render_review(agent)


@bp.post(f"/cas/<{FILM_ID_CONVERTER}:case_id>")
@require_manager
def submit_answer(agent: Agent, case_id: int) -> AnyResponse:
    """Takes an answer, and leads to the next case; the same page says why when it cannot be taken."""
    said, film = request.form.get("reponse", ""), request.form.get("film")
    try:
        if said not in list(CaseAnswer):
            raise UserError("réponse inconnue")
        with write_session(get_engine()) as session:
            resolve_case(session, case_id, agent, CaseAnswer(said), None if film is None else parse_id(film), datetime.now(UTC))
    except UserError as problem:
        return _render_review(agent, format_problem(problem), 409)
    return _redirect_to_review()


@bp.post("/annuler")
@require_manager
def undo_answer(agent: Agent) -> AnyResponse:
    """Takes back the agent's last answer, and shows its case again."""
    try:
        with write_session(get_engine()) as session:
            case = undo_last_answer(session, agent, datetime.now(UTC))
    except UserError as problem:
        return _render_review(agent, format_problem(problem), 409)
    return _redirect_to_review(case.id)
