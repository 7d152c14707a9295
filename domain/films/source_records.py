"""Lines of a second base: one film with another base's, doubtful, or left aside; what machines and persons decide of them."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, delete, insert, true, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from domain.common.enums import CaseCause, RecordState, Verdict
from domain.common.errors import UserError
from domain.films.attribute_merge import MergeResult, merge_attributes
from domain.films.formats import FilmRecord
from domain.films.upsert import FilmWriter
from domain.linking.authors import Author
from domain.linking.judgements import Proposal
from domain.linking.reasons import Reason, build_reason_columns
from domain.models.film import Film, FilmDirector, FilmIdentifier, FilmTitle, SourceRecord
from domain.models.review_case import ReviewCase


@dataclass(frozen=True)
class RecordDecision:
    """Represent what is decided of a record of a second source, by whom and why; `film_id` is its film when it is linked.

    `reasons` are in the order they applied: the last one decided. `clues` are what each comparison with the most probable
    film weighed. `doubt` is the word for what made the matcher doubt, `proposals` the films near it, most probable first.
    """

    state: RecordState
    author: Author
    reasons: Sequence[Reason]
    film_id: int | None = None
    probability: float | None = None
    doubt: str = ""
    proposals: tuple[Proposal, ...] = ()
    clues: Mapping[str, float] = field(default_factory=dict)


Linker = Callable[[Sequence[FilmRecord]], Sequence[RecordDecision]]
"""Decides lines of one base against the films of the database, in their order."""


class _KnownRecord(NamedTuple):
    id: int
    content_hash: str
    state: RecordState
    by_person: bool
    film_id: int | None


def build_record_payload(record: FilmRecord) -> dict[str, Any]:
    """What a line says, as `BaseLine.payload` keeps it."""
    return record.model_dump(mode="json")


def hash_payload(payload: dict[str, Any]) -> str:
    """What changes with a payload."""
    return hashlib.sha256(json.dumps(payload, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]


class SourceRecordStore:
    """The lines of one second base as they stand, and what an import changes of them.

    `only` names the lines to come, where they are few: the rest of the base is not read.
    """

    def __init__(self, session: Session, source: str, now: datetime, only: Sequence[str] | None = None) -> None:
        self._session, self._source, self._now = session, source, now
        self._here = and_(col(SourceRecord.source) == source, true() if only is None else col(SourceRecord.source_ref).in_(only))
        columns = (
            SourceRecord.source_ref,
            SourceRecord.id,
            SourceRecord.content_hash,
            SourceRecord.state,
            SourceRecord.by_person,
            SourceRecord.film_id,
        )
        told = session.exec(select(*columns).where(self._here))  # type: ignore[call-overload]
        self._known = {row[0]: _KnownRecord(*row[1:]) for row in told}
        self._new: list[dict[str, Any]] = []
        self._changed: list[tuple[int, dict[str, Any]]] = []
        self._left: set[int] = set()
        self._joined: set[int] = set()
        self._decided: dict[str, tuple[FilmRecord, RecordDecision]] = {}

    def has_record(self, line: FilmRecord) -> bool:
        """Whether the line was told before, as it is or otherwise."""
        return line.source_ref in self._known

    def get_film_id(self, line: FilmRecord) -> int | None:
        """The film that the line is, as far as it was decided."""
        if line.source_ref in self._decided:
            return self._decided[line.source_ref][1].film_id
        known = self._known.get(line.source_ref)
        return known.film_id if known else None

    def is_decided_by_person(self, line: FilmRecord) -> bool:
        """Whether a person said what the line is."""
        known = self._known.get(line.source_ref)
        return known is not None and known.by_person

    def is_resolved(self, line: FilmRecord, retry_set_aside: bool) -> bool:
        """Whether nothing is to be decided: a person did, or the line says what it said when a machine did."""
        known = self._known.get(line.source_ref)
        waits = known is not None and known.state is RecordState.ASIDE and retry_set_aside
        return self.is_decided_by_person(line) or (self.is_unchanged(line) and not waits)

    def is_unchanged(self, line: FilmRecord) -> bool:
        """Whether the line says what it said."""
        known = self._known.get(line.source_ref)
        return known is not None and known.content_hash == hash_payload(build_record_payload(line))

    def update_record(self, line: FilmRecord) -> None:
        """A line already decided says something else: its film gains that instead."""
        known, payload = self._known[line.source_ref], build_record_payload(line)
        self._changed.append((known.id, {"payload": payload, "content_hash": hash_payload(payload)}))
        if known.film_id and known.state is RecordState.LINKED:
            self._joined.add(known.film_id)

    def apply_decision(self, line: FilmRecord, decision: RecordDecision) -> None:
        """Takes a machine's decision."""
        known = self._known.get(line.source_ref)
        row = _build_record_row(line, decision) | {"decided_at": self._now}
        if known is None:
            self._new.append(row | {"source": self._source, "source_ref": line.source_ref})
        else:
            self._changed.append((known.id, row))
            self._left |= {known.film_id} if known.film_id and known.state is RecordState.LINKED else set()
        if decision.film_id and decision.state is RecordState.LINKED:
            self._joined.add(decision.film_id)
        self._decided[line.source_ref] = (line, decision)

    def release_films(self, film_ids: set[int]) -> None:
        """Films that lines left otherwise: they lose what these gave."""
        self._left |= film_ids

    def save_changes(self, extra_film_ids: Iterable[int] = ()) -> MergeResult:
        """Writes lines and cases, then what films gain: those that a line joined or left, and `also`."""
        connection = self._session.connection()
        for line_id, row in self._changed:
            changed = update(SourceRecord).where(col(SourceRecord.id) == line_id)
            if "state" in row:  # a person may have said what the line is since it was read
                changed = changed.where(col(SourceRecord.by_person).is_(False))
            connection.execute(changed.values(**row))
        if self._new:
            connection.execute(insert(SourceRecord), self._new)
        self._write_review_cases()
        merge_attributes(self._session, self._left, self._now)
        return merge_attributes(self._session, self._joined.union(extra_film_ids), self._now)

    def _write_review_cases(self) -> None:
        """Doubtful lines wait at the desk; those that are doubtful no more leave it."""
        numbers = dict(self._session.exec(select(SourceRecord.source_ref, SourceRecord.id).where(self._here)).all())
        asked = select(ReviewCase.source_record_id, ReviewCase.id).where(
            col(ReviewCase.closed_at).is_(None), col(ReviewCase.source_record_id).is_not(None)
        )
        waiting = dict(self._session.exec(asked).all())
        connection, opened = self._session.connection(), []
        for ref, (line, decision) in self._decided.items():
            case_id = waiting.get(numbers[ref])
            case = update(ReviewCase).where(col(ReviewCase.id) == case_id)
            if decision.state is RecordState.DOUBTFUL and case_id is None:
                opened.append(_build_case_row(line, decision) | {"source_record_id": numbers[ref], "opened_at": self._now})
            elif decision.state is RecordState.DOUBTFUL:
                connection.execute(case.values(**_build_case_row(line, decision)))
            elif case_id is not None:
                verdict = Verdict.SAME if decision.state is RecordState.LINKED else Verdict.NONE
                connection.execute(case.values(closed_at=self._now, outcome=verdict, chosen_id=decision.film_id))
        if opened:
            connection.execute(insert(ReviewCase), opened)


