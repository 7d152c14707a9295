"""Readers say what is wrong, and follow what becomes of it: no account, no name, a number."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from sqlmodel import Session, col, select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from domain.common.enums import Complaint
from domain.common.text import clean_text
from domain.db.engine import write_session
from domain.linking.redirects import get_canonical_film
from domain.models.agent import AuditLine
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.offers.availability import available_offers, join_linked_offers
from domain.reports.reports import (
    MAX_MESSAGE_LENGTH,
    MAX_TITLE_LENGTH,
    NewReport,
    ReportReceipt,
    TooManyReportsError,
    compute_report_statistics,
    create_report,
    find_duplicate_number,
    find_report,
    parse_report_number,
)
from webapp.core import antispam, context, report_labels
from webapp.core.context import RequestError, get_engine, open_db_session, render_page
from webapp.core.i18n import gettext
from webapp.core.offer_labels import OfferLine, group_by_service

bp = Blueprint("reports", __name__)
_RECEIPT_STATES = ("recu", "deja")


@dataclass(frozen=True, slots=True)
class ReportSubject:
    """What a report is about: a film, one of its offers with the service that makes it, or neither.

    `lines` are those of the service under the same access, where there are several to choose from.
    """

    film: Film | None = None
    offer: Offer | None = None
    platform: Platform | None = None
    lines: Sequence[OfferLine] = ()


@dataclass(slots=True)
class ReportDraft:
    """A form as it is shown: what was typed, and what keeps it from being taken, by field (« » for the whole)."""

    typed: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    token: str = ""


def _parse_id_field(values: MultiDict[str, str], name: str) -> int | None:
    """The number under a name; None when there is none. Raises Refusal when it is not a number."""
    text = values.get(name, "")
    if not text:
        return None
    if not (number := context.parse_id(text)):
        raise RequestError(gettext("Le paramètre « %(name)s » attend un numéro.") % {"name": name})
    return number


def _load_subject(db: Session, values: MultiDict[str, str]) -> ReportSubject:
    """The film and the offer named, or 404, as for an offer that is of another film; an offer tells its film."""
    film_id, offer_id = _parse_id_field(values, "film"), _parse_id_field(values, "offre")
    offer = platform = None
    if offer_id is not None:
        found = db.exec(join_linked_offers(select(Offer, Platform, Judgement.film_id)).where(col(Offer.id) == offer_id)).first()
        if found is None or film_id not in (None, found[2]):
            abort(404)
        offer, platform, film_id = found
    film = get_canonical_film(db, film_id) if film_id is not None else None
    if film_id is not None and film is None:
        abort(404)
    return ReportSubject(
        film, offer, platform, _list_sibling_lines(db, film, offer, platform) if film and offer and platform else ()
    )


def _list_sibling_lines(db: Session, film: Film, offer: Offer, platform: Platform) -> Sequence[OfferLine]:
    """The lines that the film's page shows beside the offer's; none when that one is alone, or is shown no more."""
    offers = available_offers(db, film.id, datetime.now(UTC))
    alike = [shown for shown in offers if (shown.platform.id, shown.offer.access) == (platform.id, offer.access)]
    lines = group_by_service(alike)[0].lines if alike else []
    return lines if len(lines) > 1 and offer.id in {line.offer.id for line in lines} else ()


def _render_form(template: str, draft: ReportDraft, status: int = 200, **facts: Any) -> Response:
    draft.token = draft.token or antispam.create_token()
    told = {
        "at": datetime.now(UTC),
        "draft": draft,
        "lure": antispam.HONEYPOT_FIELD,
        "longest": MAX_MESSAGE_LENGTH,
        "longest_title": MAX_TITLE_LENGTH,
    }
    answer = make_response(render_template(template, **told, **facts), status)
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _submit_report(draft: ReportDraft, new_report: NewReport | None, template: str, **facts: Any) -> AnyResponse:
    """Takes a report in and leads to its page; or shows the form again, with what was typed and why it is not taken."""
    checked = antispam.check_form(request.form)
    draft.token = checked.token
    if checked.problem:
        draft.problems.setdefault("", checked.problem)
    if draft.problems or new_report is None:
        return _render_form(template, draft, 400, **facts)
    receipt = _find_duplicate(new_report)
    if receipt is None and not antispam.consume_token(draft.token):
        draft.token = antispam.create_token()
        draft.problems[""] = gettext("Cette page a déjà servi à un envoi. Attendez un instant, puis envoyez de nouveau.")
        return _render_form(template, draft, 400, **facts)
    try:
        receipt = receipt or _save_report(new_report)
    except TooManyReportsError:
        return _refuse_overload(template, draft, **facts)
    return redirect(url_for(".show_report", number=receipt.number, suite="deja" if receipt.is_duplicate else "recu"), 303)


def _find_duplicate(new_report: NewReport) -> ReportReceipt | None:
    """The receipt of the same report, received within a day: whoever sends twice has its number."""
    with open_db_session() as db:
        first = find_duplicate_number(db, new_report, datetime.now(UTC))
    return ReportReceipt(first, is_duplicate=True) if first else None


def _save_report(new_report: NewReport) -> ReportReceipt:
    with write_session(get_engine()) as db:
        return create_report(db, new_report, datetime.now(UTC))


def _refuse_overload(template: str, draft: ReportDraft, **facts: Any) -> Response:
    draft.token = antispam.create_token()
    draft.problems[""] = gettext(
        "Trop de signalements sont arrivés depuis une heure. Gardez votre texte, et envoyez-le plus tard."
    )
    answer = _render_form(template, draft, 429, **facts)
    answer.headers["Retry-After"] = "1800"
    return answer


def _read_field(name: str, max_length: int, draft: ReportDraft) -> str:
    """One field as it may be kept; what is too long is shown again, and refused."""
    text = clean_text(request.form.get(name, ""))
    draft.typed[name] = text
    if len(text) > max_length:
        told = gettext("%(longest)s caractères au plus : il y en a %(number)s.")
        draft.problems[name] = told % {"longest": max_length, "number": len(text)}
    return text


@bp.get("/signaler")
def show_report_form() -> Response:
    """Says what is wrong with a film (`film`), with one of its offers (`offre`), or with anything else."""
    with open_db_session() as db:
        subject = _load_subject(db, request.args)
    return _render_form("public/reports/form.html", ReportDraft(), subject=subject, complaints=_list_complaint_choices())


def _list_complaint_choices() -> dict[Complaint, str]:
    return {word: told for word, told in report_labels.get_complaint_labels().items() if word is not Complaint.MISSING_FILM}


@bp.post("/signaler")
def send_report() -> AnyResponse:
    """Takes what a reader says is wrong."""
    with open_db_session() as db:
        subject = _load_subject(db, request.form)
    draft, choices = ReportDraft(), _list_complaint_choices()
    chosen = request.form.get("plainte", "")
    draft.typed["plainte"] = chosen if chosen in list(choices) else ""
    if not draft.typed["plainte"]:
        draft.problems["plainte"] = gettext("Choisissez ce qui ne va pas.")
    message = _read_field("message", MAX_MESSAGE_LENGTH, draft)
    if not message and (chosen == Complaint.OTHER or subject.film is None):
        draft.problems["message"] = gettext("Dites en une phrase ce qui ne va pas.")
    said = None
    if not draft.problems:
        film, offer = subject.film, subject.offer
        said = NewReport(Complaint(chosen), film.id if film else None, offer.id if offer else None, message=message)
    return _submit_report(draft, said, "public/reports/form.html", subject=subject, complaints=choices)


@bp.get("/introuvable")
def show_missing_form() -> Response:
    """Says that a film is not in the base; `titre` fills the first field."""
    title = clean_text(request.args.get("titre", ""))[:MAX_TITLE_LENGTH]
    return _render_form("public/reports/missing.html", ReportDraft({"titre": title}))


@bp.post("/introuvable")
def send_missing_film() -> AnyResponse:
    """Takes the title, the year and the director of a film that is not in the base, as far as the reader knows."""
    draft = ReportDraft()
    title, year = _read_field("titre", MAX_TITLE_LENGTH, draft), _read_field("annee", 10, draft)
    director = _read_field("realisation", MAX_TITLE_LENGTH, draft)
    if not title:
        draft.problems["titre"] = gettext("Écrivez le titre du film.")
    if year and not re.fullmatch(r"(18|19|20)\d\d", year, re.ASCII):
        draft.problems["annee"] = gettext("L’année s’écrit en quatre chiffres, par exemple 1966.")
    told = "\u00a0; ".join(part for part in (year, director) if part)
    said = None if draft.problems else NewReport(Complaint.MISSING_FILM, title=title, message=told)
    return _submit_report(draft, said, "public/reports/missing.html")


@bp.get("/signalements")
def show_report_statistics() -> AnyResponse:
    """How reports are treated, in figures; `numero` leads to the page of one."""
    typed = request.args.get("numero", "")[:40]
    number = parse_report_number(typed)
    if number:
        return redirect(url_for(".show_report", number=number), 303)
    with open_db_session() as db:
        counted = compute_report_statistics(db)
    kinds = {word: told for word, told in report_labels.get_complaint_labels().items() if counted.count_received(word)}
    facts = {"counted": counted, "kinds": kinds, "typed": typed, "delay": report_labels.format_delay}
    answer = render_page("public/reports/treatment.html", datetime.now(UTC), **facts)
    answer.status_code = 400 if typed else 200
    return answer


@bp.get("/signalements/<number>")
def show_report(number: str) -> AnyResponse:
    """What became of a report: its kind, its film, its state, the agents' answer; never what the reader wrote."""
    known, since = parse_report_number(number), request.args.get("suite")
    if since not in (None, *_RECEIPT_STATES):
        raise RequestError(gettext("Le paramètre « %(name)s » n’a pas cette valeur.") % {"name": "suite"})
    if known != number and known is not None:
        return redirect(url_for(".show_report", number=known), 301)
    with open_db_session() as db:
        report = find_report(db, known) if known else None
        film = get_canonical_film(db, report.film_id) if report and report.film_id else None
        act = db.get(AuditLine, report.correction_id) if report and report.correction_id else None
    if report is None:
        abort(404)
    words = {
        "complaints": report_labels.get_complaint_labels(),
        "states": report_labels.get_state_labels(),
        "meanings": report_labels.get_state_descriptions(),
    }
    told = {"act": act, "corrections": report_labels.get_correction_labels()}
    return render_page("public/reports/follow.html", datetime.now(UTC), report=report, film=film, since=since, **words, **told)
