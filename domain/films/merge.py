"""Two records of one film made one: what the one that stays takes over, and how it is taken apart again."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, SQLModel, col, select

from domain.accounts.audit_trail import note
from domain.common.enums import LineState, TitleKind, Verdict
from domain.common.errors import Problem
from domain.films.attribute_merge import base_sources, regain
from domain.films.edits import lock_film, read_reason
from domain.films.formats import FilmLine
from domain.films.overrides import EDITABLE, giver
from domain.films.reassigned_records import Former, hand_over, put_line, read_line, take_back
from domain.films.snapshot import changes, read_sheet
from domain.films.upsert import Intake
from domain.linking.judgements import Decision, decide, live_judgement, reinstate
from domain.models.agent import Agent, AuditLine
from domain.models.entry import Entry
from domain.models.film import BaseLine, Film, FilmDirector, FilmIdentifier, FilmTitle
from domain.models.judgement import Candidate, Judgement
from domain.models.platform import Platform
from domain.models.review_case import Rejection, ReviewCase

_MERGED = "fiches réunies"
_TOLD_BY = {FilmTitle: ("key", "source"), FilmIdentifier: ("scheme", "value")}
_UNKNOWN: tuple[Any, ...] = (None, [], "")


@dataclass(frozen=True)
class Preview:
    """What a merge would move, and which facts the two records tell otherwise: (fact, of the one that stays, of the other).

    `mark` changes with any of it.
    """

    merged: Film
    survivor: Film
    entries: Sequence[tuple[Entry, Platform]]
    titles: Sequence[FilmTitle]
    identifiers: Sequence[FilmIdentifier]
    lines: Sequence[BaseLine]
    conflicts: Sequence[tuple[str, Any, Any]]
    gains: Sequence[tuple[str, Any]]
    mark: str


def entries_of(session: Session, film_id: int) -> list[tuple[Entry, Platform]]:
    """The lines of services that are said to be the film today, with their services."""
    asked = select(Entry, Platform).join(Judgement, col(Judgement.entry_id) == col(Entry.id))
    asked = asked.join(Platform, col(Platform.id) == col(Entry.platform_id))
    live = (col(Judgement.superseded_at).is_(None), Judgement.verdict == Verdict.SAME, Judgement.film_id == film_id)
    return list(session.exec(asked.where(*live).order_by(col(Platform.name), col(Entry.id))))


def preview(session: Session, merged_id: int, survivor_id: int) -> Preview:
    """What merging a film into another would do. Raises Problem when it cannot be."""
    merged, survivor = _both(session, merged_id, survivor_id)
    entries = entries_of(session, merged_id)
    titles, numbers, lines = (_rows(session, table, merged_id) for table in (FilmTitle, FilmIdentifier, BaseLine))
    both = [(fact, getattr(survivor, fact), getattr(merged, fact)) for fact in EDITABLE]
    told = [(fact, ours, theirs) for fact, ours, theirs in both if theirs not in _UNKNOWN]
    sheets = [read_sheet(session, film) for film in (survivor, merged)]
    seen = json.dumps([*sheets, [entry.id for entry, _ in entries]], sort_keys=True)
    return Preview(
        merged,
        survivor,
        entries,
        titles,
        numbers,
        lines,
        [(fact, ours, theirs) for fact, ours, theirs in told if ours != theirs and ours not in _UNKNOWN],
        [(fact, theirs) for fact, ours, theirs in told if ours in _UNKNOWN],
        hashlib.sha256(seen.encode()).hexdigest()[:16],
    )


def _rows(session: Session, table: Any, film_id: int) -> Sequence[Any]:
    found: Sequence[Any] = session.exec(select(table).where(table.film_id == film_id).order_by(table.id)).all()
    return found


def _both(session: Session, merged_id: int, survivor_id: int) -> tuple[Film, Film]:
    """The two films, locked in the order of their numbers. Raises Problem."""
    if merged_id == survivor_id:
        raise Problem("une fiche ne se réunit pas à elle-même : choisissez un autre film")
    films = {number: lock_film(session, number) for number in sorted((merged_id, survivor_id))}
    return films[merged_id], films[survivor_id]


def merge(session: Session, merged_id: int, survivor_id: int, agent: Agent, seen: str, reason: str, now: datetime) -> AuditLine:
    """Makes a film's number another name of a film that stays, which takes over its entries, titles, numbers and lines.

    The facts of the one that stays stand; what it lacks comes from the other, as from a line of a base. Those of the other stay
    written in its row, for the days when it was a film. `seen` is the mark of the preview. Raises Problem when something
    changed since, or when they cannot be merged.
    """
    told, before = read_reason(reason), preview(session, merged_id, survivor_id)
    if before.mark != seen:
        raise Problem("l’une des deux fiches a changé entre-temps : relisez ce qui sera réuni")
    merged, survivor = before.merged, before.survivor
    was, who = read_sheet(session, survivor), giver(agent.login)
    survivor.updated = now
    session.add(survivor)
    detail: dict[str, Any] = {"reason": told, "merged": merged_id}
    detail["lines"] = [former.told() for former in hand_over(session, merged_id, survivor_id, who, now)]
    line = read_line(session, merged)
    detail["line"] = put_line(session, merged, line, survivor_id, who, now).told()
    detail["rows"] = _move_rows(session, merged, survivor_id)
    merged.merged_into, merged.updated, merged.content_hash = survivor_id, now, ""
    session.add(merged)
    session.flush()
    detail["entries"] = move_entries(session, [entry for entry, _ in before.entries], survivor_id, who, _MERGED, now)
    detail |= _move_doubts(session, merged_id, survivor_id)
    regain(session, {survivor_id}, now)
    old, new = changes(was, read_sheet(session, session.get_one(Film, survivor_id)))
    note(session, now, agent.id, "film-merged", film_id=merged_id, detail={"reason": told, "into": survivor_id})
    return note(session, now, agent.id, "film-merge", film_id=survivor_id, detail=detail, before=old, after=new)


def _move_rows(session: Session, merged: Film, survivor_id: int) -> dict[str, list[Any]]:
    """What persons and services gave follows the film; what bases gave is in its lines. What became of it.

    `titles` and `numbers` tell the rows moved, `twice` the titles that the other had already.
    """
    moved: dict[str, list[Any]] = {"titles": [], "numbers": [], "twice": []}
    bases = base_sources(session) | {merged.source, ""}
    keys = {title.key for title in _rows(session, FilmTitle, survivor_id)}
    for name, table in (("titles", FilmTitle), ("numbers", FilmIdentifier)):
        for row in _rows(session, table, merged.id):
            if row.source in bases or row.source.startswith(f"{merged.source} "):
                session.delete(row)
            elif name == "titles" and row.key in keys:
                moved["twice"].append(row.model_dump(exclude={"id", "film_id"}, mode="json"))
                session.delete(row)
            else:
                row.film_id = survivor_id
                moved[name].append(row.model_dump(include={*_TOLD_BY[table]}))
    session.exec(delete(FilmDirector).where(col(FilmDirector.film_id) == merged.id))
    session.flush()
    return moved


def move_entries(
    session: Session, entries: Iterable[Entry], film_id: int, who: str, reason: str, now: datetime
) -> list[tuple[int, int | None]]:
    """Decides that entries are a film, as a person's word; their numbers, each with that of the decision before."""
    moved = []
    for entry in entries:
        number = entry.id or 0
        decision, live = _word(film_id, who, reason, entry.content_hash), live_judgement(session, number)
        decide(session, number, live, decision, now)
        moved.append((number, live.id if live else None))
    session.flush()
    return moved