def _build_record_row(line: FilmRecord, decision: RecordDecision) -> dict[str, Any]:
    payload = build_record_payload(line)
    return {
        "payload": payload,
        "content_hash": hash_payload(payload),
        "state": decision.state,
        "film_id": decision.film_id,
        "probability": decision.probability,
        "clues": dict(decision.clues),
        "proposals": [asdict(proposal) for proposal in decision.proposals],
        "by_person": False,
        **asdict(decision.author),
        **build_reason_columns(decision.reasons),
    }


def _build_case_row(line: FilmRecord, decision: RecordDecision) -> dict[str, Any]:
    return {
        "cause": CaseCause.DOUBT,
        "doubt": decision.doubt,
        "film_id": decision.proposals[0].film_id if decision.proposals else None,
        "probability": decision.probability,
        "popularity": line.popularity,
    }


def resolve_record(session: Session, record: SourceRecord, film_id: int | None, author: Author, now: datetime) -> MergeResult:
    """A person says which film a line is, or with None that it is a film of its own, in the caller's transaction.

    Raises Problem when the line is a film of its own already.
    """
    if record.state is RecordState.NEW:
        raise UserError(f"{record.source} {record.source_ref} est déjà un film à part (n° {record.film_id})")
    left = {record.film_id} if record.film_id and record.state is RecordState.LINKED else set()
    conflicts: list[tuple[str, str]] = []
    if film_id is None:
        record.state, record.film_id = RecordState.DOUBTFUL, None
        session.add(record)
        session.flush()
        merge_attributes(session, left, now)  # the numbers that it lent are free again
        told = FilmRecord.model_validate({"line": 0, **record.payload})
        writer = FilmWriter(session, record.source, [told])
        writer.add_record(told)
        writer.write_films(session, now)
        conflicts = [(record.source_ref, fault.reason) for fault in writer.faults]
        record.state, record.film_id = RecordState.NEW, writer.film_ids[record.source_ref]
    else:
        record.state, record.film_id = RecordState.LINKED, film_id
    record.sqlmodel_update(asdict(author))
    record.by_person, record.decided_at = True, now
    session.add(record)
    session.flush()
    merge_attributes(session, left, now)
    gains = merge_attributes(session, {film_id} if film_id else set(), now)
    gains.conflicts += conflicts
    return gains


def reopen_record(session: Session, record: SourceRecord, now: datetime) -> None:
    """Takes back what was decided of a line: it is doubtful again, and its film loses what it gave.

    Raises Problem when the film that was made of it has served since, or was merged into another.
    """
    own = select(Film.merged_into).where(Film.source == record.source, Film.source_ref == record.source_ref)
    if (other := session.exec(own).first()) is not None:
        raise UserError(f"cette ligne est une fiche réunie à celle du film {other} : c'est de là qu'elle se sépare")
    state, film_id = record.state, record.film_id or 0
    record.state, record.film_id, record.by_person, record.decided_at = RecordState.DOUBTFUL, None, False, now
    session.add(record)
    session.flush()
    if state is RecordState.LINKED:
        merge_attributes(session, {film_id}, now)
    elif state is RecordState.NEW:
        _delete_film(session, film_id)


def _delete_film(session: Session, film_id: int) -> None:
    try:
        with session.begin_nested():
            for table in (FilmTitle, FilmIdentifier, FilmDirector):
                session.exec(delete(table).where(col(table.film_id) == film_id))
            session.exec(delete(Film).where(col(Film.id) == film_id))
    except IntegrityError:
        raise UserError(f"le film {film_id} a déjà servi : il ne peut plus être retiré") from None
