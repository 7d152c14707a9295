"""All that agents may want to know of a film, gathered for its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import Session, col, select

from domain.films.overrides import EDITABLE
from domain.films.undo import acts_on, last_act
from domain.linking.redirects import numbers_of
from domain.models.agent import Agent, AuditLine
from domain.models.entry import Entry
from domain.models.film import BaseLine, Film, FilmIdentifier, FilmTitle
from domain.models.judgement import Judgement
from domain.models.platform import Platform
from domain.models.reader_report import ReaderReport
from domain.models.review_case import ReviewCase
from webapp.staff.film_labels import FACTS, Change, tell_changes, tell_fact

_MOST = 200


class Fact(NamedTuple):
    """A fact in French, where it comes from, and, where a person set it, what the film's own base says."""

    label: str
    value: str
    source: str
    base: str | None


class Link(NamedTuple):
    """A decision that an entry is the film: in force, or not any more."""

    judgement: Judgement
    entry: Entry
    platform: Platform


class Act(NamedTuple):
    """An act on the film, who did it, what it changed, and whether it may be taken back."""

    line: AuditLine
    who: Agent | None
    changes: list[Change]
    may_undo: bool


@dataclass(frozen=True)
class FilmSheet:
    """A film and all that is tied to it; `numbers` are its own and those of the films merged into it."""

    film: Film
    numbers: Sequence[int]
    facts: Sequence[Fact]
    titles: Sequence[FilmTitle]
    identifiers: Sequence[FilmIdentifier]
    lines: Sequence[BaseLine]
    links: Sequence[Link]
    cases: Sequence[ReviewCase]
    reports: Sequence[ReaderReport]
    acts: Sequence[Act]


def gather(session: Session, film: Film) -> FilmSheet:
    """The sheet of a film, merged or not."""
    numbers = numbers_of(session, film.id)
    links = _links(session, numbers)
    alive = [link.entry.id or 0 for link in links if link.judgement.superseded_at is None]
    about = col(ReviewCase.film_id).in_(numbers) | col(ReviewCase.entry_id).in_(alive)
    cases = select(ReviewCase).where(col(ReviewCase.closed).is_(None), about).order_by(col(ReviewCase.id))
    reports = select(ReaderReport).where(col(ReaderReport.film_id).in_(numbers)).order_by(col(ReaderReport.id).desc())
    titles = select(FilmTitle).where(FilmTitle.film_id == film.id).order_by(col(FilmTitle.id))
    held = select(FilmIdentifier).where(FilmIdentifier.film_id == film.id)
    lines = select(BaseLine).where(col(BaseLine.film_id).in_(numbers)).order_by(col(BaseLine.source), col(BaseLine.id))
    return FilmSheet(
        film,
        numbers,
        [_fact(film, fact) for fact in EDITABLE],
        session.exec(titles).all(),
        session.exec(held.order_by(col(FilmIdentifier.scheme), col(FilmIdentifier.value))).all(),
        session.exec(lines).all(),
        links,
        session.exec(cases).all(),
        session.exec(reports.limit(_MOST)).all(),
        _acts(session, film),
    )


def _fact(film: Film, fact: str) -> Fact:
    value = getattr(film, fact)
    if fact in film.edited:
        return Fact(FACTS[fact], tell_fact(fact, value), "un agent", tell_fact(fact, film.edited[fact]))
    told = tell_fact(fact, value)
    return Fact(FACTS[fact], told, f"base {film.gained.get(fact, film.source)}" if value not in (None, "", []) else "", None)


def _links(session: Session, numbers: Sequence[int]) -> list[Link]:
    """Decisions in force first, then the latest."""
    asked = select(Judgement, Entry, Platform).join(Entry, col(Entry.id) == col(Judgement.entry_id))
    asked = asked.join(Platform, col(Platform.id) == col(Entry.platform_id)).where(col(Judgement.film_id).in_(numbers))
    order = (col(Judgement.superseded_at).is_not(None), col(Judgement.decided_at).desc(), col(Judgement.id).desc())
    return [Link(*row) for row in session.exec(asked.order_by(*order).limit(_MOST))]


def _acts(session: Session, film: Film) -> list[Act]:
    lines, last = acts_on(session, film.id), last_act(session, film.id)
    agents = {agent.id: agent for agent in session.exec(select(Agent))}
    undoable = last.id if last and film.merged_into is None else None
    return [Act(line, agents.get(line.agent_id), tell_changes(line.before, line.after), line.id == undoable) for line in lines]
