"""Lines of a second base: one film with another base's, doubtful, or left aside; what machines and persons decide of them."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, delete, insert, true, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from domain.common.enums import CaseCause, LineState, Verdict
from domain.common.errors import Problem
from domain.films.attribute_merge import Gains, regain
from domain.films.formats import FilmLine
from domain.films.upsert import Intake
from domain.linking.judgements import Proposal
from domain.models.film import BaseLine, Film, FilmDirector, FilmIdentifier, FilmTitle
from domain.models.review_case import ReviewCase


@dataclass(frozen=True)
class LineDecision:
    """What is decided of a line of a second base, by whom and why; `film_id` is its film when it is linked.

    `doubt` is the word for what made the matcher doubt, `proposals` the films near it, most probable first.
    """

    state: LineState
    who: str
    reason: str
    film_id: int | None = None
    probability: float | None = None
    doubt: str = ""
    proposals: tuple[Proposal, ...] = ()


Linker = Callable[[Sequence[FilmLine]], Sequence[LineDecision]]
"""Decides lines of one base against the films of the database, in their order."""


class _Known(NamedTuple):
    id: int
    content_hash: str
    state: LineState
    by_person: bool
    film_id: int | None


def line_payload(line: FilmLine) -> dict[str, Any]:
    """What a line says, as `BaseLine.payload` keeps it."""
    return line.model_dump(mode="json")


def line_digest(payload: dict[str, Any]) -> str:
    """What changes with a payload."""
    return hashlib.sha256(json.dumps(payload, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]


class LineBook:
    """The lines of one second base as they stand, and what an import changes of them.

    `only` names the lines to come, where they are few: the rest of the base is not read.
    """

    def __init__(self, session: Session, source: str, now: datetime, only: Sequence[str] | None = None) -> None:
        self._session, self._source, self._now = session, source, now
        self._here = and_(col(BaseLine.source) == source, true() if only is None else col(BaseLine.source_ref).in_(only))
        columns = (BaseLine.source_ref, BaseLine.id, BaseLine.content_hash, BaseLine.state, BaseLine.by_person, BaseLine.film_id)
        told = session.exec(select(*columns).where(self._here))  # type: ignore[call-overload]
        self._known = {row[0]: _Known(*row[1:]) for row in told}
        self._new: list[dict[str, Any]] = []
        self._changed: list[tuple[int, dict[str, Any]]] = []
        self._left: set[int] = set()
        self._joined: set[int] = set()
        self._decided: dict[str, tuple[FilmLine, LineDecision]] = {}

    def knows(self, line: FilmLine) -> bool:
        """Whether the line was told before, as it is or otherwise."""
        return line.source_ref in self._known

    def film_of(self, line: FilmLine) -> int | None:
        """The film that the line is, as far as it was decided."""
        if line.source_ref in self._decided:
            return self._decided[line.source_ref][1].film_id
        known = self._known.get(line.source_ref)
        return known.film_id if known else None

    def by_person(self, line: FilmLine) -> bool:
        """Whether a person said what the line is."""
        known = self._known.get(line.source_ref)
        return known is not None and known.by_person

    def settled(self, line: FilmLine, retry_aside: bool) -> bool:
        """Whether nothing is to be decided: a person did, or the line says what it said when a machine did."""
        known = self._known.get(line.source_ref)
        waits = known is not None and known.state is LineState.ASIDE and retry_aside
        return self.by_person(line) or (self.unchanged(line) and not waits)

    def unchanged(self, line: FilmLine) -> bool:
        """Whether the line says what it said."""
        known = self._known.get(line.source_ref)
        return known is not None and known.content_hash == line_digest(line_payload(line))

    def renew(self, line: FilmLine) -> None:
        """A line already decided says something else: its film gains that instead."""
        known, payload = self._known[line.source_ref], line_payload(line)
        self._changed.append((known.id, {"payload": payload, "content_hash": line_digest(payload)}))
        if known.film_id and known.state is LineState.LINKED:
            self._joined.add(known.film_id)

    def decide(self, line: FilmLine, decision: LineDecision) -> None:
        """Takes a machine's decision."""
        known = self._known.get(line.source_ref)
        row = _row(line, decision) | {"decided_at": self._now}
        if known is None:
            self._new.append(row | {"source": self._source, "source_ref": line.source_ref})
        else:
            self._changed.append((known.id, row))
            self._left |= {known.film_id} if known.film_id and known.state is LineState.LINKED else set()
        if decision.film_id and decision.state is LineState.LINKED:
            self._joined.add(decision.film_id)
        self._decided[line.source_ref] = (line, decision)

    def leave(self, film_ids: set[int]) -> None:
        """Films that lines left otherwise: they lose what these gave."""
        self._left |= film_ids

    def write(self, also: Iterable[int] = ()) -> Gains:
        """Writes lines and cases, then what films gain: those that a line joined or left, and `also`."""
        connection = self._session.connection()
        for line_id, row in self._changed:
            changed = update(BaseLine).where(col(BaseLine.id) == line_id)
            if "state" in row:  # a person may have said what the line is since it was read
                changed = changed.where(col(BaseLine.by_person).is_(False))
            connection.execute(changed.values(**row))
        if self._new:
            connection.execute(insert(BaseLine), self._new)
        self._write_cases()
        regain(self._session, self._left, self._now)
        return regain(self._session, self._joined.union(also), self._now)

    def _write_cases(self) -> None:
        """Doubtful lines wait at the desk; those that are doubtful no more leave it."""
        numbers = dict(self._session.exec(select(BaseLine.source_ref, BaseLine.id).where(self._here)).all())
        asked = select(ReviewCase.line_id, ReviewCase.id).where(
            col(ReviewCase.closed).is_(None), col(ReviewCase.line_id).is_not(None)
        )
        waiting = dict(self._session.exec(asked).all())
        connection, opened = self._session.connection(), []
        for ref, (line, decision) in self._decided.items():
            case_id = waiting.get(numbers[ref])
            case = update(ReviewCase).where(col(ReviewCase.id) == case_id)
            if decision.state is LineState.DOUBTFUL and case_id is None:
                opened.append(_case(line, decision) | {"line_id": numbers[ref], "opened": self._now})
            elif decision.state is LineState.DOUBTFUL:
                connection.execute(case.values(**_case(line, decision)))
            elif case_id is not None:
                verdict = Verdict.SAME if decision.state is LineState.LINKED else Verdict.NONE
                connection.execute(case.values(closed=self._now, outcome=verdict, chosen_id=decision.film_id))
        if opened:
            connection.execute(insert(ReviewCase), opened)


