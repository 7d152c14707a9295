"""Reply to readers' reports, send doubtful links to review, and erase in time what readers wrote or searched in vain."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, update
from sqlmodel import Session, col, func, or_, select

from domain.accounts.audit_trail import log_audit_event
from domain.common.enums import CaseCause, ReportState, Verdict
from domain.common.errors import UserError
from domain.common.paris_time import get_paris_date
from domain.linking.cases import is_open_case
from domain.linking.judgements import get_live_judgement
from domain.models.agent import Agent
from domain.models.film import Film
from domain.models.offer import Offer
from domain.models.public_use import UnfoundTitle
from domain.models.reader_report import ReaderReport
from domain.models.review_case import ReviewCase
from domain.reports.corrections import list_corrections
from domain.reports.reports import PENDING_STATES
from domain.review.queue import ReviewRequest, request_review

MESSAGE_RETENTION, TITLE_RETENTION = timedelta(days=365), timedelta(days=90)
"""How long a reader's message is kept after the reply, and a title searched in vain."""
MIN_TITLE_SEARCHES = 3
"""A title searched less often is not shown: it could identify a person."""
_NO_LINK_MESSAGE = "aucun film n'est relié à cette offre : il n'y a pas de lien à revoir"


def answer_report(
    session: Session,
    number: str,
    agent: Agent,
    seen_state: ReportState,
    state: ReportState,
    answer: str,
    now: datetime,
    correction_id: int | None = None,
) -> ReaderReport:
    """Record the reply to a report and its audit event; `seen_state` is the state that the agent had on screen.

    `correction_id` is the audited action that corrected it. Raises UserError when the report is unknown or was answered
    meanwhile, when it is closed without an answer to the reader, or when the action could not have corrected it.
    """
    report = _get_report_for_update(session, number)
    if report is None:
        raise UserError(f"signalement inconnu : {number}")
    _check_reply(report, seen_state, state, answer)
    if correction_id is not None:
        _check_correction(session, report, state, correction_id)
    before = {"state": report.state, "answer": report.answer, "correction": report.correction_id}
    report.state = state
    report.answer = answer
    report.who = agent.login
    report.correction_id = correction_id
    report.decided_at = None if state in PENDING_STATES else now
    session.add(report)
    detail = {"number": number, "state": state, "answer": answer}
    after = {"state": state, "answer": answer, "correction": correction_id}
    log_audit_event(session, now, agent.id, "report", film_id=report.film_id, detail=detail, before=before, after=after)
    return report


def _get_report_for_update(session: Session, number: str) -> ReaderReport | None:
    """Return the report of a public number, locked until the transaction ends."""
    return session.exec(select(ReaderReport).where(ReaderReport.number == number).with_for_update()).first()


def _check_reply(report: ReaderReport, seen_state: ReportState, state: ReportState, answer: str) -> None:
    """Raise UserError when a report changed meanwhile, or cannot take a state with this answer."""
    if report.state is not seen_state:
        raise UserError("ce signalement a changé d'état entre-temps : relisez-le avant de répondre")
    if state is ReportState.RECEIVED:
        raise UserError("un signalement ne redevient pas « reçu » : choisissez un autre état")
    if state not in PENDING_STATES and not answer:
        raise UserError("une réponse au lecteur est attendue")


def _check_correction(session: Session, report: ReaderReport, state: ReportState, correction_id: int) -> None:
    """Raise UserError unless an audited action may have corrected a report."""
    if state is not ReportState.CORRECTED:
        raise UserError("seul un signalement corrigé nomme l'acte qui l'a corrigé")
    if correction_id not in {event.id for event in list_corrections(session, report)}:
        raise UserError("cet acte ne porte pas sur ce film ni sur cette ligne : relisez le signalement")