def _word(film_id: int, who: str, reason: str, content_hash: str) -> Decision:
    return Decision(Verdict.SAME, film_id, who, reason, by_person=True, content_hash=content_hash)


def _move_doubts(session: Session, merged_id: int, survivor_id: int) -> dict[str, list[int]]:
    """Cases, films put forward and films rejected speak of the one that stays; the numbers of the rows changed."""
    cases = session.exec(select(ReviewCase).where(col(ReviewCase.closed).is_(None), ReviewCase.film_id == merged_id)).all()
    found: dict[str, list[int]] = {"cases": [case.id or 0 for case in cases]}
    for case in cases:
        case.film_id = survivor_id
    for name, table in (("candidates", Candidate), ("rejections", Rejection)):
        theirs = set(session.exec(select(table.entry_id).where(table.film_id == survivor_id)))
        if table is Rejection:
            theirs |= {entry.id or 0 for entry, _ in entries_of(session, survivor_id)}
        rows: Sequence[Any] = session.exec(select(table).where(table.film_id == merged_id)).all()
        found[name] = [row.id for row in rows if row.entry_id not in theirs]
        for row in rows:
            if row.entry_id not in theirs:
                row.film_id = survivor_id
            elif table is Candidate:
                session.delete(row)
    session.flush()
    return found


