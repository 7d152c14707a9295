"""A case settled by an agent, and taken back: the only way from a person's answer to the records."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from domain.accounts.audit_trail import note
from domain.common.enums import TaskKind, Verdict
from domain.common.errors import Problem
from domain.films.source_records import reopen_line, settle_line
from domain.linking.judgements import Decision, decide, live_judgement, reinstate, superseded_by
from domain.linking.rejections import allow, forget_rejections, learn_title, reject
from domain.models.agent import Agent, AuditLine
from domain.models.entry import Entry
from domain.models.film import BaseLine, Film, FilmTitle
from domain.models.judgement import Candidate
from domain.models.platform import Platform
from domain.models.review_case import ReviewCase
from domain.models.task import Task
from domain.review.queue import HOLD, park

_TAKEN = "ce cas a déjà été réglé, ou il est entre les mains de quelqu'un d'autre"


class Answer(StrEnum):
    """What an agent says of a case."""

    SAME = "same"
    NONE = "none"
    UNSURE = "unsure"
    MISSING = "missing"
    SKIP = "skip"

    @property
    def verdict(self) -> Verdict:
        """What is decided of the entry; a case passed over decides nothing."""
        return Verdict.NONE if self is Answer.MISSING else Verdict(self)


@dataclass(frozen=True, slots=True)
class _Act:
    """Who settles which case, when."""

    session: Session
    case: ReviewCase
    agent: Agent
    now: datetime

    @property
    def who(self) -> str:
        return f"agent {self.agent.login}"


def find_case(session: Session, case_id: int, agent: Agent, now: datetime) -> ReviewCase:
    """An open case that the agent may answer. Raises Problem when it is closed, or on somebody else's screen."""
    asked = select(ReviewCase).where(ReviewCase.id == case_id).with_for_update()
    case = session.exec(asked).first()
    held = case is not None and case.claimed_until is not None and case.claimed_until > now and case.claimed_by != agent.id
    if case is None or case.closed is not None or held:
        raise Problem(_TAKEN)
    return case


def settle_case(session: Session, case_id: int, agent: Agent, answer: Answer, film_id: int | None, now: datetime) -> None:
    """Writes an agent's answer, all of what it teaches, and its trace. Raises Problem on a case or a film that cannot be."""
    case = find_case(session, case_id, agent, now)
    film = session.get(Film, film_id) if film_id is not None else None
    if (answer is Answer.SAME) != (film_id is not None) or (film_id is not None and film is None):
        raise Problem("film inconnu : choisissez-en un de la liste")
    if film is not None and film.merged_into is not None:
        raise Problem(f"cette fiche est réunie à celle du film n° {film.merged_into} : choisissez celui-là")
    act = _Act(session, case, agent, now)
    if answer is Answer.SKIP:
        park(session, case, now)
        note(session, now, agent.id, "skip", case_id=case.id, entry_id=case.entry_id)
        return
    before = _decided(session, case)
    detail = _settle_entry(act, answer, film_id) if case.entry_id else _settle_line(act, answer, film_id)
    case.closed, case.closed_by, case.chosen_id = now, agent.id, film_id
    case.outcome = answer.verdict
    session.add(case)
    about: dict[str, Any] = {"case_id": case.id, "entry_id": case.entry_id, "film_id": film_id}
    note(session, now, agent.id, answer, **about, detail=detail, before=before, after=_decided(session, case))


def _decided(session: Session, case: ReviewCase) -> dict[str, Any]:
    """What is decided of the work that a case asks about, as the trail keeps it."""
    if not case.entry_id:
        return {"film": session.get_one(BaseLine, case.line_id).film_id}
    live = live_judgement(session, case.entry_id)
    return {"verdict": live.verdict, "film": live.film_id} if live else {}


