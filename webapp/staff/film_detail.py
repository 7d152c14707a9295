"""All that agents may want to know of a film, gathered for its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import Session, col, select

from domain.films.overrides import EDITABLE_FACTS
from domain.films.undo import get_last_correction, list_film_audit_lines
from domain.linking.authors import format_author, get_agent_logins
from domain.linking.redirects import list_film_and_merged_ids
from domain.models.agent import Agent, AuditLine
from domain.models.entry import Entry
from domain.models.film import Film, FilmIdentifier, FilmTitle, SourceRecord
from domain.models.judgement import Judgement
from domain.models.platform import Platform
from domain.models.reader_report import ReaderReport
from domain.models.review_case import ReviewCase
from matcher.explanations import explain_decision
from webapp.staff.film_labels import FACTS, Change, format_fact, list_changes

_MAX_ROWS = 200


class Fact(NamedTuple):
    """A fact in French, where it comes from, and, where a person set it, what the film's own base says."""

    label: str
    value: str
    source: str
    source_value: str | None


class FilmLink(NamedTuple):
    """A decision that an entry is the film, in force or not any more; by whom and why, as it is shown."""

    judgement: Judgement
    entry: Entry
    platform: Platform
    author: str
    reason: str


class LinkedRecord(NamedTuple):
    """A record of a source that is the film; by whom and why, as it is shown."""

    record: SourceRecord
    author: str
    reason: str


class FilmAct(NamedTuple):
    """An act on the film, who did it, what it changed, and whether it may be taken back."""

    line: AuditLine
    who: Agent | None
    changes: list[Change]
    may_undo: bool


@dataclass(frozen=True)
class FilmSheet:
    """A film and all that is tied to it; `numbers` are its own and those of the films merged into it."""

    film: Film
    film_ids: Sequence[int]
    facts: Sequence[Fact]
    titles: Sequence[FilmTitle]
    identifiers: Sequence[FilmIdentifier]
    lines: Sequence[LinkedRecord]
    links: Sequence[FilmLink]
    cases: Sequence[ReviewCase]
    reports: Sequence[ReaderReport]
    acts: Sequence[FilmAct]


def load_film_sheet(session: Session, film: Film) -> FilmSheet:
    """The sheet of a film, merged or not."""
    numbers = list_film_and_merged_ids(session, film.id)
    links = _list_links(session, numbers)
    alive = [link.entry.id or 0 for link in links if link.judgement.superseded_at is None]
    about = col(ReviewCase.film_id).in_(numbers) | col(ReviewCase.entry_id).in_(alive)
    cases = select(ReviewCase).where(col(ReviewCase.closed_at).is_(None), about).order_by(col(ReviewCase.id))
    reports = select(ReaderReport).where(col(ReaderReport.film_id).in_(numbers)).order_by(col(ReaderReport.id).desc())
    titles = select(FilmTitle).where(FilmTitle.film_id == film.id).order_by(col(FilmTitle.id))
    held = select(FilmIdentifier).where(FilmIdentifier.film_id == film.id)
    return FilmSheet(
        film,
        numbers,
        [_describe_fact(film, fact) for fact in EDITABLE_FACTS],
        session.exec(titles).all(),
        session.exec(held.order_by(col(FilmIdentifier.scheme), col(FilmIdentifier.value))).all(),
        _list_records(session, numbers),
        links,
        session.exec(cases).all(),
        session.exec(reports.limit(_MAX_ROWS)).all(),
        _list_acts(session, film),
    )


def _describe_fact(film: Film, fact: str) -> Fact:
    value = getattr(film, fact)
    if fact in film.edited:
        return Fact(FACTS[fact], format_fact(fact, value), "un agent", format_fact(fact, film.edited[fact]))
    told = format_fact(fact, value)
    return Fact(
        FACTS[fact], told, f"base {film.merged_attributes.get(fact, film.source)}" if value not in (None, "", []) else "", None
    )


def _list_links(session: Session, film_ids: Sequence[int]) -> list[FilmLink]:
    """Decisions in force first, then the latest."""
    asked = select(Judgement, Entry, Platform).join(Entry, col(Entry.id) == col(Judgement.entry_id))
    asked = asked.join(Platform, col(Platform.id) == col(Entry.platform_id)).where(col(Judgement.film_id).in_(film_ids))
    order = (col(Judgement.superseded_at).is_not(None), col(Judgement.decided_at).desc(), col(Judgement.id).desc())
    logins = get_agent_logins(session)
    return [
        FilmLink(judgement, entry, platform, format_author(judgement, logins), explain_decision(judgement))
        for judgement, entry, platform in session.exec(asked.order_by(*order).limit(_MAX_ROWS))
    ]


def _list_records(session: Session, film_ids: Sequence[int]) -> list[LinkedRecord]:
    records = select(SourceRecord).where(col(SourceRecord.film_id).in_(film_ids))
    logins = get_agent_logins(session)
    return [
        LinkedRecord(record, format_author(record, logins), explain_decision(record))
        for record in session.exec(records.order_by(col(SourceRecord.source), col(SourceRecord.id)))
    ]


def _list_acts(session: Session, film: Film) -> list[FilmAct]:
    lines, last = list_film_audit_lines(session, film.id), get_last_correction(session, film.id)
    agents = {agent.id: agent for agent in session.exec(select(Agent))}
    undoable = last.id if last and film.merged_into is None else None
    return [
        FilmAct(line, agents.get(line.agent_id), list_changes(line.before, line.after), line.id == undoable) for line in lines
    ]
