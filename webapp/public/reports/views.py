"""Serve the forms of reports, the page of each report, and the figures of how they are treated."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from domain.common.enums import Complaint
from domain.common.text import clean_text
from domain.linking.redirects import get_canonical_film
from domain.models.agent import AuditLine
from domain.reports.reports import (
    MAX_MESSAGE_LENGTH,
    MAX_TITLE_LENGTH,
    NewReport,
    compute_report_statistics,
    find_report,
    parse_report_number,
)
from webapp.core import report_labels
from webapp.core.context import RequestError, open_db_session, render_page
from webapp.core.i18n import gettext
from webapp.public.reports.draft import DUPLICATE_STATE, RECEIVED_STATE, ReportDraft, ReportForm, submit_report
from webapp.public.reports.subject import ReportSubject, load_subject

bp = Blueprint("reports", __name__)
_YEAR_PATTERN = re.compile(r"(18|19|20)\d\d", re.ASCII)
_MAX_YEAR_LENGTH = 10
_MAX_NUMBER_LENGTH = 40
_MISSING_FORM = ReportForm("public/reports/missing.html")


def _build_report_form(subject: ReportSubject, complaints: Mapping[Complaint, str]) -> ReportForm:
    return ReportForm("public/reports/form.html", {"subject": subject, "complaints": complaints})


def _list_complaint_choices() -> dict[Complaint, str]:
    choices = report_labels.get_complaint_labels()
    del choices[Complaint.MISSING_FILM]
    return choices


@bp.get("/signaler")
def show_report_form() -> Response:
    """Show the form about a film (`film`), one of its offers (`offre`), or anything else."""
    with open_db_session() as db:
        subject = load_subject(db, request.args)
    return _build_report_form(subject, _list_complaint_choices()).render(ReportDraft())


@bp.post("/signaler")
def send_report() -> AnyResponse:
    """Receive what a reader reports."""
    with open_db_session() as db:
        subject = load_subject(db, request.form)
    draft = ReportDraft()
    complaints = _list_complaint_choices()
    complaint = _read_complaint(draft, complaints)
    message = draft.read_field("message", MAX_MESSAGE_LENGTH)
    if not message and (complaint is Complaint.OTHER or subject.film is None):
        draft.problems["message"] = gettext("Dites en une phrase ce qui ne va pas.")
    new_report = None
    if complaint is not None and not draft.problems:
        film_id = subject.film.id if subject.film else None
        offer_id = subject.offer.id if subject.offer else None
        new_report = NewReport(complaint, film_id, offer_id, message=message)
    return submit_report(_build_report_form(subject, complaints), draft, new_report)


def _read_complaint(draft: ReportDraft, complaints: Mapping[Complaint, str]) -> Complaint | None:
    text = request.form.get("plainte", "")
    complaint = next((choice for choice in complaints if choice == text), None)
    draft.typed["plainte"] = complaint or ""
    if complaint is None:
        draft.problems["plainte"] = gettext("Choisissez ce qui ne va pas.")
    return complaint


@bp.get("/introuvable")
def show_missing_form() -> Response:
    """Show the form about a film that the database lacks; `titre` fills the first field."""
    title = clean_text(request.args.get("titre", ""))[:MAX_TITLE_LENGTH]
    return _MISSING_FORM.render(ReportDraft({"titre": title}))


@bp.post("/introuvable")
def send_missing_film() -> AnyResponse:
    """Receive the title, the year and the director of a film that the database lacks, as far as the reader knows."""
    draft = ReportDraft()
    title = draft.read_field("titre", MAX_TITLE_LENGTH)
    year = draft.read_field("annee", _MAX_YEAR_LENGTH)
    director = draft.read_field("realisation", MAX_TITLE_LENGTH)
    if not title:
        draft.problems["titre"] = gettext("Écrivez le titre du film.")
    if year and not _YEAR_PATTERN.fullmatch(year):
        draft.problems["annee"] = gettext("L’année s’écrit en quatre chiffres, par exemple 1966.")
    new_report = None
    if not draft.problems:
        details = "\u00a0; ".join(filter(None, (year, director)))
        new_report = NewReport(Complaint.MISSING_FILM, title=title, message=details)
    return submit_report(_MISSING_FORM, draft, new_report)


@bp.get("/signalements")
def show_report_statistics() -> AnyResponse:
    """Show how reports are treated, in figures; `numero` redirects to the page of one."""
    typed = request.args.get("numero", "")[:_MAX_NUMBER_LENGTH]
    number = parse_report_number(typed)
    if number:
        return redirect(url_for(".show_report", number=number), 303)
    with open_db_session() as db:
        statistics = compute_report_statistics(db)
    labels = report_labels.get_complaint_labels()
    response = render_page(
        "public/reports/treatment.html",
        datetime.now(UTC),
        statistics=statistics,
        kinds={complaint: label for complaint, label in labels.items() if statistics.count_received(complaint)},
        typed=typed,
        format_delay=report_labels.format_delay,
    )
    response.status_code = 400 if typed else 200
    return response


@bp.get("/signalements/<number>")
def show_report(number: str) -> AnyResponse:
    """Show what became of a report: its kind, its film, its state, the agents' answer; never what the reader wrote."""
    canonical_number = parse_report_number(number)
    outcome = request.args.get("suite")
    if outcome not in (None, RECEIVED_STATE, DUPLICATE_STATE):
        raise RequestError(gettext("Le paramètre « %(name)s » n’a pas cette valeur.") % {"name": "suite"})
    if canonical_number is None:
        abort(404)
    if canonical_number != number:
        return redirect(url_for(".show_report", number=canonical_number), 301)
    with open_db_session() as db:
        report = find_report(db, canonical_number)
        if report is None:
            abort(404)
        film = get_canonical_film(db, report.film_id) if report.film_id else None
        correction = db.get(AuditLine, report.correction_id) if report.correction_id else None
    return render_page(
        "public/reports/follow.html",
        datetime.now(UTC),
        report=report,
        film=film,
        correction=correction,
        outcome=outcome,
        complaints=report_labels.get_complaint_labels(),
        states=report_labels.get_state_labels(),
        state_descriptions=report_labels.get_state_descriptions(),
        corrections=report_labels.get_correction_labels(),
    )
