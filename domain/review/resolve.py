"""Apply an agent's answer to a case, and undo it: the only way from a person's answer to judgements and source records."""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from domain.accounts.audit_trail import log_audit_event
from domain.common.enums import ReasonCode, TaskKind, Verdict
from domain.common.errors import UserError
from domain.films.aliases import add_alias, remove_alias
from domain.films.source_records import reopen_record, resolve_record
from domain.linking.authors import Author
from domain.linking.judgements import Decision, get_live_judgement, get_superseded_judgement, record_decision, reinstate_judgement
from domain.linking.reasons import Reason
from domain.linking.rejections import delete_rejections, reject_films, remove_rejection
from domain.models.agent import Agent, AuditLine
from domain.models.entry import Entry
from domain.models.film import Film, SourceRecord
from domain.models.judgement import Candidate
from domain.models.platform import Platform
from domain.models.review_case import ReviewCase
from domain.models.task import Task
from domain.review.queue import CLAIM_DURATION, snooze_case

_CASE_TAKEN = "ce cas a déjà été réglé, ou il est entre les mains de quelqu'un d'autre"


class CaseAnswer(StrEnum):
    """Name what an agent may answer to a case."""

    SAME = "same"
    NONE = "none"
    UNSURE = "unsure"
    MISSING = "missing"
    SKIP = "skip"

    @property
    def verdict(self) -> Verdict:
        """The verdict on the entry. Raises ValueError for a skipped case, which decides nothing."""
        return Verdict.NONE if self is CaseAnswer.MISSING else Verdict(self)


_REASON_CODES = {
    CaseAnswer.SAME: ReasonCode.AGENT_CHOSE,
    CaseAnswer.NONE: ReasonCode.AGENT_REJECTED_ALL,
    CaseAnswer.UNSURE: ReasonCode.AGENT_UNSURE,
    CaseAnswer.MISSING: ReasonCode.AGENT_MISSES_FILM,
}


@dataclass(frozen=True, slots=True)
class _Resolution:
    """Represent who answers which case, how, and when; `film_id` and `keeps_title` go with the answer `same` only."""

    session: Session
    case: ReviewCase
    agent: Agent
    answer: CaseAnswer
    film_id: int | None
    now: datetime
    keeps_title: bool

    @property
    def author(self) -> Author:
        return Author.by_agent(self.agent)


def lock_open_case(session: Session, case_id: int, agent: Agent, now: datetime) -> ReviewCase:
    """Return an open case that the agent may answer. Raises UserError when it is closed, or claimed by somebody else."""
    case = session.exec(select(ReviewCase).where(ReviewCase.id == case_id).with_for_update()).first()
    if case is None or case.closed_at is not None or _is_claimed_by_other(case, agent, now):
        raise UserError(_CASE_TAKEN)
    return case


def _is_claimed_by_other(case: ReviewCase, agent: Agent, now: datetime) -> bool:
    return case.claimed_until is not None and case.claimed_until > now and case.claimed_by != agent.id


def resolve_case(
    session: Session,
    case_id: int,
    agent: Agent,
    answer: CaseAnswer,
    film_id: int | None,
    now: datetime,
    *,
    keeps_title: bool = False,
) -> None:
    """Apply an agent's answer, learn from it, and log it; `keeps_title` makes the entry's title an alias of its film.

    Raises UserError on a case or a film that cannot be.
    """
    case = lock_open_case(session, case_id, agent, now)
    _check_film(session, answer, film_id)
    if answer is CaseAnswer.SKIP:
        snooze_case(session, case, now)
        log_audit_event(session, now, agent.id, "skip", case_id=case.id, entry_id=case.entry_id)
        return
    before = _get_current_decision(session, case)
    resolution = _Resolution(session, case, agent, answer, film_id, now, keeps_title)
    detail = _resolve_entry(resolution) if case.entry_id else _resolve_record(resolution)
    case.closed_at, case.closed_by, case.chosen_id = now, agent.id, film_id
    case.outcome = answer.verdict
    session.add(case)
    objects: dict[str, Any] = {"case_id": case.id, "entry_id": case.entry_id, "film_id": film_id}
    after = _get_current_decision(session, case)
    log_audit_event(session, now, agent.id, answer, **objects, detail=detail, before=before, after=after)


