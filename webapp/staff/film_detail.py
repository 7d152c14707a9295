"""Gather all that agents may want to know of a film, for its page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import Session, col, or_, select

from domain.films.overrides import EDITABLE_FACTS
from domain.films.undo import get_last_correction, list_film_audit_lines
from domain.linking.authors import format_author, get_agent_logins
from domain.linking.cases import is_open_case
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
    """Represent a fact in French, where it comes from, and, where an agent set it, what the film's own source says."""

    label: str
    value: str
    source: str
    source_value: str | None


class FilmLink(NamedTuple):
    """Represent a decision, live or superseded, that an entry is the film; by whom and why, as it is shown."""

    judgement: Judgement
    entry: Entry
    platform: Platform
    author: str
    reason: str


class LinkedRecord(NamedTuple):
    """Represent a source record that is the film; by whom and why, as it is shown."""

    record: SourceRecord
    author: str
    reason: str


class FilmAct(NamedTuple):
    """Represent an act on the film: its line of the audit trail, who did it, what it changed, whether it may be undone."""

    line: AuditLine
    who: Agent | None
    changes: list[Change]
    may_undo: bool


@dataclass(frozen=True)
class FilmSheet:
    """Hold a film and all that is tied to it; `film_ids` are its own id and those of the films merged into it."""

    film: Film
    film_ids: Sequence[int]
    facts: Sequence[Fact]
    titles: Sequence[FilmTitle]
    identifiers: Sequence[FilmIdentifier]
    source_records: Sequence[LinkedRecord]
    links: Sequence[FilmLink]
    cases: Sequence[ReviewCase]
    reports: Sequence[ReaderReport]
    acts: Sequence[FilmAct]
    logins: Mapping[int, str]


def load_film_sheet(session: Session, film: Film) -> FilmSheet:
    """Return the sheet of a film, merged or not."""
    film_ids = list_film_and_merged_ids(session, film.id)
    links = _list_links(session, film_ids)
    return FilmSheet(
        film=film,
        film_ids=film_ids,
        facts=[_describe_fact(film, fact) for fact in EDITABLE_FACTS],
        titles=_list_titles(session, film),
        identifiers=_list_identifiers(session, film),
        source_records=_list_source_records(session, film_ids),
        links=links,
        cases=_list_open_cases(session, film_ids, links),
        reports=_list_reports(session, film_ids),
        acts=_list_acts(session, film),
        logins=get_agent_logins(session),
    )


def _describe_fact(film: Film, fact: str) -> Fact:
    value = getattr(film, fact)
    text = format_fact(fact, value)
    if fact in film.edited:
        return Fact(FACTS[fact], text, "un agent", format_fact(fact, film.edited[fact]))
    if value in (None, "", []):
        return Fact(FACTS[fact], text, "", None)
    source = film.merged_attributes.get(fact, film.source)
    return Fact(FACTS[fact], text, f"base {source}", None)


def _list_titles(session: Session, film: Film) -> Sequence[FilmTitle]:
    return session.exec(select(FilmTitle).where(FilmTitle.film_id == film.id).order_by(col(FilmTitle.id))).all()


def _list_identifiers(session: Session, film: Film) -> Sequence[FilmIdentifier]:
    stmt = select(FilmIdentifier).where(FilmIdentifier.film_id == film.id)
    return session.exec(stmt.order_by(col(FilmIdentifier.scheme), col(FilmIdentifier.value))).all()


def _list_source_records(session: Session, film_ids: Sequence[int]) -> list[LinkedRecord]:
    stmt = select(SourceRecord).where(col(SourceRecord.film_id).in_(film_ids))
    logins = get_agent_logins(session)
    records = []
    for record in session.exec(stmt.order_by(col(SourceRecord.source), col(SourceRecord.id))):
        records.append(LinkedRecord(record, format_author(record, logins), explain_decision(record)))
    return records


def _list_links(session: Session, film_ids: Sequence[int]) -> list[FilmLink]:
    """Return the decisions about the film: live ones first, then the latest."""
    stmt = (
        select(Judgement, Entry, Platform)
        .join(Entry, col(Entry.id) == col(Judgement.entry_id))
        .join(Platform, col(Platform.id) == col(Entry.platform_id))
        .where(col(Judgement.film_id).in_(film_ids))
        .order_by(
            col(Judgement.superseded_at).is_not(None),
            col(Judgement.decided_at).desc(),
            col(Judgement.id).desc(),
        )
        .limit(_MAX_ROWS)
    )
    logins = get_agent_logins(session)
    links = []
    for judgement, entry, platform in session.exec(stmt):
        author = format_author(judgement, logins)
        links.append(FilmLink(judgement, entry, platform, author, explain_decision(judgement)))
    return links


def _list_open_cases(session: Session, film_ids: Sequence[int], links: Sequence[FilmLink]) -> Sequence[ReviewCase]:
    """Return the open cases about the film, or about an entry that is linked to it today."""
    entry_ids = [link.entry.id for link in links if link.judgement.superseded_at is None]
    concerns_film = or_(col(ReviewCase.film_id).in_(film_ids), col(ReviewCase.entry_id).in_(entry_ids))
    stmt = select(ReviewCase).where(is_open_case(), concerns_film)
    return session.exec(stmt.order_by(col(ReviewCase.id))).all()


def _list_reports(session: Session, film_ids: Sequence[int]) -> Sequence[ReaderReport]:
    stmt = select(ReaderReport).where(col(ReaderReport.film_id).in_(film_ids))
    return session.exec(stmt.order_by(col(ReaderReport.id).desc()).limit(_MAX_ROWS)).all()


def _list_acts(session: Session, film: Film) -> list[FilmAct]:
    agents = {agent.id: agent for agent in session.exec(select(Agent))}
    last = get_last_correction(session, film.id)
    undoable_id = None
    if last and film.merged_into is None:
        undoable_id = last.id
    acts = []
    for line in list_film_audit_lines(session, film.id):
        changes = list_changes(line.before, line.after)
        acts.append(FilmAct(line, agents.get(line.agent_id), changes, line.id == undoable_id))
    return acts
