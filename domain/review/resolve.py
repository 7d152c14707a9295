"""A case settled by an agent, and taken back: the only way from a person's answer to the records."""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from domain.accounts.audit_trail import log_audit_event
from domain.common.enums import ReasonCode, TaskKind, Verdict
from domain.common.errors import UserError
from domain.films.source_records import reopen_record, resolve_record
from domain.linking.authors import Author
from domain.linking.judgements import Decision, get_live_judgement, get_superseded_judgement, record_decision, reinstate_judgement
from domain.linking.reasons import Reason
from domain.linking.rejections import delete_rejections, learn_title, reject_films, remove_rejection
from domain.models.agent import Agent, AuditLine
from domain.models.entry import Entry
from domain.models.film import Film, FilmTitle, SourceRecord
from domain.models.judgement import Candidate
from domain.models.platform import Platform
from domain.models.review_case import ReviewCase
from domain.models.task import Task
from domain.review.queue import CLAIM_DURATION, snooze_case

_CASE_TAKEN = "ce cas a déjà été réglé, ou il est entre les mains de quelqu'un d'autre"


class CaseAnswer(StrEnum):
    """What an agent says of a case."""

    SAME = "same"
    NONE = "none"
    UNSURE = "unsure"
    MISSING = "missing"
    SKIP = "skip"

    @property
    def verdict(self) -> Verdict:
        """What is decided of the entry; a case passed over decides nothing."""
        return Verdict.NONE if self is CaseAnswer.MISSING else Verdict(self)


@dataclass(frozen=True, slots=True)
class _Resolution:
    """Who settles which case, when."""

    session: Session
    case: ReviewCase
    agent: Agent
    now: datetime

    @property
    def author(self) -> Author:
        return Author.by_agent(self.agent)


def lock_open_case(session: Session, case_id: int, agent: Agent, now: datetime) -> ReviewCase:
    """An open case that the agent may answer. Raises Problem when it is closed, or on somebody else's screen."""
    asked = select(ReviewCase).where(ReviewCase.id == case_id).with_for_update()
    case = session.exec(asked).first()
    held = case is not None and case.claimed_until is not None and case.claimed_until > now and case.claimed_by != agent.id
    if case is None or case.closed_at is not None or held:
        raise UserError(_CASE_TAKEN)
    return case


def resolve_case(session: Session, case_id: int, agent: Agent, answer: CaseAnswer, film_id: int | None, now: datetime) -> None:
    """Writes an agent's answer, all of what it teaches, and its trace. Raises Problem on a case or a film that cannot be."""
    case = lock_open_case(session, case_id, agent, now)
    film = session.get(Film, film_id) if film_id is not None else None
    if (answer is CaseAnswer.SAME) != (film_id is not None) or (film_id is not None and film is None):
        raise UserError("film inconnu : choisissez-en un de la liste")
    if film is not None and film.merged_into is not None:
        raise UserError(f"cette fiche est réunie à celle du film n° {film.merged_into} : choisissez celui-là")
    act = _Resolution(session, case, agent, now)
    if answer is CaseAnswer.SKIP:
        snooze_case(session, case, now)
        log_audit_event(session, now, agent.id, "skip", case_id=case.id, entry_id=case.entry_id)
        return
    before = _get_current_decision(session, case)
    detail = _resolve_entry(act, answer, film_id) if case.entry_id else _resolve_record(act, answer, film_id)
    case.closed_at, case.closed_by, case.chosen_id = now, agent.id, film_id
    case.outcome = answer.verdict
    session.add(case)
    about: dict[str, Any] = {"case_id": case.id, "entry_id": case.entry_id, "film_id": film_id}
    log_audit_event(
        session, now, agent.id, answer, **about, detail=detail, before=before, after=_get_current_decision(session, case)
    )


def _get_current_decision(session: Session, case: ReviewCase) -> dict[str, Any]:
    """What is decided of the work that a case asks about, as the trail keeps it."""
    if not case.entry_id:
        return {"film": session.get_one(SourceRecord, case.source_record_id).film_id}
    live = get_live_judgement(session, case.entry_id)
    return {"verdict": live.verdict, "film": live.film_id} if live else {}