def _check_film(session: Session, answer: CaseAnswer, film_id: int | None) -> None:
    """Raise UserError unless a known, canonical film goes with the answer `same`, and none with another."""
    film = session.get(Film, film_id) if film_id is not None else None
    if (answer is CaseAnswer.SAME) != (film_id is not None) or (film_id is not None and film is None):
        raise UserError("film inconnu : choisissez-en un de la liste")
    if film is not None and film.merged_into is not None:
        raise UserError(f"cette fiche est réunie à celle du film n° {film.merged_into} : choisissez celui-là")


def _get_current_decision(session: Session, case: ReviewCase) -> dict[str, Any]:
    """Return what is decided of the work that a case asks about, as the audit trail keeps it."""
    if not case.entry_id:
        return {"film": session.get_one(SourceRecord, case.source_record_id).film_id}
    live = get_live_judgement(session, case.entry_id)
    return {"verdict": live.verdict, "film": live.film_id} if live else {}


def _resolve_entry(resolution: _Resolution) -> dict[str, object]:
    """Record the entry's new judgement and what it teaches, and return the detail for the audit trail."""
    session, answer = resolution.session, resolution.answer
    entry = session.get_one(Entry, resolution.case.entry_id)
    assert entry.id is not None
    decision = Decision(
        answer.verdict,
        resolution.film_id,
        resolution.author,
        [Reason(_REASON_CODES[answer])],
        by_person=True,
        content_hash=entry.content_hash,
    )
    record_decision(session, entry.id, get_live_judgement(session, entry.id), decision, resolution.now)
    if answer is CaseAnswer.UNSURE:
        return {}
    if resolution.film_id is not None:
        return _learn_from_link(resolution, entry, resolution.film_id)
    detail: dict[str, object] = {}
    if answer is CaseAnswer.MISSING:
        detail["task_id"] = _open_missing_film_task(resolution, entry)
    detail["rejected"] = _reject_proposed_films(resolution, entry)
    return detail


def _learn_from_link(resolution: _Resolution, entry: Entry, film_id: int) -> dict[str, object]:
    """Keep the title of an entry that is this film, which may be proposed again."""
    detail: dict[str, object] = {}
    assert entry.id is not None
    alias = None
    if resolution.keeps_title:
        alias = add_alias(resolution.session, entry, film_id, resolution.agent, resolution.now)
    if alias is not None:
        detail |= {"title_id": alias.id, "title": alias.title}
    if remove_rejection(resolution.session, entry.id, film_id):
        detail["allowed"] = film_id
    return detail


def _open_missing_film_task(resolution: _Resolution, entry: Entry) -> int | None:
    """Open a task for a film that the reference base lacks, and return its id."""
    platform = resolution.session.get_one(Platform, entry.platform_id)
    year = entry.year or "sans année"
    message = f"film absent de la base : {entry.title}, {year} ({platform.name}, {entry.ref})"
    task = Task(platform_id=entry.platform_id, kind=TaskKind.FILM, message=message, opened_at=resolution.now)
    resolution.session.add(task)
    resolution.session.flush()
    return task.id


def _reject_proposed_films(resolution: _Resolution, entry: Entry) -> list[int]:
    """Reject the films that the agent was shown for an entry, and return the ids of those not rejected before."""
    assert entry.id is not None
    film_ids = list(resolution.session.exec(select(Candidate.film_id).where(Candidate.entry_id == entry.id)))
    if resolution.case.film_id is not None:
        film_ids.append(resolution.case.film_id)
    return reject_films(resolution.session, entry.id, film_ids, resolution.case.id, resolution.now)


