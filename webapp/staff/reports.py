"""Readers' reports as agents see them: those that wait, one to answer, and the titles that nobody finds."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from domain.common.enums import ReportState
from domain.common.errors import Problem
from domain.common.text import clean
from domain.db.engine import writing
from domain.models.agent import Agent
from domain.models.entry import Entry
from domain.models.film import Film
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.models.reader_report import ReaderReport
from domain.reports.corrections import corrections_for, count_by_month, delay_of
from domain.reports.replies import FEWEST, answer_report, list_reports, list_unfound, send_to_desk
from domain.reports.reports import WAITING, count_treatment, find_report
from domain.reports.reports import read_number as report_number
from webapp.core import report_labels
from webapp.core.context import engine, read_number, session, tell_problem
from webapp.core.pagination import read_page
from webapp.staff.auth import PATH, for_managers, for_readers
from webapp.staff.labels import ACTIONS, CANNED

pages = Blueprint("staff_reports", __name__, url_prefix=PATH)
_SHOWN, _UNFOUND, _DAYS, _LONGEST = 50, 200, 90, 1_000


def _words() -> dict[str, Any]:
    return {"complaints": report_labels.complaints(), "states": report_labels.states(), "canned": CANNED}


def _subject(db: Session, report: ReaderReport) -> dict[str, Any]:
    """The film and the offer that a report names, with the service and its line."""
    film = db.get(Film, report.film_id) if report.film_id else None
    offer = db.get(Offer, report.offer_id) if report.offer_id else None
    entry = db.get(Entry, offer.entry_id) if offer else None
    platform = db.get(Platform, entry.platform_id) if entry else None
    delay = report_labels.delay(delay_of(report, datetime.now(UTC)))
    return {"report": report, "film": film, "offer": offer, "entry": entry, "platform": platform, "delay": delay}


@pages.get("/signalements")
@for_readers
def waiting(agent: Agent) -> Response:
    """The reports of a state (`etat`), or all that wait; those that wait the longest first."""
    number, asked = read_page(request.args.get("page", "1")), request.args.get("etat", "")
    state = ReportState(asked) if asked in list(ReportState) else None
    with session() as db:
        found = list_reports(db, [state] if state else WAITING, (number - 1) * _SHOWN, _SHOWN + 1)
        rows = [_subject(db, report) for report in found[:_SHOWN]]
        counts = count_treatment(db).counts
    numbers = {word: sum(many for (_, reached), many in counts.items() if reached is word) for word in ReportState}
    told = {"at": datetime.now(UTC), "agent": agent, "state": state, "page": number, "numbers": numbers}
    more = len(found) > _SHOWN
    return make_response(render_template("staff/reports.html", rows=rows, more=more, **told, **_words()))


def _known(number: str) -> str:
    """The number of a report in its one form; 404 for what cannot be one."""
    return report_number(number) or abort(404)


def _page(agent: Agent, number: str, problem: str = "", typed: str = "", status: int = 200) -> Response:
    with session() as db:
        report = find_report(db, number)
        if report is None:
            abort(404)
        facts = _subject(db, report)
        who = db.exec(select(Agent).where(col(Agent.login) == report.who)).first() if report.who else None
        facts |= {"acts": corrections_for(db, report), "actions": ACTIONS}
    told = {"at": datetime.now(UTC), "agent": agent, "problem": problem, "typed": typed, "who": who, "longest": _LONGEST}
    return make_response(render_template("staff/report.html", **told, **facts, **_words()), status)


@pages.get("/signalements/<number>")
@for_readers
def one(agent: Agent, number: str) -> Response:
    """One report, and what may be done about it."""
    return _page(agent, _known(number))


@pages.post("/signalements/<number>")
@for_managers
def answer(agent: Agent, number: str) -> AnyResponse:
    """Writes what became of a report; the same page says why when it cannot be."""
    number, sent = _known(number), request.form
    seen, state, typed = sent.get("vu", ""), sent.get("etat", ""), clean(sent.get("reponse", ""))
    told = " ".join(part for part in (CANNED.get(sent.get("modele", ""), ""), typed) if part)
    try:
        if seen not in list(ReportState) or state not in list(ReportState):
            raise Problem("choisissez un état")
        if len(told) > _LONGEST:
            raise Problem(f"réponse : {_LONGEST} caractères au plus")
        act = sent.get("acte", "")
        with writing(engine()) as db:
            states = ReportState(seen), ReportState(state)
            answer_report(db, number, agent, *states, told, datetime.now(UTC), read_number(act) if act else None)
    except Problem as problem:
        return _page(agent, number, tell_problem(problem), typed, 409)
    return redirect(url_for(".waiting"), 303)


@pages.post("/signalements/<number>/verifier")
@for_managers
def check(agent: Agent, number: str) -> AnyResponse:
    """Puts the link that a reader doubts on the desk, and leads there."""
    number = _known(number)
    try:
        with writing(engine()) as db:
            case_id = send_to_desk(db, number, agent, datetime.now(UTC))
    except Problem as problem:
        return _page(agent, number, tell_problem(problem), "", 409)
    return redirect(url_for("review.desk", cas=case_id), 303)


@pages.get("/signalements/delais")
@for_readers
def delays(agent: Agent) -> Response:
    """How long answers take: by what is wrong, and by month over a year."""
    now = datetime.now(UTC)
    with session() as db:
        counted, months = count_treatment(db), count_by_month(db, now - timedelta(days=366))
    told = {"at": now, "agent": agent, "counted": counted, "months": months, "delay": report_labels.delay}
    return make_response(render_template("staff/report_delays.html", **told, **_words()))


@pages.get("/introuvables")
@for_readers
def unfound(agent: Agent) -> Response:
    """The titles searched in vain over three months, the most wanted first."""
    now = datetime.now(UTC)
    with session() as db:
        titles = list_unfound(db, (now - timedelta(days=_DAYS)).date(), _UNFOUND)
    told = {"at": now, "agent": agent, "titles": titles, "days": _DAYS, "fewest": FEWEST}
    return make_response(render_template("staff/unfound.html", **told))
