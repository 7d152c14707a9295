"""Show agents the reports of readers: those that wait, one to answer, how long answers take, and the titles nobody finds."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from domain.common.enums import ReportState
from domain.common.errors import UserError
from domain.common.text import clean_text
from domain.db.engine import write_session
from domain.models.agent import Agent
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.reader_report import ReaderReport
from domain.reports.corrections import compute_delay, count_reports_by_month, list_corrections
from domain.reports.replies import MIN_TITLE_SEARCHES, answer_report, list_reports, list_unfound_titles, send_report_to_review
from domain.reports.reports import PENDING_STATES, compute_report_statistics, find_report, parse_report_number
from webapp.core import report_labels
from webapp.core.context import format_problem, get_engine, open_db_session, parse_id
from webapp.staff.auth import STAFF_PREFIX, require_manager, require_reader
from webapp.staff.labels import ACTIONS, CANNED_REPLIES
from webapp.staff.lookups import find_row
from webapp.staff.pages import LOOKAHEAD_LIMIT, get_offset, make_page, read_choice, read_page_number, render_staff_page

bp = Blueprint("staff_reports", __name__, url_prefix=STAFF_PREFIX)
_MAX_UNFOUND_TITLES = 200
_UNFOUND_DAYS = 90
_DELAY_DAYS = 366
_MAX_REPLY_LENGTH = 1_000


@bp.get("/signalements")
@require_reader
def show_reports(agent: Agent) -> Response:
    """List the reports in a state (`etat`), or all that wait; those that wait the longest first."""
    page_number = read_page_number()
    state = read_choice("etat", ReportState)
    states: Sequence[ReportState] = PENDING_STATES
    if state:
        states = [state]
    with open_db_session() as db:
        reports = list_reports(db, states, get_offset(page_number), LOOKAHEAD_LIMIT)
        page = make_page(page_number, reports).map_rows(lambda report: _load_report_context(db, report))
        counts = _count_by_state(db)
    context = {"page": page, "state": state, "counts": counts, **_get_labels()}
    return render_staff_page("staff/reports.html", agent, context)


def _count_by_state(db: Session) -> dict[ReportState, int]:
    counts = dict.fromkeys(ReportState, 0)
    for (_, state), count in compute_report_statistics(db).counts.items():
        counts[state] += count
    return counts


def _load_report_context(db: Session, report: ReaderReport) -> dict[str, Any]:
    """Return a report with the film and the offer that it names, and the offer's service and entry."""
    offer = find_row(db, Offer, report.offer_id)
    entry = None
    platform = None
    if offer:
        entry = db.get_one(Entry, offer.entry_id)
        platform = db.get_one(Platform, entry.platform_id)
    return {
        "report": report,
        "film": find_row(db, Film, report.film_id),
        "offer": offer,
        "entry": entry,
        "platform": platform,
        "delay": report_labels.format_delay(compute_delay(report, datetime.now(UTC))),
    }


def _get_labels() -> dict[str, Any]:
    return {
        "complaints": report_labels.get_complaint_labels(),
        "states": report_labels.get_state_labels(),
        "canned_replies": CANNED_REPLIES,
    }


@bp.get("/signalements/<number>")
@require_reader
def show_report(agent: Agent, number: str) -> Response:
    """Show one report, and the form that answers it."""
    return _render_report(agent, _normalize_number(number))


def _normalize_number(number: str) -> str:
    """Return a report's number in its one form; answer 404 for what cannot be one."""
    return parse_report_number(number) or abort(404)


def _render_report(agent: Agent, number: str, problem: str = "", typed: str = "") -> Response:
    with open_db_session() as db:
        report = find_report(db, number) or abort(404)
        context = _load_report_context(db, report)
        context["answerer"] = _find_answerer(db, report)
        context["corrections"] = list_corrections(db, report)
    context |= _get_labels()
    context |= {"actions": ACTIONS, "problem": problem, "typed": typed, "max_length": _MAX_REPLY_LENGTH}
    return render_staff_page("staff/report.html", agent, context)


def _find_answerer(db: Session, report: ReaderReport) -> Agent | None:
    """Return the agent who answered a report, None when nobody did or when it was not an agent."""
    if not report.who:
        return None
    return db.exec(select(Agent).where(col(Agent.login) == report.who)).first()


@bp.post("/signalements/<number>")
@require_manager
def submit_reply(agent: Agent, number: str) -> AnyResponse:
    """Record what became of a report; the same page says why when it cannot be."""
    number = _normalize_number(number)
    typed = clean_text(request.form.get("reponse", ""))
    act_id = None
    if request.form.get("acte"):
        act_id = parse_id(request.form["acte"])
    try:
        seen_state = _parse_state(request.form.get("vu", ""))
        new_state = _parse_state(request.form.get("etat", ""))
        reply = _build_reply(request.form.get("modele", ""), typed)
        with write_session(get_engine()) as db:
            answer_report(db, number, agent, seen_state, new_state, reply, datetime.now(UTC), act_id)
    except UserError as error:
        return _render_report(agent, number, format_problem(error), typed)
    return redirect(url_for(".show_reports"), 303)


def _parse_state(state: str) -> ReportState:
    """Return a state that the form sends. Raises UserError when it is none."""
    if state not in list(ReportState):
        raise UserError("choisissez un état")
    return ReportState(state)


def _build_reply(template: str, typed: str) -> str:
    """Return the canned reply chosen, if any, then what was typed. Raises UserError when it is too long."""
    parts = [CANNED_REPLIES.get(template, ""), typed]
    reply = " ".join(filter(None, parts))
    if len(reply) > _MAX_REPLY_LENGTH:
        raise UserError(f"réponse : {_MAX_REPLY_LENGTH} caractères au plus")
    return reply


@bp.post("/signalements/<number>/verifier")
@require_manager
def review_reported_link(agent: Agent, number: str) -> AnyResponse:
    """Send the link that a reader doubts to the review queue, and show its case."""
    number = _normalize_number(number)
    try:
        with write_session(get_engine()) as db:
            case_id = send_report_to_review(db, number, agent, datetime.now(UTC))
    except UserError as error:
        return _render_report(agent, number, format_problem(error), "")
    return redirect(url_for("review.show_review", cas=case_id), 303)


@bp.get("/signalements/delais")
@require_reader
def show_delays(agent: Agent) -> Response:
    """Show how long answers take: by complaint, and by month over a year."""
    now = datetime.now(UTC)
    with open_db_session() as db:
        statistics = compute_report_statistics(db)
        months = count_reports_by_month(db, now - timedelta(days=_DELAY_DAYS))
    context = {
        "statistics": statistics,
        "months": months,
        "format_delay": report_labels.format_delay,
        "complaints": report_labels.get_complaint_labels(),
    }
    return render_staff_page("staff/report_delays.html", agent, context, at=now)


@bp.get("/introuvables")
@require_reader
def show_unfound_titles(agent: Agent) -> Response:
    """List the titles searched in vain over three months, the most often first."""
    now = datetime.now(UTC)
    since = (now - timedelta(days=_UNFOUND_DAYS)).date()
    with open_db_session() as db:
        titles = list_unfound_titles(db, since, _MAX_UNFOUND_TITLES)
    context = {"titles": titles, "days": _UNFOUND_DAYS, "min_searches": MIN_TITLE_SEARCHES}
    return render_staff_page("staff/unfound.html", agent, context, at=now)
