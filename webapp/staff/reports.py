"""Readers' reports as agents see them: those that wait, one to answer, and the titles that nobody finds."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
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
from domain.reports.reports import PENDING_STATES, compute_report_statistics, find_report
from domain.reports.reports import parse_report_number as report_number
from webapp.core import report_labels
from webapp.core.context import format_problem, get_engine, open_db_session, parse_id
from webapp.core.pagination import parse_page
from webapp.staff.auth import STAFF_PREFIX, require_manager, require_reader
from webapp.staff.labels import ACTIONS, CANNED_REPLIES

bp = Blueprint("staff_reports", __name__, url_prefix=STAFF_PREFIX)
_PAGE_SIZE, _MAX_UNFOUND, _UNFOUND_DAYS, _MAX_REPLY_LENGTH = 50, 200, 90, 1_000


def _get_labels() -> dict[str, Any]:
    return {
        "complaints": report_labels.get_complaint_labels(),
        "states": report_labels.get_state_labels(),
        "canned": CANNED_REPLIES,
    }


def _load_report_context(db: Session, report: ReaderReport) -> dict[str, Any]:
    """The film and the offer that a report names, with the service and its line."""
    film = db.get(Film, report.film_id) if report.film_id else None
    offer = db.get(Offer, report.offer_id) if report.offer_id else None
    entry = db.get(Entry, offer.entry_id) if offer else None
    platform = db.get(Platform, entry.platform_id) if entry else None
    delay = report_labels.format_delay(compute_delay(report, datetime.now(UTC)))
    return {"report": report, "film": film, "offer": offer, "entry": entry, "platform": platform, "delay": delay}


@bp.get("/signalements")
@require_reader
def show_reports(agent: Agent) -> Response:
    """The reports of a state (`etat`), or all that wait; those that wait the longest first."""
    number, asked = parse_page(request.args.get("page", "1")), request.args.get("etat", "")
    state = ReportState(asked) if asked in list(ReportState) else None
    with open_db_session() as db:
        found = list_reports(db, [state] if state else PENDING_STATES, (number - 1) * _PAGE_SIZE, _PAGE_SIZE + 1)
        rows = [_load_report_context(db, report) for report in found[:_PAGE_SIZE]]
        counts = compute_report_statistics(db).counts
    numbers = {word: sum(many for (_, reached), many in counts.items() if reached is word) for word in ReportState}
    told = {"at": datetime.now(UTC), "agent": agent, "state": state, "page": number, "numbers": numbers}
    more = len(found) > _PAGE_SIZE
    return make_response(render_template("staff/reports.html", rows=rows, more=more, **told, **_get_labels()))


def _normalize_number(number: str) -> str:
    """The number of a report in its one form; 404 for what cannot be one."""
    return report_number(number) or abort(404)


def _render_report(agent: Agent, number: str, problem: str = "", typed: str = "", status: int = 200) -> Response:
    with open_db_session() as db:
        report = find_report(db, number)
        if report is None:
            abort(404)
        facts = _load_report_context(db, report)
        who = db.exec(select(Agent).where(col(Agent.login) == report.who)).first() if report.who else None
        facts |= {"acts": list_corrections(db, report), "actions": ACTIONS}
    told = {"at": datetime.now(UTC), "agent": agent, "problem": problem, "typed": typed, "who": who, "longest": _MAX_REPLY_LENGTH}
    return make_response(render_template("staff/report.html", **told, **facts, **_get_labels()), status)


@bp.get("/signalements/<number>")
@require_reader
def show_report(agent: Agent, number: str) -> Response:
    """One report, and what may be done about it."""
    return _render_report(agent, _normalize_number(number))


@bp.post("/signalements/<number>")
@require_manager
def submit_reply(agent: Agent, number: str) -> AnyResponse:
    """Writes what became of a report; the same page says why when it cannot be."""
    number, sent = _normalize_number(number), request.form
    seen, state, typed = sent.get("vu", ""), sent.get("etat", ""), clean_text(sent.get("reponse", ""))
    told = " ".join(part for part in (CANNED_REPLIES.get(sent.get("modele", ""), ""), typed) if part)
    try:
        if seen not in list(ReportState) or state not in list(ReportState):
            raise UserError("choisissez un état")
        if len(told) > _MAX_REPLY_LENGTH:
            raise UserError(f"réponse : {_MAX_REPLY_LENGTH} caractères au plus")
        act = sent.get("acte", "")
        with write_session(get_engine()) as db:
            states = ReportState(seen), ReportState(state)
            answer_report(db, number, agent, *states, told, datetime.now(UTC), parse_id(act) if act else None)
    except UserError as problem:
        return _render_report(agent, number, format_problem(problem), typed, 409)
    return redirect(url_for(".show_reports"), 303)


@bp.post("/signalements/<number>/verifier")
@require_manager
def review_reported_link(agent: Agent, number: str) -> AnyResponse:
    """Puts the link that a reader doubts on the desk, and leads there."""
    number = _normalize_number(number)
    try:
        with write_session(get_engine()) as db:
            case_id = send_report_to_review(db, number, agent, datetime.now(UTC))
    except UserError as problem:
        return _render_report(agent, number, format_problem(problem), "", 409)
    return redirect(url_for("review.show_review", cas=case_id), 303)


@bp.get("/signalements/delais")
@require_reader
def show_delays(agent: Agent) -> Response:
    """How long answers take: by what is wrong, and by month over a year."""
    now = datetime.now(UTC)
    with open_db_session() as db:
        counted, months = compute_report_statistics(db), count_reports_by_month(db, now - timedelta(days=366))
    told = {"at": now, "agent": agent, "counted": counted, "months": months, "delay": report_labels.format_delay}
    return make_response(render_template("staff/report_delays.html", **told, **_get_labels()))


@bp.get("/introuvables")
@require_reader
def show_unfound_titles(agent: Agent) -> Response:
    """The titles searched in vain over three months, the most wanted first."""
    now = datetime.now(UTC)
    with open_db_session() as db:
        titles = list_unfound_titles(db, (now - timedelta(days=_UNFOUND_DAYS)).date(), _MAX_UNFOUND)
    told = {"at": now, "agent": agent, "titles": titles, "days": _UNFOUND_DAYS, "fewest": MIN_TITLE_SEARCHES}
    return make_response(render_template("staff/unfound.html", **told))
