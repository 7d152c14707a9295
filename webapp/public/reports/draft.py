"""Show a report's form, check what was sent, and store it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from domain.common.text import clean_text
from domain.db.engine import write_session
from domain.reports.reports import (
    MAX_MESSAGE_LENGTH,
    MAX_TITLE_LENGTH,
    NewReport,
    ReportReceipt,
    TooManyReportsError,
    create_report,
    find_duplicate_number,
)
from webapp.core import antispam
from webapp.core.context import get_engine, open_db_session
from webapp.core.i18n import gettext

RECEIVED_STATE = "recu"
DUPLICATE_STATE = "deja"
_OVERLOAD_RETRY_SECONDS = 1_800


@dataclass(slots=True)
class ReportDraft:
    """Hold a form as it is shown: what was typed, and what keeps it from being taken, by field (« » for the whole form)."""

    typed: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def read_field(self, name: str, max_length: int) -> str:
        """Read a field of the form, cleaned; what is too long is shown again, and refused."""
        text = clean_text(request.form.get(name, ""))
        self.typed[name] = text
        if len(text) > max_length:
            message = gettext("%(limit)s caractères au plus : il y en a %(length)s.")
            self.problems[name] = message % {"limit": max_length, "length": len(text)}
        return text


@dataclass(frozen=True, slots=True)
class ReportForm:
    """Name a form's template, and the variables that it needs besides the draft."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)

    def render(self, draft: ReportDraft, status: int = 200) -> Response:
        """Render the form with a draft, under a new token unless the draft has one."""
        draft.token = draft.token or antispam.create_token()
        page = render_template(
            self.template,
            at=datetime.now(UTC),
            draft=draft,
            honeypot_field=antispam.HONEYPOT_FIELD,
            max_message_length=MAX_MESSAGE_LENGTH,
            max_title_length=MAX_TITLE_LENGTH,
            **self.context,
        )
        response = make_response(page, status)
        response.headers["Cache-Control"] = "no-cache"
        return response


def submit_report(form: ReportForm, draft: ReportDraft, new_report: NewReport | None) -> AnyResponse:
    """Store a report and redirect to its page; or show the form again, with what was typed and why it is refused."""
    check = antispam.check_form(request.form)
    draft.token = check.token
    if check.problem:
        draft.problems.setdefault("", check.problem)
    if draft.problems or new_report is None:
        return form.render(draft, 400)
    receipt = _find_duplicate(new_report)
    if receipt is None and not antispam.consume_token(draft.token):
        draft.token = antispam.create_token()
        draft.problems[""] = gettext("Cette page a déjà servi à un envoi. Attendez un instant, puis envoyez de nouveau.")
        return form.render(draft, 400)
    try:
        receipt = receipt or _save_report(new_report)
    except TooManyReportsError:
        return _refuse_overload(form, draft)
    state = DUPLICATE_STATE if receipt.is_duplicate else RECEIVED_STATE
    return redirect(url_for(".show_report", number=receipt.number, suite=state), 303)


def _find_duplicate(new_report: NewReport) -> ReportReceipt | None:
    """Return the receipt of the same report received within a day: whoever sends twice has its number."""
    with open_db_session() as db:
        number = find_duplicate_number(db, new_report, datetime.now(UTC))
    return ReportReceipt(number, is_duplicate=True) if number else None


def _save_report(new_report: NewReport) -> ReportReceipt:
    with write_session(get_engine()) as db:
        return create_report(db, new_report, datetime.now(UTC))


def _refuse_overload(form: ReportForm, draft: ReportDraft) -> Response:
    draft.token = antispam.create_token()
    draft.problems[""] = gettext(
        "Trop de signalements sont arrivés depuis une heure. Gardez votre texte, et envoyez-le plus tard."
    )
    response = form.render(draft, 429)
    response.headers["Retry-After"] = str(_OVERLOAD_RETRY_SECONDS)
    return response