def _row(line: FilmLine, decision: LineDecision) -> dict[str, Any]:
    payload = line_payload(line)
    return {
        "payload": payload,
        "content_hash": line_digest(payload),
        "state": decision.state,
        "film_id": decision.film_id,
        "probability": decision.probability,
        "reason": decision.reason,
        "proposals": [asdict(proposal) for proposal in decision.proposals],
        "who": decision.who,
        "by_person": False,
    }


def _case(line: FilmLine, decision: LineDecision) -> dict[str, Any]:
    return {
        "cause": CaseCause.DOUBT,
        "doubt": decision.doubt,
        "film_id": decision.proposals[0].film_id if decision.proposals else None,
        "probability": decision.probability,
        "popularity": line.popularity,
    }


def settle_line(session: Session, line: BaseLine, film_id: int | None, who: str, now: datetime) -> Gains:
    """A person says which film a line is, or with None that it is a film of its own, in the caller's transaction.

    Raises Problem when the line is a film of its own already.
    """
    if line.state is LineState.NEW:
        raise Problem(f"{line.source} {line.source_ref} est déjà un film à part (n° {line.film_id})")
    left = {line.film_id} if line.film_id and line.state is LineState.LINKED else set()
    conflicts: list[tuple[str, str]] = []
    if film_id is None:
        line.state, line.film_id = LineState.DOUBTFUL, None
        session.add(line)
        session.flush()
        regain(session, left, now)  # the numbers that it lent are free again
        told = FilmLine.model_validate({"line": 0, **line.payload})
        intake = Intake(session, line.source, [told])
        intake.place(told)
        intake.write(session, now)
        conflicts = [(line.source_ref, fault.reason) for fault in intake.faults]
        line.state, line.film_id = LineState.NEW, intake.numbers[line.source_ref]
    else:
        line.state, line.film_id = LineState.LINKED, film_id
    line.who, line.by_person, line.decided_at = who, True, now
    session.add(line)
    session.flush()
    regain(session, left, now)
    gains = regain(session, {film_id} if film_id else set(), now)
    gains.conflicts += conflicts
    return gains


def reopen_line(session: Session, line: BaseLine, now: datetime) -> None:
    """Takes back what was decided of a line: it is doubtful again, and its film loses what it gave.

    Raises Problem when the film that was made of it has served since, or was merged into another.
    """
    own = select(Film.merged_into).where(Film.source == line.source, Film.source_ref == line.source_ref)
    if (other := session.exec(own).first()) is not None:
        raise Problem(f"cette ligne est une fiche réunie à celle du film {other} : c'est de là qu'elle se sépare")
    state, film_id = line.state, line.film_id or 0
    line.state, line.film_id, line.by_person, line.decided_at = LineState.DOUBTFUL, None, False, now
    session.add(line)
    session.flush()
    if state is LineState.LINKED:
        regain(session, {film_id}, now)
    elif state is LineState.NEW:
        _remove_film(session, film_id)


def _remove_film(session: Session, film_id: int) -> None:
    try:
        with session.begin_nested():
            for table in (FilmTitle, FilmIdentifier, FilmDirector):
                session.exec(delete(table).where(col(table.film_id) == film_id))
            session.exec(delete(Film).where(col(Film.id) == film_id))
    except IntegrityError:
        raise Problem(f"le film {film_id} a déjà servi : il ne peut plus être retiré") from None
