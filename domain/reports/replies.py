"""Readers' reports answered by agents, and forgotten in time; the titles that nobody finds."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import Session, col, func, or_, select

from domain.accounts.audit_trail import log_audit_event
from domain.common.enums import CaseCause, ReportState, Verdict
from domain.common.errors import UserError
from domain.common.paris_time import get_paris_date
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
"""How long what a reader wrote is kept after its answer, and a title searched in vain."""
MIN_TITLE_SEARCHES = 3
"""A title asked for less often is not shown: it could tell of one person."""
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
    """Writes what became of a report, and its trace; `seen` is the state that the agent had on screen.

    `correction_id` is the act that put it right. Raises Problem when the report is unknown, was answered meanwhile, is settled
    without a word to the reader, or when the act is not one that could.
    """
    asked = select(ReaderReport).where(ReaderReport.number == number).with_for_update()
    report = session.exec(asked).first()
    if report is None:
        raise UserError(f"signalement inconnu : {number}")
    if report.state is not seen_state:
        raise UserError("ce signalement a changé d'état entre-temps : relisez-le avant de répondre")
    if state is ReportState.RECEIVED:
        raise UserError("un signalement ne redevient pas « reçu » : choisissez un autre état")
    if state not in PENDING_STATES and not answer:
        raise UserError("une réponse au lecteur est attendue")
    if correction_id is not None:
        _check_correction(session, report, state, correction_id)
    before = {"state": report.state, "answer": report.answer, "correction": report.correction_id}
    report.state, report.answer, report.who, report.correction_id = state, answer, agent.login, correction_id
    report.decided_at = None if state in PENDING_STATES else now
    session.add(report)
    detail = {"number": number, "state": state, "answer": answer}
    after = {"state": state, "answer": answer, "correction": correction_id}
    log_audit_event(session, now, agent.id, "report", film_id=report.film_id, detail=detail, before=before, after=after)
    return report


def _check_correction(session: Session, report: ReaderReport, state: ReportState, correction_id: int) -> None:
    if state is not ReportState.CORRECTED:
        raise UserError("seul un signalement corrigé nomme l'acte qui l'a corrigé")
    if correction_id not in {act.id for act in list_corrections(session, report)}:
        raise UserError("cet acte ne porte pas sur ce film ni sur cette ligne : relisez le signalement")


def send_report_to_review(session: Session, number: str, agent: Agent, now: datetime) -> int:
    """Asks the desk whether the offer reported is this film; the number of the case, which may wait there already.

    Raises Problem when the report names no offer, or when its offer is linked to no film any more.
    """
    report = session.exec(select(ReaderReport).where(ReaderReport.number == number).with_for_update()).first()
    offer = session.get(Offer, report.offer_id) if report and report.offer_id else None
    if report is None or offer is None:
        raise UserError(_NO_LINK_MESSAGE)
    case, film_id = _get_or_open_case(session, offer.entry_id, now)
    if report.state is ReportState.RECEIVED:
        report.state, report.who = ReportState.ONGOING, agent.login
        session.add(report)
    told: dict[str, Any] = {"case_id": case.id, "entry_id": offer.entry_id, "film_id": film_id}
    log_audit_event(session, now, agent.id, "report-to-desk", **told, detail={"number": number})
    return case.id or 0


def send_link_to_review(session: Session, entry_id: int, agent: Agent, now: datetime) -> int:
    """Asks the desk, for an agent who doubts it, whether an entry is its film; the number of the case, which may wait already.

    Raises Problem when the entry is linked to no film any more.
    """
    case, film_id = _get_or_open_case(session, entry_id, now)
    log_audit_event(session, now, agent.id, "link-to-desk", case_id=case.id, entry_id=entry_id, film_id=film_id)
    return case.id or 0


def _get_or_open_case(session: Session, entry_id: int, now: datetime) -> tuple[ReviewCase, int]:
    """The case that asks whether an entry is the film that it is linked to, and that film."""
    live = get_live_judgement(session, entry_id)
    if live is None or live.verdict is not Verdict.SAME or live.film_id is None:
        raise UserError(_NO_LINK_MESSAGE)
    waiting = _find_open_case(session, entry_id)
    if waiting is None:
        film = session.get_one(Film, live.film_id)
        request_review(
            session, entry_id, None, ReviewRequest(CaseCause.REPORT, film.id, live.probability, "", film.popularity), now
        )
        session.flush()
        waiting = _find_open_case(session, entry_id)
    assert waiting is not None
    return waiting, live.film_id


def _find_open_case(session: Session, entry_id: int) -> ReviewCase | None:
    return session.exec(select(ReviewCase).where(ReviewCase.entry_id == entry_id, col(ReviewCase.closed_at).is_(None))).first()


def list_reports(session: Session, states: Sequence[ReportState], offset: int, limit: int) -> Sequence[ReaderReport]:
    """The reports in some states, those that wait the longest first."""
    asked = select(ReaderReport).where(col(ReaderReport.state).in_(states)).order_by(col(ReaderReport.id))
    return session.exec(asked.offset(offset).limit(limit)).all()


def erase_report_messages(session: Session, now: datetime) -> int:
    """Erases what readers wrote in reports answered a year ago; how many."""
    written = or_(col(ReaderReport.message) != "", col(ReaderReport.title) != "")
    old = update(ReaderReport).where(col(ReaderReport.decided_at) <= now - MESSAGE_RETENTION, written)
    return session.exec(old.values(message="", title="")).rowcount


def erase_unfound_titles(session: Session, now: datetime) -> int:
    """Erases the titles searched in vain ninety days ago and before; how many lines."""
    return session.exec(delete(UnfoundTitle).where(col(UnfoundTitle.day) <= get_paris_date(now) - TITLE_RETENTION)).rowcount


def list_unfound_titles(session: Session, since: date, limit: int) -> list[tuple[str, int]]:
    """Titles searched in vain since a day, the most wanted first, with how many times."""
    total = func.sum(UnfoundTitle.count)
    asked = select(UnfoundTitle.key, total).where(col(UnfoundTitle.day) >= since).group_by(col(UnfoundTitle.key))
    found = session.exec(asked.having(total >= MIN_TITLE_SEARCHES).order_by(total.desc(), col(UnfoundTitle.key)).limit(limit))
    return [(key, int(number)) for key, number in found]