def _settle_entry(act: _Act, answer: Answer, film_id: int | None) -> dict[str, object]:
    """The entry's new judgement; a title learnt, or films rejected."""
    entry = act.session.get_one(Entry, act.case.entry_id)
    decision = Decision(answer.verdict, film_id, act.who, _REASONS[answer], by_person=True, content_hash=entry.content_hash)
    decide(act.session, entry.id or 0, live_judgement(act.session, entry.id or 0), decision, act.now)
    if answer is Answer.SAME and film_id:
        allowed = {"allowed": film_id} if allow(act.session, entry.id or 0, film_id) else {}
        learnt = learn_title(act.session, entry, film_id, act.agent.login)
        return {"title_id": learnt.id, **allowed} if learnt else {**allowed}
    if answer is Answer.UNSURE:
        return {}
    taught: dict[str, object] = {}
    if answer is Answer.MISSING:
        platform = act.session.get_one(Platform, entry.platform_id)
        message = f"film absent de la base : {entry.title}, {entry.year or 'sans année'} ({platform.name}, {entry.ref})"
        task = Task(platform_id=entry.platform_id, kind=TaskKind.FILM, message=message, opened=act.now)
        act.session.add(task)
        act.session.flush()
        taught["task_id"] = task.id
    shown = act.session.exec(select(Candidate.film_id).where(Candidate.entry_id == entry.id)).all()
    proposed = [act.case.film_id] if act.case.film_id else []
    taught["rejected"] = reject(act.session, entry.id or 0, [*shown, *proposed], act.case.id, act.now)
    return taught


_REASONS = {
    Answer.SAME: "choisi par un agent",
    Answer.NONE: "aucun des films proposés, dit un agent",
    Answer.UNSURE: "un agent n'a pas pu trancher",
    Answer.MISSING: "film absent de la base, dit un agent",
}


def _settle_line(act: _Act, answer: Answer, film_id: int | None) -> dict[str, object]:
    line = act.session.get_one(BaseLine, act.case.line_id)
    if answer is Answer.UNSURE:
        line.who, line.by_person, line.decided_at = act.who, True, act.now
        act.session.add(line)
        return {}
    conflicts = settle_line(act.session, line, film_id, act.who, act.now).conflicts
    return {"conflicts": [told for _, told in conflicts]} if conflicts else {}


def last_answer(session: Session, agent: Agent) -> ReviewCase | None:
    """The case that the agent answered last."""
    latest = (col(ReviewCase.closed).desc(), col(ReviewCase.id).desc())
    return session.exec(select(ReviewCase).where(ReviewCase.closed_by == agent.id).order_by(*latest)).first()


def undo_last(session: Session, agent: Agent, now: datetime) -> ReviewCase:
    """Takes back the agent's last answer: the decision before it stands again, and the case is theirs to answer anew.

    Raises Problem when there is nothing to take back, or when something was decided since.
    """
    case = last_answer(session, agent)
    if case is None:
        raise Problem("rien à annuler")
    _require_last_word(session, case)
    was = _decided(session, case)
    if case.entry_id:
        live = live_judgement(session, case.entry_id)
        if live is None or not live.by_person or live.decided_at != case.closed:
            raise Problem("ce titre a été décidé autrement depuis : rien n'est annulé")
        reinstate(session, live, superseded_by(session, live), now)
        _unlearn(session, case, now)
    else:
        reopen_line(session, session.get_one(BaseLine, case.line_id), now)
    detail = {"answer": case.outcome}
    case.closed = case.closed_by = case.outcome = case.chosen_id = None
    case.claimed_by, case.claimed_until = agent.id, now + HOLD
    session.add(case)
    about: dict[str, Any] = {"case_id": case.id, "entry_id": case.entry_id, "detail": detail}
    note(session, now, agent.id, "undo", **about, before=was, after=_decided(session, case))
    return case


def _require_last_word(session: Session, case: ReviewCase) -> None:
    same = ReviewCase.entry_id == case.entry_id if case.entry_id else ReviewCase.line_id == case.line_id
    later = session.exec(select(ReviewCase.id).where(same, col(ReviewCase.id) > case.id)).first()
    if later is not None:
        raise Problem("ce titre est revenu à vérifier depuis : répondez au nouveau cas")


def _unlearn(session: Session, case: ReviewCase, now: datetime) -> None:
    """Forgets what the answer taught: the title learnt, the films rejected or allowed again, the film asked for."""
    forget_rejections(session, case.id or 0)
    answers = (Answer.SAME, Answer.NONE, Answer.UNSURE, Answer.MISSING)
    asked = select(AuditLine).where(AuditLine.case_id == case.id, col(AuditLine.action).in_(answers))
    taught = session.exec(asked.order_by(col(AuditLine.id).desc())).first()
    detail = taught.detail if taught else {}
    if title := session.get(FilmTitle, detail.get("title_id", 0)):
        session.delete(title)
    if allowed := detail.get("allowed"):
        reject(session, case.entry_id or 0, [allowed], None, now)
    if (task := session.get(Task, detail.get("task_id", 0))) and task.closed is None:
        task.closed, task.closed_reason = now, "réponse annulée"
        session.add(task)