def _resolve_record(resolution: _Resolution) -> dict[str, object]:
    """Record what an agent says of a source record, and return the detail for the audit trail."""
    session = resolution.session
    record = session.get_one(SourceRecord, resolution.case.source_record_id)
    if resolution.answer is CaseAnswer.UNSURE:
        record.sqlmodel_update(asdict(resolution.author))
        record.by_person, record.decided_at = True, resolution.now
        session.add(record)
        return {}
    conflicts = resolve_record(session, record, resolution.film_id, resolution.author, resolution.now).conflicts
    return {"conflicts": [message for _, message in conflicts]} if conflicts else {}


def get_last_answered_case(session: Session, agent: Agent) -> ReviewCase | None:
    """Return the case that the agent answered last, or None."""
    latest = (col(ReviewCase.closed_at).desc(), col(ReviewCase.id).desc())
    return session.exec(select(ReviewCase).where(ReviewCase.closed_by == agent.id).order_by(*latest)).first()


def undo_last_answer(session: Session, agent: Agent, now: datetime) -> ReviewCase:
    """Undo the agent's last answer: the decision before it is in force again, and the case is theirs to answer anew.

    Raises UserError when there is nothing to undo, or when something was decided since.
    """
    case = get_last_answered_case(session, agent)
    if case is None:
        raise UserError("rien à annuler")
    _require_latest_case(session, case)
    before = _get_current_decision(session, case)
    if case.entry_id:
        _undo_judgement(session, case, case.entry_id, now)
        _undo_feedback(session, case, now)
    else:
        reopen_record(session, session.get_one(SourceRecord, case.source_record_id), now)
    detail = {"answer": case.outcome}
    case.closed_at = case.closed_by = case.outcome = case.chosen_id = None
    case.claimed_by, case.claimed_until = agent.id, now + CLAIM_DURATION
    session.add(case)
    objects: dict[str, Any] = {"case_id": case.id, "entry_id": case.entry_id}
    after = _get_current_decision(session, case)
    log_audit_event(session, now, agent.id, "undo", **objects, detail=detail, before=before, after=after)
    return case


def _undo_judgement(session: Session, case: ReviewCase, entry_id: int, now: datetime) -> None:
    live = get_live_judgement(session, entry_id)
    if live is None or not live.by_person or live.decided_at != case.closed_at:
        raise UserError("ce titre a été décidé autrement depuis : rien n'est annulé")
    reinstate_judgement(session, live, get_superseded_judgement(session, live), now)


def _require_latest_case(session: Session, case: ReviewCase) -> None:
    """Raise UserError when a later case asks about the same entry or source record."""
    same_work = ReviewCase.source_record_id == case.source_record_id
    if case.entry_id:
        same_work = ReviewCase.entry_id == case.entry_id
    later = session.exec(select(ReviewCase.id).where(same_work, col(ReviewCase.id) > case.id)).first()
    if later is not None:
        raise UserError("ce titre est revenu à vérifier depuis : répondez au nouveau cas")


def _undo_feedback(session: Session, case: ReviewCase, now: datetime) -> None:
    """Forget what the answer taught: the title kept, the films rejected or allowed again, the film asked for."""
    assert case.id is not None and case.entry_id is not None
    delete_rejections(session, case.id)
    answers = (CaseAnswer.SAME, CaseAnswer.NONE, CaseAnswer.UNSURE, CaseAnswer.MISSING)
    events = select(AuditLine).where(AuditLine.case_id == case.id, col(AuditLine.action).in_(answers))
    event = session.exec(events.order_by(col(AuditLine.id).desc())).first()
    detail = event.detail if event else {}
    if "title_id" in detail:
        remove_alias(session, detail["title_id"], detail.get("title"), now)
    if "allowed" in detail:
        reject_films(session, case.entry_id, [detail["allowed"]], None, now)
    task = session.get(Task, detail.get("task_id", 0))
    if task is not None and task.closed_at is None:
        task.closed_at, task.closed_reason = now, "réponse annulée"
        session.add(task)
