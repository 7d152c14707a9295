"""Let agents settle review cases: one at a time, the next one already loaded, answered by a key."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from domain.common.enums import CaseCause
from domain.common.errors import UserError
from domain.db.engine import write_session
from domain.models.agent import Agent
from domain.models.platform import Platform
from domain.review.queue import CaseFilter, claim_cases, count_open_cases
from domain.review.resolve import CaseAnswer, get_last_answered_case, resolve_case, undo_last_answer
from webapp.core.context import FILM_ID_CONVERTER as ID_CONVERTER
from webapp.core.context import format_problem, get_engine, open_db_session, parse_id
from webapp.core.search_params import parse_query
from webapp.staff.auth import STAFF_PREFIX, require_manager
from webapp.staff.case_view import Subject, read_subject
from webapp.staff.labels import CAUSE_NOUNS, CAUSES, DOUBTS, OUTCOMES
from webapp.staff.lookups import search_films_by_title
from webapp.staff.pages import read_choice, render_staff_page

bp = Blueprint("review", __name__, url_prefix=STAFF_PREFIX)
_MAX_RESULTS = 6
_LABELS = {"causes": CAUSES, "cause_nouns": CAUSE_NOUNS, "doubts": DOUBTS, "outcomes": OUTCOMES}


@dataclass(frozen=True, slots=True)
class ReviewFilters:
    """Store the cases that an agent asks for, as the address writes them and as the queue reads them; only known values count."""

    args: dict[str, Any]
    cases: CaseFilter


@bp.get("/a-verifier")
@require_manager
def show_review(agent: Agent) -> Response:
    """Show the case in hand."""
    return _render_review(agent)


def _render_review(agent: Agent, problem: str = "") -> Response:
    """Render the queue as it is for an agent: the case in hand, the next one, what waits, the last answer."""
    now = datetime.now(UTC)
    query = parse_query(request.args.get("q", ""))
    with write_session(get_engine()) as session:
        filters = _read_filters(session)
        context = _claim_subjects(session, agent, filters, query, now)
        context["last"] = _load_last_answered(session, agent)
        context["case_counts"] = count_open_cases(session)
        context["platforms"] = session.exec(select(Platform).order_by(col(Platform.name))).all()
    context |= {"filters": filters, "query": query, "problem": problem, **_LABELS}
    return render_staff_page("staff/review.html", agent, context, at=now)


def _read_filters(session: Session) -> ReviewFilters:
    slug = request.args.get("plateforme", "")
    cause = read_choice("motif", CaseCause)
    doubt = request.args.get("doute", "")
    args: dict[str, Any] = {}
    platform = session.exec(select(Platform).where(Platform.slug == slug)).first()
    if platform:
        args["plateforme"] = platform.slug
    if cause:
        args["motif"] = cause
    if doubt in DOUBTS:
        args["doute"] = doubt
    if request.args.get("connus"):
        args["connus"] = "1"
    cases = CaseFilter(
        platform_id=platform.id if platform else None,
        cause=cause,
        doubt=args.get("doute", ""),
        known_only="connus" in args,
    )
    return ReviewFilters(args, cases)


def _claim_subjects(session: Session, agent: Agent, filters: ReviewFilters, query: str, now: datetime) -> dict[str, Any]:
    """Return the case in hand, with the films that the agent searches, and the next one; None where there is none."""
    assert agent.id is not None
    first_id = parse_id(request.args.get("cas", ""))
    cases = claim_cases(session, agent.id, filters.cases, now, first_id=first_id)
    subjects: list[Subject | None] = [None, None]
    for position, case in enumerate(cases[:2]):
        search_results = search_films_by_title(session, query, _MAX_RESULTS) if position == 0 else []
        subjects[position] = read_subject(session, case, search_results)
    return {"subject": subjects[0], "next_subject": subjects[1]}


def _load_last_answered(session: Session, agent: Agent) -> Subject | None:
    case = get_last_answered_case(session, agent)
    if case is None:
        return None
    return read_subject(session, case)


@bp.post(f"/cas/<{ID_CONVERTER}:case_id>")
@require_manager
def submit_answer(agent: Agent, case_id: int) -> AnyResponse:
    """Record an answer, and go on to the next case; the same page says why when it cannot be recorded."""
    answer = request.form.get("reponse", "")
    film_id = None
    if "film" in request.form:
        film_id = parse_id(request.form["film"])
    try:
        if answer not in list(CaseAnswer):
            raise UserError("réponse inconnue")
        with write_session(get_engine()) as session:
            keeps_title = "retenir" in request.form
            resolve_case(session, case_id, agent, CaseAnswer(answer), film_id, datetime.now(UTC), keeps_title=keeps_title)
    except UserError as error:
        return _render_review(agent, format_problem(error))
    return _redirect_to_review()


@bp.post("/annuler")
@require_manager
def undo_answer(agent: Agent) -> AnyResponse:
    """Take back the agent's last answer, and show its case again."""
    try:
        with write_session(get_engine()) as session:
            case = undo_last_answer(session, agent, datetime.now(UTC))
    except UserError as error:
        return _render_review(agent, format_problem(error))
    return _redirect_to_review(case.id)


def _redirect_to_review(case_id: int | None = None) -> AnyResponse:
    with open_db_session() as db:
        args = _read_filters(db).args
    return redirect(url_for("review.show_review", **args, cas=case_id), 303)
