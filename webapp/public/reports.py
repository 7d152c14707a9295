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
from domain.common.text import clean
from domain.db.engine import writing
from domain.linking.redirects import standing_film
from domain.models.agent import AuditLine
from domain.models.film import Film
from domain.models.judgement import Judgement
from domain.models.offer import Offer
from domain.models.platform import Platform
from domain.offers.availability import available_offers, linked
from domain.reports.reports import (
    LONGEST_MESSAGE,
    LONGEST_TITLE,
    Crowded,
    Receipt,
    Said,
    count_treatment,
    find_report,
    read_number,
    receive,
    same_report,
)
from webapp.core import antispam, context, report_labels
from webapp.core.context import Refusal, engine, page, session
from webapp.core.i18n import gettext
from webapp.core.offer_labels import Line, rows

pages = Blueprint("reports", __name__)
_FOLLOWED = ("recu", "deja")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a report is about: a film, one of its offers with the service that makes it, or neither.

    `lines` are those of the service under the same access, where there are several to choose from.
    """

    film: Film | None = None
    offer: Offer | None = None
    platform: Platform | None = None
    lines: Sequence[Line] = ()


@dataclass(slots=True)
class Draft:
    """A form as it is shown: what was typed, and what keeps it from being taken, by field (« » for the whole)."""

    typed: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    mark: str = ""


def _read_id(values: MultiDict[str, str], name: str) -> int | None:
    """The number under a name; None when there is none. Raises Refusal when it is not a number."""
    text = values.get(name, "")
    if not text:
        return None
    if not (number := context.read_number(text)):
        raise Refusal(gettext("Le paramètre « %(name)s » attend un numéro.") % {"name": name})
    return number


def _read_subject(db: Session, values: MultiDict[str, str]) -> Subject:
    """The film and the offer named, or 404, as for an offer that is of another film; an offer tells its film."""
    film_id, offer_id = _read_id(values, "film"), _read_id(values, "offre")
    offer = platform = None
    if offer_id is not None:
        found = db.exec(linked(select(Offer, Platform, Judgement.film_id)).where(col(Offer.id) == offer_id)).first()
        if found is None or film_id not in (None, found[2]):
            abort(404)
        offer, platform, film_id = found
    film = standing_film(db, film_id) if film_id is not None else None
    if film_id is not None and film is None:
        abort(404)
    return Subject(film, offer, platform, _lines(db, film, offer, platform) if film and offer and platform else ())


def _lines(db: Session, film: Film, offer: Offer, platform: Platform) -> Sequence[Line]:
    """The lines that the film's page shows beside the offer's; none when that one is alone, or is shown no more."""
    offers = available_offers(db, film.id, datetime.now(UTC))
    alike = [shown for shown in offers if (shown.platform.id, shown.offer.access) == (platform.id, offer.access)]
    lines = rows(alike)[0].lines if alike else []
    return lines if len(lines) > 1 and offer.id in {line.offer.id for line in lines} else ()


def _show(template: str, draft: Draft, status: int = 200, **facts: Any) -> Response:
    draft.mark = draft.mark or antispam.new_mark()
    told = {
        "at": datetime.now(UTC),
        "draft": draft,
        "lure": antispam.LURE,
        "longest": LONGEST_MESSAGE,
        "longest_title": LONGEST_TITLE,
    }
    answer = make_response(render_template(template, **told, **facts), status)
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _send(draft: Draft, said: Said | None, template: str, **facts: Any) -> AnyResponse:
    """Takes a report in and leads to its page; or shows the form again, with what was typed and why it is not taken."""
    checked = antispam.check_form(request.form)
    draft.mark = checked.mark
    if checked.problem:
        draft.problems.setdefault("", checked.problem)
    if draft.problems or said is None:
        return _show(template, draft, 400, **facts)
    receipt = _known(said)
    if receipt is None and not antispam.spend(draft.mark):
        draft.mark = antispam.new_mark()
        draft.problems[""] = gettext("Cette page a déjà servi à un envoi. Attendez un instant, puis envoyez de nouveau.")
        return _show(template, draft, 400, **facts)
    try:
        receipt = receipt or _keep(said)
    except Crowded:
        return _crowded(template, draft, **facts)
    return redirect(url_for(".follow", number=receipt.number, suite="deja" if receipt.again else "recu"), 303)


def _known(said: Said) -> Receipt | None:
    """The receipt of the same report, received within a day: whoever sends twice has its number."""
    with session() as db:
        first = same_report(db, said, datetime.now(UTC))
    return Receipt(first, again=True) if first else None


def _keep(said: Said) -> Receipt:
    with writing(engine()) as db:
        return receive(db, said, datetime.now(UTC))


def _crowded(template: str, draft: Draft, **facts: Any) -> Response:
    draft.mark = antispam.new_mark()
    draft.problems[""] = gettext(
        "Trop de signalements sont arrivés depuis une heure. Gardez votre texte, et envoyez-le plus tard."
    )
    answer = _show(template, draft, 429, **facts)
    answer.headers["Retry-After"] = "1800"
    return answer


def _typed(name: str, longest: int, draft: Draft) -> str:
    """One field as it may be kept; what is too long is shown again, and refused."""
    text = clean(request.form.get(name, ""))
    draft.typed[name] = text
    if len(text) > longest:
        told = gettext("%(longest)s caractères au plus : il y en a %(number)s.")
        draft.problems[name] = told % {"longest": longest, "number": len(text)}
    return text


@pages.get("/signaler")
def form() -> Response:
    """Says what is wrong with a film (`film`), with one of its offers (`offre`), or with anything else."""
    with session() as db:
        subject = _read_subject(db, request.args)
    return _show("public/reports/form.html", Draft(), subject=subject, complaints=_choices())


def _choices() -> dict[Complaint, str]:
    return {word: told for word, told in report_labels.complaints().items() if word is not Complaint.MISSING_FILM}


@pages.post("/signaler")
def send() -> AnyResponse:
    """Takes what a reader says is wrong."""
    with session() as db:
        subject = _read_subject(db, request.form)
    draft, choices = Draft(), _choices()
    chosen = request.form.get("plainte", "")
    draft.typed["plainte"] = chosen if chosen in list(choices) else ""
    if not draft.typed["plainte"]:
        draft.problems["plainte"] = gettext("Choisissez ce qui ne va pas.")
    message = _typed("message", LONGEST_MESSAGE, draft)
    if not message and (chosen == Complaint.OTHER or subject.film is None):
        draft.problems["message"] = gettext("Dites en une phrase ce qui ne va pas.")
    said = None
    if not draft.problems:
        film, offer = subject.film, subject.offer
        said = Said(Complaint(chosen), film.id if film else None, offer.id if offer else None, message=message)
    return _send(draft, said, "public/reports/form.html", subject=subject, complaints=choices)


@pages.get("/introuvable")
def missing() -> Response:
    """Says that a film is not in the base; `titre` fills the first field."""
    title = clean(request.args.get("titre", ""))[:LONGEST_TITLE]
    return _show("public/reports/missing.html", Draft({"titre": title}))


@pages.post("/introuvable")
def send_missing() -> AnyResponse:
    """Takes the title, the year and the director of a film that is not in the base, as far as the reader knows."""
    draft = Draft()
    title, year = _typed("titre", LONGEST_TITLE, draft), _typed("annee", 10, draft)
    director = _typed("realisation", LONGEST_TITLE, draft)
    if not title:
        draft.problems["titre"] = gettext("Écrivez le titre du film.")
    if year and not re.fullmatch(r"(18|19|20)\d\d", year, re.ASCII):
        draft.problems["annee"] = gettext("L’année s’écrit en quatre chiffres, par exemple 1966.")
    told = "\u00a0; ".join(part for part in (year, director) if part)
    said = None if draft.problems else Said(Complaint.MISSING_FILM, title=title, message=told)
    return _send(draft, said, "public/reports/missing.html")


@pages.get("/signalements")
def treatment() -> AnyResponse:
    """How reports are treated, in figures; `numero` leads to the page of one."""
    typed = request.args.get("numero", "")[:40]
    number = read_number(typed)
    if number:
        return redirect(url_for(".follow", number=number), 303)
    with session() as db:
        counted = count_treatment(db)
    kinds = {word: told for word, told in report_labels.complaints().items() if counted.received(word)}
    facts = {"counted": counted, "kinds": kinds, "typed": typed, "delay": report_labels.delay}
    answer = page("public/reports/treatment.html", datetime.now(UTC), **facts)
    answer.status_code = 400 if typed else 200
    return answer


@pages.get("/signalements/<number>")
def follow(number: str) -> AnyResponse:
    """What became of a report: its kind, its film, its state, the agents' answer; never what the reader wrote."""
    known, since = read_number(number), request.args.get("suite")
    if since not in (None, *_FOLLOWED):
        raise Refusal(gettext("Le paramètre « %(name)s » n’a pas cette valeur.") % {"name": "suite"})
    if known != number and known is not None:
        return redirect(url_for(".follow", number=known), 301)
    with session() as db:
        report = find_report(db, known) if known else None
        film = standing_film(db, report.film_id) if report and report.film_id else None
        act = db.get(AuditLine, report.correction_id) if report and report.correction_id else None
    if report is None:
        abort(404)
    words = {"complaints": report_labels.complaints(), "states": report_labels.states(), "meanings": report_labels.meanings()}
    told = {"act": act, "corrections": report_labels.corrections()}
    return page("public/reports/follow.html", datetime.now(UTC), report=report, film=film, since=since, **words, **told)