def send_report_to_review(session: Session, number: str, agent: Agent, now: datetime) -> int:
    """Queue the link of a reported offer for review; return the id of its case, which may have been open already.

    Raises UserError when the report names no offer, or when its offer is no longer linked to a film.
    """
    report = _get_report_for_update(session, number)
    offer = session.get(Offer, report.offer_id) if report and report.offer_id else None
    if report is None or offer is None:
        raise UserError(_NO_LINK_MESSAGE)
    case, film_id = _get_or_open_case(session, offer.entry_id, now)
    if report.state is ReportState.RECEIVED:
        report.state = ReportState.ONGOING
        report.who = agent.login
        session.add(report)
    log_audit_event(
        session,
        now,
        agent.id,
        "report-to-desk",
        case_id=case.id,
        entry_id=offer.entry_id,
        film_id=film_id,
        detail={"number": number},
    )
    return _get_case_id(case)


def send_link_to_review(session: Session, entry_id: int, agent: Agent, now: datetime) -> int:
    """Queue a link that an agent doubts for review; return the id of its case, which may have been open already.

    Raises UserError when the entry is no longer linked to a film.
    """
    case, film_id = _get_or_open_case(session, entry_id, now)
    log_audit_event(session, now, agent.id, "link-to-desk", case_id=case.id, entry_id=entry_id, film_id=film_id)
    return _get_case_id(case)


def _get_case_id(case: ReviewCase) -> int:
    assert case.id is not None
    return case.id


def _get_or_open_case(session: Session, entry_id: int, now: datetime) -> tuple[ReviewCase, int]:
    """Return the open case about an entry, opened now when there is none, and the id of the film it is linked to."""
    live = get_live_judgement(session, entry_id)
    if live is None or live.verdict is not Verdict.SAME or live.film_id is None:
        raise UserError(_NO_LINK_MESSAGE)
    case = _find_open_case(session, entry_id)
    if case is None:
        film = session.get_one(Film, live.film_id)
        review_request = ReviewRequest(CaseCause.REPORT, film.id, live.probability, "", film.popularity)
        request_review(session, entry_id, None, review_request, now)
        session.flush()
        case = _find_open_case(session, entry_id)
    assert case is not None
    return case, live.film_id


def _find_open_case(session: Session, entry_id: int) -> ReviewCase | None:
    stmt = select(ReviewCase).where(ReviewCase.entry_id == entry_id, is_open_case())
    return session.exec(stmt).first()


def list_reports(session: Session, states: Sequence[ReportState], offset: int, limit: int) -> Sequence[ReaderReport]:
    """Return the reports in some states, the oldest first."""
    stmt = select(ReaderReport).where(col(ReaderReport.state).in_(states)).order_by(col(ReaderReport.id))
    return session.exec(stmt.offset(offset).limit(limit)).all()


def erase_report_messages(session: Session, now: datetime) -> int:
    """Erase what readers wrote in reports answered a year ago; return how many reports changed."""
    has_text = or_(col(ReaderReport.message) != "", col(ReaderReport.title) != "")
    stmt = update(ReaderReport).where(col(ReaderReport.decided_at) <= now - MESSAGE_RETENTION, has_text)
    return session.exec(stmt.values(message="", title="")).rowcount


def erase_unfound_titles(session: Session, now: datetime) -> int:
    """Delete the titles searched in vain ninety days ago and before; return how many rows."""
    stmt = delete(UnfoundTitle).where(col(UnfoundTitle.day) <= get_paris_date(now) - TITLE_RETENTION)
    return session.exec(stmt).rowcount


def list_unfound_titles(session: Session, since: date, limit: int) -> list[tuple[str, int]]:
    """Return the titles searched in vain since a day, the most frequent first, with how many searches."""
    total = func.sum(UnfoundTitle.count)
    stmt = select(UnfoundTitle.key, total).where(col(UnfoundTitle.day) >= since).group_by(col(UnfoundTitle.key))
    stmt = stmt.having(total >= MIN_TITLE_SEARCHES).order_by(total.desc(), col(UnfoundTitle.key))
    return [(title_key, int(searches)) for title_key, searches in session.exec(stmt.limit(limit))]