def take_apart(session: Session, act: AuditLine, now: datetime) -> None:
    """Undoes a merge: the film stands again under its number, with what it brought. Raises Problem when a link changed since."""
    told, survivor_id = act.detail, act.film_id or 0
    merged = session.get_one(Film, told["merged"])
    lock_film(session, survivor_id)
    if merged.merged_into != survivor_id:
        raise Problem("ces fiches ne sont plus réunies")
    merged.merged_into, merged.updated = None, now
    session.add(merged)
    session.flush()
    return_entries(session, told["entries"], survivor_id, _MERGED, now)
    _return_rows(session, told, merged.id, survivor_id)
    line = take_back(session, [Former(**former) for former in told["lines"]], Former(**told["line"]))
    regain(session, {survivor_id}, now)
    if line.state is LineState.ASIDE:  # it had no row; without one, nothing would tell its gifts from the film's own facts
        session.delete(line)
    stand_again(session, merged, FilmLine.model_validate({"line": 0, **line.payload}), now)


def stand_again(session: Session, merged: Film, line: FilmLine, now: datetime) -> None:
    """Gives a film that stands again what its line says today."""
    intake = Intake(session, merged.source, [line])
    intake.place(line)
    intake.write(session, now)
    regain(session, {merged.id}, now)


def return_entries(session: Session, moved: Iterable[tuple[int, int | None]], film_id: int, reason: str, now: datetime) -> None:
    """Takes back what `move_entries` decided. Raises Problem when one of them was decided otherwise since."""
    for entry_id, former_id in moved:
        live = live_judgement(session, entry_id)
        if live is None or (live.film_id, live.by_person, live.reason) != (film_id, True, reason):
            title = session.get_one(Entry, entry_id).title
            raise Problem(f"la ligne « {title} » a été décidée autrement depuis : rien n’est annulé")
        reinstate(session, live, session.get(Judgement, former_id or 0), now)


def _return_rows(session: Session, told: dict[str, Any], merged_id: int, survivor_id: int) -> None:
    for table, name in ((FilmTitle, "titles"), (FilmIdentifier, "numbers")):
        for like in told["rows"][name]:
            same = (getattr(table, column) == value for column, value in like.items())
            for row in session.exec(select(table).where(table.film_id == survivor_id, *same)):
                row.film_id = merged_id
    moved: tuple[tuple[type[SQLModel], list[int]], ...] = (
        (ReviewCase, told["cases"]),
        (Candidate, told["candidates"]),
        (Rejection, told["rejections"]),
    )
    for other, numbers in moved:
        for number in numbers:
            one: Any = session.get(other, number)
            if one is not None and one.film_id == survivor_id:
                one.film_id = merged_id
    session.add_all(FilmTitle(film_id=merged_id, **row | {"kind": TitleKind(row["kind"])}) for row in told["rows"]["twice"])
    session.flush()
