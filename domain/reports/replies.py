"""Readers' reports answered by agents, and forgotten in time; the titles that nobody finds."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import Session, col, func, or_, select

from domain.accounts.audit_trail import note
from domain.common.enums import CaseCause, ReportState, Verdict
from domain.common.errors import Problem
from domain.common.paris_time import day_in_paris
from domain.linking.judgements import live_judgement
from domain.models.agent import Agent
from domain.models.film import Film
from domain.models.offer import Offer
from domain.models.public_use import UnfoundTitle
from domain.models.reader_report import ReaderReport
from domain.models.review_case import ReviewCase
from domain.reports.corrections import corrections_for
from domain.reports.reports import WAITING
from domain.review.queue import Question, ask

KEPT, TITLES_KEPT = timedelta(days=365), timedelta(days=90)
"""How long what a reader wrote is kept after its answer, and a title searched in vain."""
FEWEST = 3
"""A title asked for less often is not shown: it could tell of one person."""
_NO_LINK = "aucun film n'est relié à cette offre : il n'y a pas de lien à revoir"


def answer_report(
    session: Session,
    number: str,
    agent: Agent,
    seen: ReportState,
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
        raise Problem(f"signalement inconnu : {number}")
    if report.state is not seen:
        raise Problem("ce signalement a changé d'état entre-temps : relisez-le avant de répondre")
    if state is ReportState.RECEIVED:
        raise Problem("un signalement ne redevient pas « reçu » : choisissez un autre état")
    if state not in WAITING and not answer:
        raise Problem("une réponse au lecteur est attendue")
    if correction_id is not None:
        _check_correction(session, report, state, correction_id)
    before = {"state": report.state, "answer": report.answer, "correction": report.correction_id}
    report.state, report.answer, report.who, report.correction_id = state, answer, agent.login, correction_id
    report.decided = None if state in WAITING else now
    session.add(report)
    detail = {"number": number, "state": state, "answer": answer}
    after = {"state": state, "answer": answer, "correction": correction_id}
    note(session, now, agent.id, "report", film_id=report.film_id, detail=detail, before=before, after=after)
    return report


def _check_correction(session: Session, report: ReaderReport, state: ReportState, correction_id: int) -> None:
    if state is not ReportState.CORRECTED:
        raise Problem("seul un signalement corrigé nomme l'acte qui l'a corrigé")
    if correction_id not in {act.id for act in corrections_for(session, report)}:
        raise Problem("cet acte ne porte pas sur ce film ni sur cette ligne : relisez le signalement")


def send_to_desk(session: Session, number: str, agent: Agent, now: datetime) -> int:
    """Asks the desk whether the offer reported is this film; the number of the case, which may wait there already.

    Raises Problem when the report names no offer, or when its offer is linked to no film any more.
    """
    report = session.exec(select(ReaderReport).where(ReaderReport.number == number).with_for_update()).first()
    offer = session.get(Offer, report.offer_id) if report and report.offer_id else None
    if report is None or offer is None:
        raise Problem(_NO_LINK)
    case, film_id = _question(session, offer.entry_id, now)
    if report.state is ReportState.RECEIVED:
        report.state, report.who = ReportState.ONGOING, agent.login
        session.add(report)
    told: dict[str, Any] = {"case_id": case.id, "entry_id": offer.entry_id, "film_id": film_id}
    note(session, now, agent.id, "report-to-desk", **told, detail={"number": number})
    return case.id or 0


def doubt_link(session: Session, entry_id: int, agent: Agent, now: datetime) -> int:
    """Asks the desk, for an agent who doubts it, whether an entry is its film; the number of the case, which may wait already.

    Raises Problem when the entry is linked to no film any more.
    """
    case, film_id = _question(session, entry_id, now)
    note(session, now, agent.id, "link-to-desk", case_id=case.id, entry_id=entry_id, film_id=film_id)
    return case.id or 0


def _question(session: Session, entry_id: int, now: datetime) -> tuple[ReviewCase, int]:
    """The case that asks whether an entry is the film that it is linked to, and that film."""
    live = live_judgement(session, entry_id)
    if live is None or live.verdict is not Verdict.SAME or live.film_id is None:
        raise Problem(_NO_LINK)
    waiting = _open_case(session, entry_id)
    if waiting is None:
        film = session.get_one(Film, live.film_id)
        ask(session, entry_id, None, Question(CaseCause.REPORT, film.id, live.probability, "", film.popularity), now)
        session.flush()
        waiting = _open_case(session, entry_id)
    assert waiting is not None
    return waiting, live.film_id


def _open_case(session: Session, entry_id: int) -> ReviewCase | None:
    return session.exec(select(ReviewCase).where(ReviewCase.entry_id == entry_id, col(ReviewCase.closed).is_(None))).first()


def list_reports(session: Session, states: Sequence[ReportState], start: int, most: int) -> Sequence[ReaderReport]:
    """The reports in some states, those that wait the longest first."""
    asked = select(ReaderReport).where(col(ReaderReport.state).in_(states)).order_by(col(ReaderReport.id))
    return session.exec(asked.offset(start).limit(most)).all()


def erase_messages(session: Session, now: datetime) -> int:
    """Erases what readers wrote in reports answered a year ago; how many."""
    written = or_(col(ReaderReport.message) != "", col(ReaderReport.title) != "")
    old = update(ReaderReport).where(col(ReaderReport.decided) <= now - KEPT, written)
    return session.exec(old.values(message="", title="")).rowcount


def erase_titles(session: Session, now: datetime) -> int:
    """Erases the titles searched in vain ninety days ago and before; how many lines."""
    return session.exec(delete(UnfoundTitle).where(col(UnfoundTitle.day) <= day_in_paris(now) - TITLES_KEPT)).rowcount


def list_unfound(session: Session, since: date, most: int) -> list[tuple[str, int]]:
    """Titles searched in vain since a day, the most wanted first, with how many times."""
    total = func.sum(UnfoundTitle.count)
    asked = select(UnfoundTitle.key, total).where(col(UnfoundTitle.day) >= since).group_by(col(UnfoundTitle.key))
    found = session.exec(asked.having(total >= FEWEST).order_by(total.desc(), col(UnfoundTitle.key)).limit(most))
    return [(key, int(number)) for key, number in found]