def _resolve_entry(resolution: _Resolution, answer: CaseAnswer, film_id: int | None) -> dict[str, object]:
    """The entry's new judgement; a title learnt, or films rejected."""
    entry = resolution.session.get_one(Entry, resolution.case.entry_id)
    decision = Decision(
        answer.verdict,
        film_id,
        resolution.author,
        [Reason(_REASON_CODES[answer])],
        by_person=True,
        content_hash=entry.content_hash,
    )
    record_decision(
        resolution.session, entry.id or 0, get_live_judgement(resolution.session, entry.id or 0), decision, resolution.now
    )
    if answer is CaseAnswer.SAME and film_id:
        allowed = {"allowed": film_id} if remove_rejection(resolution.session, entry.id or 0, film_id) else {}
        learnt = learn_title(resolution.session, entry, film_id, resolution.agent)
        return {"title_id": learnt.id, **allowed} if learnt else {**allowed}
    if answer is CaseAnswer.UNSURE:
        return {}
    taught: dict[str, object] = {}
    if answer is CaseAnswer.MISSING:
        platform = resolution.session.get_one(Platform, entry.platform_id)
        message = f"film absent de la base : {entry.title}, {entry.year or 'sans année'} ({platform.name}, {entry.ref})"
        task = Task(platform_id=entry.platform_id, kind=TaskKind.FILM, message=message, opened_at=resolution.now)
        resolution.session.add(task)
        resolution.session.flush()
        taught["task_id"] = task.id
    shown = resolution.session.exec(select(Candidate.film_id).where(Candidate.entry_id == entry.id)).all()
    proposed = [resolution.case.film_id] if resolution.case.film_id else []
    taught["rejected"] = reject_films(resolution.session, entry.id or 0, [*shown, *proposed], resolution.case.id, resolution.now)
    return taught


_REASON_CODES = {
    CaseAnswer.SAME: ReasonCode.AGENT_CHOSE,
    CaseAnswer.NONE: ReasonCode.AGENT_REJECTED_ALL,
    CaseAnswer.UNSURE: ReasonCode.AGENT_UNSURE,
    CaseAnswer.MISSING: ReasonCode.AGENT_MISSES_FILM,
}


def _resolve_record(resolution: _Resolution, answer: CaseAnswer, film_id: int | None) -> dict[str, object]:
    line = resolution.session.get_one(SourceRecord, resolution.case.source_record_id)
    if answer is CaseAnswer.UNSURE:
        line.sqlmodel_update(asdict(resolution.author))
        line.by_person, line.decided_at = True, resolution.now
        resolution.session.add(line)
        return {}
    conflicts = resolve_record(resolution.session, line, film_id, resolution.author, resolution.now).conflicts
    return {"conflicts": [told for _, told in conflicts]} if conflicts else {}


def get_last_answered_case(session: Session, agent: Agent) -> ReviewCase | None:
    """The case that the agent answered last."""
    latest = (col(ReviewCase.closed_at).desc(), col(ReviewCase.id).desc())
    return session.exec(select(ReviewCase).where(ReviewCase.closed_by == agent.id).order_by(*latest)).first()


def undo_last_answer(session: Session, agent: Agent, now: datetime) -> ReviewCase:
    """Takes back the agent's last answer: the decision before it stands again, and the case is theirs to answer anew.

    Raises Problem when there is nothing to take back, or when something was decided since.
    """
    case = get_last_answered_case(session, agent)
    if case is None:
        raise UserError("rien à annuler")
    _require_latest_case(session, case)
    was = _get_current_decision(session, case)
    if case.entry_id:
        live = get_live_judgement(session, case.entry_id)
        if live is None or not live.by_person or live.decided_at != case.closed_at:
            raise UserError("ce titre a été décidé autrement depuis : rien n'est annulé")
        reinstate_judgement(session, live, get_superseded_judgement(session, live), now)
        _undo_feedback(session, case, now)
    else:
        reopen_record(session, session.get_one(SourceRecord, case.source_record_id), now)
    detail = {"answer": case.outcome}
    case.closed_at = case.closed_by = case.outcome = case.chosen_id = None
    case.claimed_by, case.claimed_until = agent.id, now + CLAIM_DURATION
    session.add(case)
    about: dict[str, Any] = {"case_id": case.id, "entry_id": case.entry_id, "detail": detail}
    log_audit_event(session, now, agent.id, "undo", **about, before=was, after=_get_current_decision(session, case))
    return case


def _require_latest_case(session: Session, case: ReviewCase) -> None:
    same = ReviewCase.entry_id == case.entry_id if case.entry_id else ReviewCase.source_record_id == case.source_record_id
    later = session.exec(select(ReviewCase.id).where(same, col(ReviewCase.id) > case.id)).first()
    if later is not None:
        raise UserError("ce titre est revenu à vérifier depuis : répondez au nouveau cas")


def _undo_feedback(session: Session, case: ReviewCase, now: datetime) -> None:
    """Forgets what the answer taught: the title learnt, the films rejected or allowed again, the film asked for."""
    delete_rejections(session, case.id or 0)
    answers = (CaseAnswer.SAME, CaseAnswer.NONE, CaseAnswer.UNSURE, CaseAnswer.MISSING)
    asked = select(AuditLine).where(AuditLine.case_id == case.id, col(AuditLine.action).in_(answers))
    taught = session.exec(asked.order_by(col(AuditLine.id).desc())).first()
    detail = taught.detail if taught else {}
    if title := session.get(FilmTitle, detail.get("title_id", 0)):
        session.delete(title)
    if allowed := detail.get("allowed"):
        reject_films(session, case.entry_id or 0, [allowed], None, now)
    if (task := session.get(Task, detail.get("task_id", 0))) and task.closed_at is None:
        task.closed_at, task.closed_reason = now, "réponse annulée"
        session.add(task)
